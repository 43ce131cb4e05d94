const RETRY_BASE_MS = 5_000;
const RETRY_CAP_MS = 80_000;
const WAIT_BASE_MS = 30_000;
const WAIT_CAP_MS = 600_000;

/** Checks of a job that waits for Plex before it becomes a dead letter: about two and a half hours. */
export const MAX_WAIT_CHECKS = 18;

/**
 * Delay before the next attempt, in whole milliseconds: full jitter over
 * 5 s, 10 s, 20 s, 40 s, then 80 s, the steps of the Python plugin that people know.
 * @param retryCount Failed attempts so far; the first failure passes 1
 * @param random Drawn from [0, 1)
 * @throws {RangeError} `retryCount` is not an integer >= 1
 */
export function retryDelayMs(retryCount: number, random: number): number {
  assertCount("retryCount", retryCount, 1);
  // A shift beyond 4 is past the cap; larger ones would overflow into nonsense.
  const ceiling = Math.min(RETRY_BASE_MS * 2 ** Math.min(retryCount - 1, 8), RETRY_CAP_MS);
  return Math.floor(ceiling * random);
}

/**
 * Longest time until a job that waits for Plex is looked at again, in milliseconds:
 * 30 s, 60 s, … capped at 600 s. No jitter: all waiting jobs share one request.
 * @param checks Checks made so far, from 0
 */
export function waitDelayMs(checks: number): number {
  assertCount("checks", checks, 0);
  return Math.min(WAIT_BASE_MS * 2 ** Math.min(checks, 8), WAIT_CAP_MS);
}

function assertCount(name: string, value: number, least: number): void {
  if (!Number.isInteger(value) || value < least) {
    throw new RangeError(`${name} must be an integer of at least ${least}: it is ${value}`);
  }
}
