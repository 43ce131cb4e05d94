import type { FieldName } from "../sync/fields.ts";
import type { ErrorType } from "./error_types.ts";
import { HINTS } from "./hints.ts";
import type { Problem } from "./problems.ts";

/** Facts that travel with an error, for dead letters and log lines. */
export interface ErrorDetails {
  cause?: unknown;
  /** HTTP status, when an answer decided the type. */
  status?: number | undefined;
  /** File path that was tried. */
  path?: string | undefined;
  /** Further media paths that its texts name, for a log that has to hide them. */
  paths?: readonly string[] | undefined;
  /** Items that all fitted, for `AmbiguousMatch`. */
  candidates?: readonly string[] | undefined;
  /** The server's own wish for when to come back (`Retry-After`), in ms. */
  retryAfterMs?: number | undefined;
  /** A hint more exact than the type's own. */
  hint?: string | undefined;
  /** The part of an edit that failed, where it has a request of its own. */
  part?: "rating" | undefined;
  /** The fields that were refused, where all others of the same edit were taken. */
  fields?: readonly FieldName[] | undefined;
  /** An answer that is in order gives all but what was asked for: perhaps it is not there. */
  isLeftOut?: boolean | undefined;
}

/** An error whose type decides what happens to the job. */
export class PlexsyncError extends Error {
  override readonly name = "PlexsyncError";
  readonly type: ErrorType;
  readonly hint: string;
  readonly status: number | undefined;
  readonly path: string | undefined;
  readonly paths: readonly string[];
  readonly candidates: readonly string[] | undefined;
  readonly retryAfterMs: number | undefined;
  readonly part: "rating" | undefined;
  readonly fields: readonly FieldName[] | undefined;
  readonly isLeftOut: boolean;

  constructor(type: ErrorType, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.type = type;
    this.hint = details.hint ?? HINTS[type];
    this.status = details.status;
    this.path = details.path;
    this.paths = details.paths ?? [];
    this.candidates = details.candidates;
    this.retryAfterMs = details.retryAfterMs;
    this.part = details.part;
    this.fields = details.fields;
    this.isLeftOut = details.isLeftOut ?? false;
  }
}

/** Any thrown value as a typed error; what is not ours becomes `Unknown`, its stack kept. */
export function asPlexsyncError(thrown: unknown): PlexsyncError {
  if (thrown instanceof PlexsyncError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const error = new PlexsyncError("Unknown", message, { cause: thrown });
  if (thrown instanceof Error && thrown.stack !== undefined) error.stack = thrown.stack;
  return error;
}

/**
 * failed: it cannot be carried out; usage: what was typed or configured is wrong; no: nothing is
 * wrong, but the answer is "no".
 */
export type UserErrorKind = "failed" | "usage" | "no";

/**
 * A mistake in what the user typed or configured, or a command that cannot be
 * carried out: shown as `error: message` and `hint: hint`, never as a stack trace.
 */
export class UserError extends Error {
  override readonly name: string = "UserError";
  constructor(
    message: string,
    readonly kind: UserErrorKind = "failed",
    readonly hint?: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

/** What only a person can mend: the daemon rests until it is, and loses no job over it. */
export class NeedsAttention extends UserError {
  override readonly name = "NeedsAttention";
  constructor(readonly problem: Problem, kind?: UserErrorKind) {
    super(problem.summary, kind, problem.hint ?? undefined);
  }
}
