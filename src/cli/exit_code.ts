import { UserError, type UserErrorKind } from "../core/errors.ts";

const CODES: Readonly<Record<UserErrorKind, number>> = { failed: 1, usage: 2, no: 3 };

/** What a process ends with that was stopped by `thrown`. */
export function exitCodeOf(thrown: unknown): number {
  return thrown instanceof UserError ? CODES[thrown.kind] : 1;
}
