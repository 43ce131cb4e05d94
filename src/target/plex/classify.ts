import type { BoundedAnswer, TransportFailure } from "../../core/http/bounded_fetch.ts";
import { type Addressed, connectionHint, statusHint } from "../../core/failures/connection_hint.ts";
import type { ErrorType } from "../../core/failures/error_types.ts";
import { type ErrorDetails, PlexsyncError } from "../../core/failures/errors.ts";

/** What a request was about, for the type and the text of its error. */
export interface Asked {
  /** Completes "Cannot …", such as `edit item 12`; no path, no token. */
  action: string;
  /** `item`: one item of a job; `section`: one library; `server`: anything wider. */
  subject: "item" | "section" | "server";
}

/** Types of the statuses that the ranges below do not decide. */
const BY_STATUS: Readonly<Record<number, ErrorType>> = {
  401: "PlexUnauthorized",
  // A proxy on the way, not Plex.
  407: "PlexServerDown",
  408: "PlexTemporaryError",
  409: "PlexTemporaryError",
  429: "PlexTemporaryError",
  502: "PlexServerDown",
  503: "PlexServerDown",
  504: "PlexServerDown",
};

/** The server as far as it is known without its settings. */
const PLEX: Addressed = { name: "Plex", key: "plex_url", url: "" };

const TOO_LARGE =
  "The image is too large for Plex or a proxy before it: set a smaller one in Stash";
const TOO_LONG =
  "Plex, or a proxy before it, takes hardly any URL: raise the proxy's limit for request lines";
const NOT_PLEX = "Nothing of Plex's is there: check plex_url";
const NO_LIBRARY = "The library may have been removed from Plex: check plex_library";

/** The error for an answer that is not 2xx. Decided by status alone, but for `isStartingUp`. */
export function statusError(
  asked: Asked,
  answer: BoundedAnswer,
  server: Addressed = PLEX,
): PlexsyncError {
  const { status, headers } = answer;
  const retryAfterMs = retryAfter(headers);
  const details: ErrorDetails = { status, retryAfterMs, hint: statusHint(answer, server) };
  const text = `Cannot ${asked.action}: Plex answered ${status}`;
  if (isStartingUp(answer)) {
    return new PlexsyncError("PlexServerDown", `${text}, still starting up`, details);
  }
  if (status >= 300 && status < 400) {
    return new PlexsyncError("PlexPermanentError", text, { ...details, hint: redirected(headers) });
  }
  if (status === 404) return notFound(asked, text, details);
  const type = BY_STATUS[status] ?? (status >= 500 ? "PlexTemporaryError" : "PlexPermanentError");
  if (status === 413) details.hint = TOO_LARGE;
  if (status === 414) details.hint = TOO_LONG;
  return new PlexsyncError(type, text, details);
}

/**
 * The error for a request without a usable answer. Deno tells refused, unknown host
 * and reset apart by text only, so all that came before the headers is "down".
 * A time-out counts against the job only where one item can be the cause; anything
 * wider means the server, and an outage must spend no attempt.
 */
export function transportError(
  asked: Asked,
  failure: TransportFailure,
  server: Addressed = PLEX,
): PlexsyncError {
  const hint = connectionHint(server, failure.trouble);
  const text = `Cannot ${asked.action}: Plex ${failure.message}`;
  switch (failure.kind) {
    case "unreachable":
      return new PlexsyncError("PlexServerDown", text, { cause: failure, hint });
    case "headers-timeout":
    case "body-timeout": {
      const type = asked.subject === "item" ? "TransientError" : "PlexServerDown";
      return new PlexsyncError(type, text, { cause: failure, hint });
    }
    case "body-cut":
      return new PlexsyncError("PlexTemporaryError", text, { cause: failure });
    case "body-too-large":
      // It may be one item's own: the others must not be kept waiting for a person.
      return new PlexsyncError("PlexTemporaryError", text, { cause: failure, hint: NOT_PLEX });
  }
}

/** The error for a 2xx answer that is not the JSON asked for: truncated, HTML, XML. */
export function contentError(asked: Asked, status: number, cause?: unknown): PlexsyncError {
  const text = `Cannot ${asked.action}: Plex answered ${status} without the expected JSON`;
  return new PlexsyncError("PlexTemporaryError", text, { status, cause });
}

/**
 * A starting server answers writes with 400, the code that otherwise means "never
 * send this again"; only the body tells the two apart. This is the one
 * place where text decides.
 */
export function isStartingUp({ status, body }: BoundedAnswer): boolean {
  return status === 400 && /still starting up/i.test(new TextDecoder().decode(body));
}

/** Longest wait that a server may ask for: an outage is probed more often than that. */
const MAX_RETRY_AFTER_MS = 60 * 60_000;

/** `Retry-After` in ms, at most an hour; a date counts from the answer's own `Date`. */
export function retryAfter(headers: Headers): number | undefined {
  const value = headers.get("retry-after")?.trim() ?? "";
  const ms = /^\d+$/.test(value)
    ? Number(value) * 1000
    : Date.parse(value) - Date.parse(headers.get("date") ?? "");
  return ms >= 0 ? Math.min(ms, MAX_RETRY_AFTER_MS) : undefined;
}

function notFound(asked: Asked, text: string, details: ErrorDetails): PlexsyncError {
  if (asked.subject === "item") return new PlexsyncError("PlexNotFound", text, details);
  const hint = asked.subject === "section" ? NO_LIBRARY : NOT_PLEX;
  return new PlexsyncError("PlexPermanentError", text, { ...details, hint });
}

/** Names the new origin only: path and query of a redirect may hold anything. */
function redirected(headers: Headers): string {
  const location = URL.parse(headers.get("location") ?? "");
  const where = location === null ? "" : `, which seems to be ${location.origin}`;
  return `Set plex_url to the address that Plex itself answers on${where}`;
}
