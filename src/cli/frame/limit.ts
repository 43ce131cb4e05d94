import { UserError } from "../../core/failures/errors.ts";
import type { Flag, Invocation } from "./command.ts";
import { note } from "../terminal/output.ts";

const DEFAULT_LIMIT = 1_000;

/** The flag of every command that lists. */
export const LIMIT_FLAG: Flag = {
  name: "limit",
  value: "N",
  meaning: `list at most so many (default ${DEFAULT_LIMIT})`,
};

/** @throws {UserError} usage: not a whole number of at least 1 */
export function readLimit({ values }: Invocation): number {
  const text = values.limit;
  if (text === undefined) return DEFAULT_LIMIT;
  if (!/^[1-9]\d{0,8}$/.test(text)) {
    throw new UserError(`--limit must be a number of at least 1: it is "${text}"`, "usage");
  }
  return Number(text);
}

/** Says so when a list is not all there is. */
export function noteCut(invocation: Invocation, shown: number, all: number): void {
  if (shown >= all) return;
  note(invocation, `These are ${shown} of ${all}: --limit ${all} shows all`);
}
