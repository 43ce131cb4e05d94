import type { Refusal } from "./refusal.ts";

/** What is said back. No CORS header is among its headers: no page of another origin may read it. */
const HEADERS: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
};

export function jsonAnswer(
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const type = { "content-type": "application/json" };
  return new Response(JSON.stringify(value) + "\n", {
    status,
    headers: { ...HEADERS, ...type, ...headers },
  });
}

export function textAnswer(text: string): Response {
  return new Response(text, {
    headers: { ...HEADERS, "content-type": "text/plain; charset=utf-8" },
  });
}

/** Prometheus' text format. */
export function metricsAnswer(text: string): Response {
  const type = { "content-type": "text/plain; version=0.0.4; charset=utf-8" };
  return new Response(text, { headers: { ...HEADERS, ...type } });
}

export function refusalAnswer({ status, message, hint, headers }: Refusal): Response {
  return jsonAnswer(status, { error: message, hint }, headers);
}

const STREAMED = "application/x-ndjson";
const EVENTS = "text/event-stream";

/** Lines of JSON, each sent when there is one. */
export function streamAnswer(lines: ReadableStream<Uint8Array>): Response {
  return new Response(lines, { headers: { ...HEADERS, "content-type": STREAMED } });
}

/** Server-sent events; null for the head alone. */
export function eventsAnswer(events: ReadableStream<Uint8Array> | null): Response {
  return new Response(events, {
    // nginx would hold them back until there are some kilobytes, which may take hours.
    headers: { ...HEADERS, "content-type": EVENTS, "x-accel-buffering": "no" },
  });
}

/** Whether its body comes bit by bit, for as long as somebody takes it. */
export function isStreamed({ headers }: Response): boolean {
  return [STREAMED, EVENTS].includes(headers.get("content-type") ?? "");
}
