import { MINUTE_MS } from "../core/duration.ts";

/**
 * How far a poll has to look back. `updated_at` is taken up to a minute before the
 * change becomes visible, which asks for 5 minutes; and it is local time, whose text
 * runs backwards for an hour in autumn. Reading the ids of an hour
 * again costs little, so both are covered at all times.
 */
export const SAFE_OVERLAP_MS = 65 * MINUTE_MS;

const TIMESTAMP = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.\d+)?(Z|[+-]\d{2}:\d{2})?$/;

/**
 * The value for Stash's `updated_at GREATER_THAN`, which compares text in the server's
 * own zone: local time without its offset, so that it is a prefix of the rows of that
 * very second and includes them.
 * @param rawUpdatedAt Greatest `updated_at` seen, exactly as Stash gave it
 * @param overlapMs How much earlier to begin; see `SAFE_OVERLAP_MS`
 * @throws {RangeError} the text is no RFC 3339 timestamp
 */
export function watermark(rawUpdatedAt: string, overlapMs: number): string {
  return localText(parse(rawUpdatedAt).localMs - overlapMs);
}

/**
 * The same for "changed within the last `windowMs`". The server's zone is learnt from
 * the newest `updated_at` it has; since that may be of the other half of the year, an
 * hour and the usual overlap are added.
 * @param nowMs Epoch milliseconds
 */
export function recentWatermark(newestUpdatedAt: string, nowMs: number, windowMs: number): string {
  const localNowMs = nowMs + parse(newestUpdatedAt).offsetMs;
  return localText(localNowMs - windowMs - SAFE_OVERLAP_MS);
}

/** How long ago that was by the clock `nowMs`, which need not be the server's. */
export function ageMs(rawUpdatedAt: string, nowMs: number): number {
  const { localMs, offsetMs } = parse(rawUpdatedAt);
  return nowMs - (localMs - offsetMs);
}

/** Whether both were written in the same zone: only then is the order of their text that of time. */
export function sameZone(rawUpdatedAt: string, other: string): boolean {
  return TIMESTAMP.exec(rawUpdatedAt)?.[2] === TIMESTAMP.exec(other)?.[2];
}

function parse(raw: string): { localMs: number; offsetMs: number } {
  const parts = TIMESTAMP.exec(raw);
  const localMs = parts === null ? NaN : Date.parse(`${parts[1]}Z`);
  if (parts === null || Number.isNaN(localMs)) {
    throw new RangeError(
      `Cannot use "${raw.slice(0, 40)}" as updated_at: must be an RFC 3339 timestamp`,
    );
  }
  return { localMs, offsetMs: offsetMs(parts[2] ?? "Z") };
}

function offsetMs(zone: string): number {
  if (zone === "Z") return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6));
  return (zone.startsWith("-") ? -minutes : minutes) * MINUTE_MS;
}

/** `YYYY-MM-DDTHH:MM:SS` of a local time that is counted as if it were UTC, 1970 at the earliest. */
function localText(localMs: number): string {
  return new Date(Math.max(0, localMs)).toISOString().slice(0, 19);
}
