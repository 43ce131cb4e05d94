import { PlexsyncError, UserError } from "../core/failures/errors.ts";
import { escapeLine } from "../core/text/escape.ts";
import { createRedactor } from "../core/text/redact.ts";
import { explainFault } from "../core/failures/store_fault.ts";

/** What went wrong, as one line that Stash logs at level error. */
export function explain(thrown: unknown): string {
  const error = explainFault(thrown) ??
    (thrown instanceof Error ? thrown : new Error(String(thrown)));
  const hint = error instanceof UserError || error instanceof PlexsyncError
    ? error.hint
    : undefined;
  const text = error.message.split("\n").join("; ") + (hint === undefined ? "" : ` (${hint})`);
  return escapeLine(createRedactor([])(text));
}
