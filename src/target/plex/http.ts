import {
  baseUrl,
  type BoundedAnswer,
  boundedFetch,
  type Fetch,
  TransportFailure,
} from "../../core/http/bounded_fetch.ts";
import { takeJson } from "../../core/http/take_json.ts";
import type { Addressed } from "../../core/failures/connection_hint.ts";
import { UserError } from "../../core/failures/errors.ts";
import type { Runtime } from "../../core/runtime.ts";
import { type Asked, contentError, statusError, transportError } from "./classify.ts";
import { type Row, row } from "./lenient.ts";

export interface PlexHttpOptions {
  /** Base URL; a path prefix of a reverse proxy is kept, user info and query are not. */
  url: string;
  /** Sent as a header only. */
  token: string;
  fetch: Fetch;
  /** The variable that names the proxy on the way, for hints. */
  proxy?: string | null | undefined;
  /** Added to the read time-out for the wait until the response headers. */
  connectTimeoutMs: number;
  /** Longest silence within an answer. */
  readTimeoutMs: number;
  /** Stable id of this installation, as Plex wants of each client. */
  clientIdentifier: string;
  /** Of plexsync. */
  version: string;
  /** Told before each request; `path` is without the query. */
  onRequest?: (request: { method: string; path: string }) => void;
  /** Ends all requests, which then reject with the signal's reason. */
  signal?: AbortSignal | undefined;
  runtime: Pick<Runtime, "now">;
}

export interface PlexRequest extends Asked {
  method: "GET" | "PUT" | "POST";
  /** From the server's root, with its query already encoded. */
  path: string;
  headers?: Record<string, string>;
  body?: Uint8Array<ArrayBuffer>;
  /** Overrides the wait until the headers. */
  timeoutMs?: number;
  /** Of the answer; default 32 MiB. */
  maxBytes?: number;
}

/** Requests to one Plex server; every failure is a `PlexsyncError` of the right type. */
export interface PlexHttp {
  /** @throws {PlexsyncError} on anything but 2xx */
  send(request: PlexRequest): Promise<BoundedAnswer>;
  /** The `MediaContainer` of the JSON answer. */
  container(request: PlexRequest): Promise<{ container: Row; headers: Headers }>;
  /** Our own clock, epoch ms, for answers that do not tell Plex's. */
  now(): number;
}

/** A page of 500 movies with all their files is about 5 MB. */
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;

/** @throws {UserError} the token cannot be a header value */
export function createPlexHttp(options: PlexHttpOptions): PlexHttp {
  const base = baseUrl(options.url);
  // Checked here, because the error that Deno gives for it quotes the value.
  if (!/^[\x21-\x7e]*$/.test(options.token)) {
    const hint = "Copy the token again: letters, digits, - and _ only, without blanks";
    throw new UserError("Cannot use plex_token: it holds characters no token has", "usage", hint);
  }
  const common: Record<string, string> = {
    "Accept": "application/json",
    "X-Plex-Token": options.token,
    "X-Plex-Client-Identifier": options.clientIdentifier,
    "X-Plex-Product": "plexsync",
    "X-Plex-Version": options.version,
    "X-Plex-Device": "plexsync",
  };

  const server: Addressed = { name: "Plex", key: "plex_url", url: base, proxy: options.proxy };

  async function send(request: PlexRequest): Promise<BoundedAnswer> {
    options.onRequest?.({ method: request.method, path: request.path.split("?")[0]! });
    let answer: BoundedAnswer;
    try {
      answer = await boundedFetch(options.fetch, {
        url: base + request.path,
        method: request.method,
        headers: { ...common, ...request.headers },
        body: request.body,
        headersTimeoutMs: request.timeoutMs ?? options.connectTimeoutMs + options.readTimeoutMs,
        silenceTimeoutMs: options.readTimeoutMs,
        maxBytes: request.maxBytes ?? MAX_ANSWER_BYTES,
        signal: options.signal,
      });
    } catch (thrown) {
      throw thrown instanceof TransportFailure ? transportError(request, thrown, server) : thrown;
    }
    if (answer.status < 200 || answer.status > 299) throw statusError(request, answer, server);
    return answer;
  }

  async function container(request: PlexRequest) {
    const { status, headers, body } = await send(request);
    let parsed: unknown;
    try {
      parsed = takeJson(body);
    } catch (thrown) {
      if (thrown instanceof TransportFailure) throw transportError(request, thrown, server);
      // The parser's own message quotes the body, which is of no use to a person.
      throw contentError(request, status);
    }
    const found = row(row(parsed)?.MediaContainer);
    if (found === null) throw contentError(request, status);
    return { container: found, headers };
  }

  return { send, container, now: options.runtime.now };
}
