import {
  baseUrl,
  type BoundedAnswer,
  boundedFetch,
  dateOf,
  type Fetch,
  TransportFailure,
} from "../core/http/bounded_fetch.ts";
import { takeJson } from "../core/http/take_json.ts";
import { basicCredentials } from "../core/http/basic_credentials.ts";
import type { Addressed } from "../core/failures/connection_hint.ts";
import { UserError } from "../core/failures/errors.ts";
import { createRedactor } from "../core/text/redact.ts";
import {
  contentError,
  type GraphqlError,
  graphqlError,
  readErrors,
  statusError,
  transportError,
} from "./classify.ts";
import { type Fields, fields } from "./read_scene.ts";

export interface StashHttpOptions {
  /** Base URL; a path prefix of a reverse proxy is kept, user info and query are not. */
  url: string;
  /** Sent as a header only; left out when empty, for a wrong key is refused even where none is needed. */
  apiKey?: string | undefined;
  /** The cookie of a session, for a plugin that was given no key. */
  session?: { name: string; value: string } | undefined;
  /** For basic authentication by what stands before Stash; sent as a header only. */
  user?: string | undefined;
  password?: string | undefined;
  fetch: Fetch;
  /** The variable that names the proxy on the way, for hints. */
  proxy?: string | null | undefined;
  /** Added to the read time-out for the wait until the response headers. */
  connectTimeoutMs: number;
  /** Longest silence within an answer. */
  readTimeoutMs: number;
  /** Largest cover, default 16 MiB. */
  maxImageBytes?: number;
  /** Ends all requests, which then reject with the signal's reason. */
  signal?: AbortSignal | undefined;
}

export interface StashRequest {
  /** Completes "Cannot …", such as `read 3 scenes`. */
  action: string;
  signal?: AbortSignal | undefined;
}

/** Requests to one Stash; every failure is a `PlexsyncError`. */
export interface StashHttp {
  /** As its settings name it. */
  readonly server: Addressed;
  /**
   * `data` with what errors came beside it; without data it rejects.
   * `serverNow`: the server's own clock, epoch ms; null when it does not tell
   */
  query(
    request: StashRequest,
    document: string,
    variables?: Record<string, unknown>,
  ): Promise<{ data: Fields; errors: GraphqlError[]; serverNow: number | null }>;
  /** Any status is an answer here. */
  get(request: StashRequest, path: string, headers: Record<string, string>): Promise<BoundedAnswer>;
}

/** A page of a thousand full scenes stays far below. */
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;

const MAX_IMAGE_BYTES = 16 * 1024 * 1024;

/** @throws {UserError} the key cannot be a header value */
export function createStashHttp(options: StashHttpOptions): StashHttp {
  const base = baseUrl(options.url);
  const apiKey = options.apiKey ?? "";
  // Checked here, because the error that Deno gives for it quotes the value.
  if (!/^[\x21-\x7e]*$/.test(apiKey)) {
    const hint = "Copy it again from Settings > Security in Stash";
    throw new UserError("Cannot use stash_api_key: it holds characters no key has", "usage", hint);
  }
  const auth: Record<string, string> = apiKey === "" ? {} : { ApiKey: apiKey };
  const cookie = `${options.session?.name}=${options.session?.value}`;
  // What no cookie can hold did not come from Stash, and would split the header.
  if (options.session !== undefined && /^[\x21-\x3a\x3c-\x7e]+$/.test(cookie)) auth.Cookie = cookie;

  const { user = "", password = "", proxy } = options;
  const basic = user === "" && password === "" ? "" : basicCredentials(user, password);
  if (basic !== "") auth.Authorization = `Basic ${basic}`;
  const server: Addressed = { name: "Stash", key: "stash_url", url: base, proxy };

  // Stash repeats what it was sent in some of its errors, and errors are stored and printed.
  const mask = createRedactor([apiKey, options.session?.value ?? "", password, basic]);
  const masked = (answer: BoundedAnswer): BoundedAnswer => {
    const body = new TextEncoder().encode(mask(new TextDecoder().decode(answer.body)));
    return { ...answer, body };
  };

  async function send(
    { action, signal }: StashRequest,
    request: {
      method: "GET" | "POST";
      path: string;
      headers: Record<string, string>;
      body?: string | undefined;
      maxBytes: number;
    },
  ): Promise<BoundedAnswer> {
    const signals = [options.signal, signal].filter((each) => each !== undefined);
    try {
      const answer = await boundedFetch(options.fetch, {
        url: `${base}/${request.path}`,
        method: request.method,
        headers: { ...auth, ...request.headers },
        body: request.body,
        headersTimeoutMs: options.connectTimeoutMs + options.readTimeoutMs,
        silenceTimeoutMs: options.readTimeoutMs,
        maxBytes: request.maxBytes,
        signal: signals.length === 0 ? undefined : AbortSignal.any(signals),
      });
      return answer.status < 300 ? answer : masked(answer);
    } catch (thrown) {
      throw thrown instanceof TransportFailure ? transportError(action, thrown, server) : thrown;
    }
  }

  /** `undefined` for what is not JSON. */
  function taken(action: string, body: Uint8Array<ArrayBuffer>): unknown {
    try {
      return takeJson(body);
    } catch (thrown) {
      if (thrown instanceof TransportFailure) throw transportError(action, thrown, server);
      return undefined;
    }
  }

  return {
    server,

    async query(request, document, variables = {}) {
      const answer = await send(request, {
        method: "POST",
        path: "graphql",
        // With `*/*` Stash answers in another media type and other codes.
        headers: { "Accept": "application/json", "Content-Type": "application/json" },
        body: JSON.stringify({ query: document, variables }),
        maxBytes: MAX_ANSWER_BYTES,
      });
      if (answer.status !== 200) throw statusError(request.action, answer, server);
      const parsed = fields(taken(request.action, answer.body));
      if (parsed === null) throw contentError(request.action);
      const errors = readErrors(parsed).map((each) => ({ ...each, message: mask(each.message) }));
      const data = fields(parsed.data);
      if (data !== null) return { data, errors, serverNow: dateOf(answer.headers) };
      throw errors.length > 0 ? graphqlError(request.action, errors) : contentError(request.action);
    },

    get: (request, path, headers) =>
      send(request, {
        method: "GET",
        path,
        headers,
        maxBytes: options.maxImageBytes ?? MAX_IMAGE_BYTES,
      }),
  };
}
