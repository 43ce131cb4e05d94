import { NeedsAttention } from "../../core/failures/errors.ts";
import type { Problem, ProblemId } from "../../core/failures/problems.ts";

/** One thing that was looked at: what was found, or what is wrong. */
export type Finding =
  | { check: string; ok: true; detail: string }
  | { check: string; ok: false; problem: Problem };

/** Nothing is wrong with it. */
export function fine(check: string, detail: string): Finding {
  return { check, ok: true, detail };
}

/** @param hint What to do about it */
export function wrong(
  check: string,
  severity: Problem["severity"],
  id: ProblemId,
  summary: string,
  hint: string | null = null,
): Finding {
  return { check, ok: false, problem: { id, severity, summary, hint, facts: { check } } };
}

/**
 * What came of a question; never rejects.
 * @param id Of the problem for a failure that does not name its own
 */
export async function ask(
  check: string,
  id: ProblemId,
  question: () => Promise<string>,
): Promise<Finding> {
  try {
    return fine(check, await question());
  } catch (thrown) {
    if (thrown instanceof NeedsAttention) return { check, ok: false, problem: thrown.problem };
    const { message, hint = null } = thrown as Error & { hint?: string };
    return wrong(check, "error", id, message, hint);
  }
}
