import { parseStrings } from "../../core/text/json.ts";
import type { Outcome } from "../../store/figures/outcomes.ts";

/** An outcome as `--json` has it: the first item, the changed fields and what was left out as lists. */
export function outcomeJson({ items, changed_fields, left_out, ...outcome }: Outcome) {
  const { target: _, run_id: _run, ...facts } = outcome;
  return {
    ...facts,
    rating_key: parseStrings(items)[0] ?? null,
    changed_fields: parseStrings(changed_fields),
    left_out: parseStrings(left_out),
  };
}
