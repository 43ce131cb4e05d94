import { PlexsyncError, UserError } from "../core/errors.ts";
import { escapeLine } from "../core/escape.ts";
import { createRedactor } from "../core/redact.ts";
import { explainFault } from "../core/store_fault.ts";

/** What went wrong, as one line that Stash logs at level error, and the exit code for it. */
export function explain(thrown: unknown): { text: string; exitCode: number } {
  const error = explainFault(thrown) ??
    (thrown instanceof Error ? thrown : new Error(String(thrown)));
  const hint = error instanceof UserError || error instanceof PlexsyncError
    ? error.hint
    : undefined;
  const text = error.message.split("\n").join("; ") + (hint === undefined ? "" : ` (${hint})`);
  return {
    text: escapeLine(createRedactor([])(text)),
    exitCode: error instanceof UserError ? error.exitCode : 1,
  };
}
