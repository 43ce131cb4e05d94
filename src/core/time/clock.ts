import { HOUR_MS } from "./duration.ts";

/**
 * No retry, wait, lease or probe is planned further ahead than this. What lies further was
 * planned before the clock was set back, and counts as due: a clock must strand nothing.
 */
export const FURTHEST_AHEAD_MS = HOUR_MS;

/**
 * Whether what was planned for `at` is to be done at `now` (epoch ms).
 * @param furthestMs What is never planned further ahead than that is due the sooner
 */
export function isDue(at: number, now: number, furthestMs = FURTHEST_AHEAD_MS): boolean {
  return at <= now || at > now + furthestMs;
}
