/** Lengths in milliseconds. */
export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/**
 * When the stretch of time began that an instant is in. Epoch ms.
 * @param lengthMs Of each stretch; the first one begins at 0
 */
export function startOf(at: number, lengthMs: number): number {
  return Math.floor(at / lengthMs) * lengthMs;
}

/**
 * How long something took that never takes an hour; 0 where a clock was set meanwhile, so that it
 * is not known.
 */
export function lastedMs(ms: number): number {
  return ms >= 0 && ms < HOUR_MS ? ms : 0;
}

/** Milliseconds by unit, with the spellings that people type. */
const UNIT_MS: ReadonlyMap<string, number> = new Map([
  ["ms", 1],
  ...["s", "sec", "second", "seconds"].map((unit) => [unit, SECOND_MS] as const),
  ...["m", "min", "minute", "minutes"].map((unit) => [unit, MINUTE_MS] as const),
  ...["h", "hour", "hours"].map((unit) => [unit, HOUR_MS] as const),
  ...["d", "day", "days"].map((unit) => [unit, DAY_MS] as const),
]);

/**
 * A duration in milliseconds from `30s`, `250ms`, `1m`, `24h`, `7d`, `1h30m` or `30 seconds`;
 * a bare number counts in `bareUnit`. Whole milliseconds, rounded.
 * @returns `undefined` when the text is no duration or too large to count exactly
 */
export function parseDuration(
  text: string,
  bareUnit: "ms" | "s" | "m" | "h" | "d" = "s",
): number | undefined {
  const trimmed = text.trim().toLowerCase();
  if (/^\d+(\.\d+)?$/.test(trimmed)) return whole(Number(trimmed) * UNIT_MS.get(bareUnit)!);
  if (!/^(\d+(\.\d+)?\s*[a-z]+\s*)+$/.test(trimmed)) return undefined;
  let sum = 0;
  for (const [, amount, unit] of trimmed.matchAll(/(\d+(?:\.\d+)?)\s*([a-z]+)/g)) {
    const ms = UNIT_MS.get(unit!);
    if (ms === undefined) return undefined;
    sum += Number(amount) * ms;
  }
  return whole(sum);
}

function whole(ms: number): number | undefined {
  const rounded = Math.round(ms);
  return Number.isSafeInteger(rounded) ? rounded : undefined;
}

/** A duration for people: `250ms`, `0.5s`, `30s`, `1m 30s`, `2h`, `7d`; the two largest units. */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms) || ms < 0) return "?";
  if (ms < SECOND_MS) return ms % 100 === 0 && ms > 0 ? `${ms / 1_000}s` : `${Math.round(ms)}ms`;
  if (ms < MINUTE_MS) return `${Math.floor(ms / 100) / 10}s`;
  const parts: string[] = [];
  let rest = ms;
  const units = [["d", DAY_MS], ["h", HOUR_MS], ["m", MINUTE_MS], ["s", SECOND_MS]] as const;
  for (const [unit, unitMs] of units) {
    const count = Math.floor(rest / unitMs);
    rest -= count * unitMs;
    if (count > 0) parts.push(`${count}${unit}`);
    else if (parts.length > 0) break;
    if (parts.length === 2) break;
  }
  return parts.join(" ");
}
