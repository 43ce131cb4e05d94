/** One HTTP request and its answer as values, so that routes are functions. */
import { Buffer } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";

export interface HttpRequest {
  method: string;
  /** Percent-encoding kept; a trailing slash is cut, as Stash does. */
  path: string;
  query: URLSearchParams;
  header(name: string): string | undefined;
  body: Buffer;
  remoteAddress: string;
  /** Aborted when the client goes away before it has its answer. */
  signal: AbortSignal;
}

export interface HttpAnswer {
  status: number;
  headers: Record<string, string>;
  body: string | Uint8Array;
}

export function answer(
  status: number,
  body: string | Uint8Array = "",
  headers: Record<string, string> = {},
): HttpAnswer {
  return { status, headers, body };
}

export function json(status: number, value: unknown): HttpAnswer {
  return answer(status, JSON.stringify(value), { "Content-Type": "application/json" });
}

export async function readRequest(
  req: IncomingMessage,
  signal: AbortSignal,
): Promise<HttpRequest> {
  const parts: Buffer[] = [];
  for await (const part of req) parts.push(part);
  return requestOf(req, Buffer.concat(parts), signal);
}

export function requestOf(req: IncomingMessage, body: Buffer, signal: AbortSignal): HttpRequest {
  const target = req.url ?? "/";
  const at = target.indexOf("?");
  const path = at < 0 ? target : target.slice(0, at);
  return {
    method: req.method ?? "GET",
    path: path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path,
    query: new URLSearchParams(at < 0 ? "" : target.slice(at + 1)),
    header: (name) => {
      const value = req.headers[name.toLowerCase()];
      return Array.isArray(value) ? value.join(", ") : value;
    },
    body,
    remoteAddress: req.socket.remoteAddress ?? "",
    signal,
  };
}

/** @returns a signal that is aborted when the connection ends before the answer is complete */
export function signalOf(res: ServerResponse): AbortSignal {
  const gone = new AbortController();
  res.once("close", () => {
    if (!res.writableFinished) gone.abort();
  });
  return gone.signal;
}

/** Only plain JSON is compressed, and only when asked for. */
export function send(request: HttpRequest, out: HttpAnswer, res: ServerResponse): void {
  const headers: Record<string, string> = { ...out.headers };
  let body: Uint8Array = typeof out.body === "string" ? Buffer.from(out.body) : out.body;
  const wantsGzip = /\bgzip\b/.test(request.header("accept-encoding") ?? "");
  if (headers["Content-Type"] === "application/json") {
    headers.Vary = "Accept-Encoding";
    if (wantsGzip && body.length > 0) {
      body = gzipSync(body);
      headers["Content-Encoding"] = "gzip";
    }
  }
  if (request.header("origin") !== undefined) headers["Access-Control-Allow-Origin"] = "*";
  if (out.status !== 304) headers["Content-Length"] = String(body.length);
  res.writeHead(out.status, headers);
  res.end(out.status === 304 ? undefined : body);
}

/** Scheme, host and prefix as the client or its proxy names them. */
export function baseUrlOf(request: HttpRequest): string {
  const scheme = request.header("x-forwarded-proto") ?? "http";
  const prefix = (request.header("x-forwarded-prefix") ?? "").replace(/\/$/, "");
  return `${scheme}://${request.header("host") ?? "localhost"}${prefix}`;
}
