import type { FC } from "hono/jsx";
import { formatDuration } from "../../../core/time/duration.ts";

/** What came of a job. */
interface Outcome {
  outcome: string;
  error_message: string | null;
  /** Fields that were written. */
  changed: readonly string[];
  duration_ms: number;
}

/** Names of the columns of `OutcomeCells`. */
export const OUTCOME_COLUMNS = ["Outcome", "What", { name: "Took", isNumber: true }];

/** What came of it, what was written or why not, and how long that took: three cells of a row. */
export const OutcomeCells: FC<Outcome> = ({ outcome, error_message, changed, duration_ms }) => (
  <>
    <td data-label="Outcome" class="word">{outcome}</td>
    <td data-label="What" class="long private">{error_message ?? changed.join(", ")}</td>
    <td data-label="Took" class="number">{formatDuration(duration_ms)}</td>
  </>
);
