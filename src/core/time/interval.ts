import { DAY_MS, HOUR_MS } from "./duration.ts";

/** How often something is done over and over; the values of a setting. */
export const INTERVALS = ["never", "hourly", "daily", "weekly"] as const;
export type Interval = (typeof INTERVALS)[number];

/** Milliseconds from one time to the next. */
export const INTERVAL_MS: Readonly<Record<Interval, number>> = {
  never: Infinity,
  hourly: HOUR_MS,
  daily: DAY_MS,
  weekly: 7 * DAY_MS,
};

/**
 * Whether it is time again.
 * @param lastAt When it was done last, epoch ms; 0 for never yet. One that lies ahead was
 * noted before the clock was set back, and counts as long ago.
 */
export function isTimeAgain(interval: Interval, lastAt: number, now: number): boolean {
  return interval !== "never" && (now - lastAt >= INTERVAL_MS[interval] || lastAt > now);
}
