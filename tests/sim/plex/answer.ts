/** What routes take and give: a decoded request and an answer not yet rendered. */
import type { IncomingHttpHeaders } from "node:http";
import type { Query } from "./query.ts";
import type { Row } from "./wire.ts";

export interface SimCall {
  /** Upper case. */
  method: string;
  /** Percent-decoded, without the query. */
  path: string;
  query: Query;
  headers: IncomingHttpHeaders;
  body: Uint8Array;
  /** False for a token that may only read. */
  owner: boolean;
}

export type Answer =
  /** Rendered as XML or JSON, as the client asked. */
  | { kind: "container"; status: number; row: Row; headers?: Record<string, string> | undefined }
  | { kind: "text"; status: number; contentType: string; body: string }
  | { kind: "bytes"; status: number; contentType: string; body: Uint8Array }
  /** Never answered; the connection stays open until the client ends it. */
  | { kind: "hang" }
  /** A stream of server-sent events: the connection goes to the notification hub. */
  | { kind: "events"; filter: string };

/** Value of an X-Plex-* parameter: header first, then query. */
export function plexParam(call: SimCall, name: string): string | undefined {
  const header = call.headers[name.toLowerCase()];
  if (typeof header === "string") return header;
  const wanted = name.toLowerCase();
  return call.query.params.find((p) => p.key.toLowerCase() === wanted)?.value;
}

/** A MediaContainer with 200. `size` defaults to the length of the first child list. */
export function container(row: Row, headers?: Record<string, string>): Answer {
  const children = Object.values(row).find((value) => Array.isArray(value));
  const size = Array.isArray(children) ? children.length : 0;
  return { kind: "container", status: 200, row: { size, ...row }, headers };
}

/** Success of most writes: 200, text/html, nothing in it. */
export function empty(): Answer {
  return { kind: "text", status: 200, contentType: "text/html", body: "" };
}

const REASONS: Record<number, string> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  409: "Conflict",
  414: "URI Too Long",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

/** The small HTML page of an error, the same whatever the client accepts. */
export function htmlError(status: number, detail?: string): Answer {
  const reason = REASONS[status] ?? "Error";
  const body = `<html><head><title>${reason}</title></head><body><h1>${status} ${
    detail ?? reason
  }</h1></body></html>`;
  return { kind: "text", status, contentType: "text/html", body };
}
