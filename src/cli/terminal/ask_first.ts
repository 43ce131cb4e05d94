import { UserError } from "../../core/failures/errors.ts";
import type { Flag, Invocation } from "../frame/command.ts";
import { note } from "./output.ts";
import { type Input, STDIN } from "./standard_input.ts";

/** The flag of every command that deletes. */
export const YES_FLAG: Flag = { name: "yes", meaning: "delete without asking" };

/** What is about to be done. */
export type Act =
  | "delete"
  | "replace"
  | "take it back"
  | "put it again"
  | "unlock them"
  | "queue them";

const PAST: Readonly<Record<Act, string>> = {
  delete: "deleted",
  replace: "replaced",
  "take it back": "taken back",
  "put it again": "put again",
  "unlock them": "unlocked",
  "queue them": "queued",
};

/**
 * Says what is about to be done that cannot be undone with a word, such as a deletion, and makes sure that it is meant: by `--yes`, or by asking
 * where there is a person to ask.
 * @param count How much it is; for nothing nobody is asked
 * @param what Such as `12 dead letters will be discarded`
 * @returns false when the person said no
 * @throws {UserError} usage: nobody to ask, and no `--yes`
 */
export function confirmed(
  invocation: Invocation,
  count: number,
  what: string,
  input: Input = invocation.input ?? STDIN,
  act: Act = "delete",
): boolean {
  const { world, switches } = invocation;
  note(invocation, what);
  if (switches.has("yes")) return true;
  if (!input.isTerminal() || !world.terminal.stderr) {
    throw new UserError(
      `Nothing was ${PAST[act]}: nobody can be asked here`,
      "usage",
      `Add --yes to ${act}`,
    );
  }
  if (count === 0) return true;
  world.stderr(new TextEncoder().encode("Go on? [y/N] "));
  return isYes(input.readLine());
}

/** @param line What a person typed; null when nothing came */
export function isYes(line: string | null): boolean {
  return ["y", "yes"].includes(line?.trim().toLowerCase() ?? "");
}

/** The exit code when a person said no, or has not said yes. */
export const DECLINED = 3;
