import { TransportFailure, type TransportFailureKind } from "../http/bounded_fetch.ts";
import { PlexsyncError } from "./errors.ts";

/** Whether no answer came in time, or not all of one. */
export function isTimeOut(thrown: unknown): boolean {
  return failedBy(thrown, "headers-timeout", "body-timeout");
}

/** Whether an answer had too many bytes or values. */
export function isTooLarge(thrown: unknown): boolean {
  return failedBy(thrown, "body-too-large");
}

/** Whether a request failed in one of these ways. */
export function failedBy(thrown: unknown, ...kinds: readonly TransportFailureKind[]): boolean {
  return thrown instanceof PlexsyncError && thrown.cause instanceof TransportFailure &&
    kinds.includes(thrown.cause.kind);
}
