import { firstStep, type RangeName, type Step, timeline } from "../../core/stats/timeline.ts";
import type { Installation } from "../installation.ts";

/** What was done over a range of time that ends now, step by step. */
export function workTimeline(
  { store: { outcomes }, runtime }: Pick<Installation, "store" | "runtime">,
  range: RangeName,
): Step[] {
  const now = runtime.now();
  const first = firstStep(range, now);
  return timeline(range === "1h" ? outcomes.byMinute(first) : outcomes.byHour(first), range, now);
}
