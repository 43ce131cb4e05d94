import { parseStrings } from "../../core/text/json.ts";
import type { OutcomeName } from "../../core/jobs/outcome.ts";
import type { Outcome } from "../../store/figures/outcomes.ts";
import { table } from "../terminal/output.ts";
import { instant } from "../../core/text/wording.ts";
import type { Meaning, Paint } from "../terminal/paint.ts";

const MEANING: Readonly<Record<OutcomeName, Meaning>> = {
  written: "good",
  unchanged: "dim",
  skipped: "dim",
  gone: "dim",
  waiting: "warn",
  undone: "good",
  retry: "warn",
  dead: "bad",
};

/** Outcomes for people, one line each. */
export function outcomeTable(
  outcomes: readonly Omit<Outcome, "target" | "run_id" | "items" | "left_out">[],
  paint: Paint,
): string {
  return table(
    ["WHEN", "SCENE", "OUTCOME", "TIME", "WHAT"],
    outcomes.map((row) => [
      instant(row.at),
      row.scene_id,
      paint[MEANING[row.outcome]](row.outcome),
      `${row.duration_ms} ms`,
      row.error_type === null
        ? row.error_message ?? parseStrings(row.changed_fields).join(", ")
        : `${row.error_type}: ${row.error_message}`,
    ]),
    paint,
  );
}
