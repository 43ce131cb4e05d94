import { parseStrings } from "../core/json.ts";
import type { Outcome } from "./outcomes.ts";

/** An outcome as `--json` has it: its row, the changed fields as a list. */
export function outcomeJson(outcome: Outcome) {
  return { ...outcome, changed_fields: parseStrings(outcome.changed_fields) };
}
