import type { BoundedAnswer, TransportFailure } from "../core/http/bounded_fetch.ts";
import { type Addressed, connectionHint, statusHint } from "../core/failures/connection_hint.ts";
import { PlexsyncError } from "../core/failures/errors.ts";
import { text } from "../core/text/json.ts";
import { fields, list } from "./read_scene.ts";

const KEY =
  "Stash wants a valid API key: copy it from Settings > Security in Stash into stash_api_key; work " +
  "resumes by itself after that";
const BASIC =
  "What stands before Stash wants a user name and a password: set stash_user and stash_password";
const ELSEWHERE =
  "The request was sent elsewhere, perhaps to a log-in page: check stash_url and stash_api_key";
const TOO_OLD =
  "Stash is older than v0.27, or changed its schema: update Stash, then retry the dead letters";
const WRONG_URL = "Nothing of Stash's is there: check stash_url";

/** One entry of a GraphQL answer's `errors`. */
export interface GraphqlError {
  message: string;
  /** "" for errors of resolvers, which have none. */
  code: string;
}

export function readErrors(answer: unknown): GraphqlError[] {
  return list(fields(answer)?.errors).map((error) => ({
    message: text(error.message),
    code: text(fields(error.extensions)?.code),
  }));
}

/** Nothing of a scene can be said then, least of all that it is gone. */
export function transportError(
  action: string,
  failure: TransportFailure,
  server: Addressed,
): PlexsyncError {
  const text = `Cannot ${action}: Stash ${failure.message}`;
  const hint = connectionHint(server, failure.trouble);
  return new PlexsyncError("StashUnavailable", text, { cause: failure, hint });
}

/**
 * The error for an answer that is not 2xx. All of them leave the job as it is, for none
 * of them speaks of one scene, but for the refused query: that one never gets better.
 */
export function statusError(action: string, answer: BoundedAnswer, server: Addressed) {
  const { status, body } = answer;
  const refusal = readErrors(parseJson(body)).find(isRefusedQuery);
  if (refusal !== undefined) return refusedQuery(action, refusal, status);
  const base = `Cannot ${action}: Stash answered ${status}`;
  // The tripwire against exposure to the internet explains itself in its text.
  const said = status === 403 ? `: ${oneLine(new TextDecoder().decode(body))}` : "";
  const hint = hintOf(answer) ?? statusHint(answer, server);
  return new PlexsyncError("StashUnavailable", base + said, { status, hint });
}

/** The error for `errors` within a 2xx answer, such as `database is locked`. */
export function graphqlError(action: string, errors: readonly GraphqlError[]): PlexsyncError {
  const refusal = errors.find(isRefusedQuery);
  if (refusal !== undefined) return refusedQuery(action, refusal, 200);
  const said = oneLine(errors[0]?.message ?? "");
  // The status tells that Stash does answer: the error may be one scene's own.
  return new PlexsyncError("StashUnavailable", `Cannot ${action}: Stash says "${said}"`, {
    status: 200,
  });
}

/**
 * The error for a 2xx answer that is not what was asked for: cut, HTML, another program.
 * @param status Of an answer that came whole, where that matters
 */
export function contentError(action: string, what = "JSON", status?: number): PlexsyncError {
  const text = `Cannot ${action}: Stash answered without the expected ${what}`;
  return new PlexsyncError("StashUnavailable", text, { status, hint: WRONG_URL });
}

/** `undefined` for what is not JSON. */
function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined;
  }
}

function hintOf({ status, headers }: BoundedAnswer): string | undefined {
  // Stash itself never asks for it.
  if (status === 401 && /^basic\b/i.test(headers.get("www-authenticate") ?? "")) return BASIC;
  if (status === 401) return KEY;
  // Without a key, images redirect to the log-in page.
  if (status >= 300 && status < 400) return ELSEWHERE;
  return status === 404 ? WRONG_URL : undefined;
}

/** The two codes by which a server says that it does not know a field. */
function isRefusedQuery({ code }: GraphqlError): boolean {
  return code === "GRAPHQL_VALIDATION_FAILED" || code === "GRAPHQL_PARSE_FAILED";
}

function refusedQuery(action: string, { message }: GraphqlError, status: number): PlexsyncError {
  return new PlexsyncError(
    "PermanentError",
    `Cannot ${action}: Stash does not understand the query: ${oneLine(message)}`,
    { status, hint: TOO_OLD },
  );
}

/** A server's own words, fit for a log line. */
function oneLine(words: string): string {
  const flat = words.replace(/[\p{Cc}\p{Cs}\s]+/gu, " ").trim();
  return flat.length > 200 ? `${flat.slice(0, 200).toWellFormed()}…` : flat;
}
