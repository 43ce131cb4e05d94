import { UserError, type UserErrorKind } from "../../core/failures/errors.ts";

/** What an exit code means, by the code. */
export const EXIT_CODES: Readonly<Record<number, string>> = {
  0: "done",
  1: "failed",
  2: "wrong usage or config",
  3: 'the answer is "no"',
};

const CODES: Readonly<Record<UserErrorKind, number>> = { failed: 1, usage: 2, no: 3 };

/** What a process ends with that was stopped by `thrown`. */
export function exitCodeOf(thrown: unknown): number {
  return thrown instanceof UserError ? CODES[thrown.kind] : 1;
}
