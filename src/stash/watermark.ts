import { HOUR_MS, MINUTE_MS } from "../core/time/duration.ts";

/**
 * How far a poll has to look back. `updated_at` is taken up to a minute before the
 * change becomes visible, which asks for 5 minutes; and it is local time, whose text
 * runs backwards for an hour in autumn.
 */
export const SAFE_OVERLAP_MS = 65 * MINUTE_MS;

/** Local time is 12 hours behind UTC at most, and 14 before it. */
const MOST_BEHIND_MS = 12 * HOUR_MS;
const MOST_BEFORE_MS = 14 * HOUR_MS;

/** The same for a server that may have moved to any other zone meanwhile. */
export const ANY_ZONE_OVERLAP_MS = MOST_BEHIND_MS + MOST_BEFORE_MS + SAFE_OVERLAP_MS;

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
  const parsed = parse(rawUpdatedAt);
  if (parsed === null) {
    throw new RangeError(
      `Cannot use "${rawUpdatedAt.slice(0, 40)}" as updated_at: must be an RFC 3339 timestamp`,
    );
  }
  return localText(parsed.localMs - overlapMs);
}

/**
 * The same for an instant of which no server's text is known: below every form of it, whatever
 * the server's zone.
 * @param atMs Epoch milliseconds
 */
export function watermarkOfAnyZone(atMs: number): string {
  return localText(atMs - MOST_BEHIND_MS);
}

/** The instant of a time stamp in epoch ms; null when the text is no RFC 3339 timestamp. */
export function instantOf(rawUpdatedAt: string): number | null {
  const parsed = parse(rawUpdatedAt);
  return parsed === null ? null : parsed.localMs - parsed.offsetMs;
}

/** An instant as the server that wrote `like` would write it, in whole seconds. */
export function stampLike(atMs: number, like: string): string {
  return localText(atMs + (parse(like)?.offsetMs ?? 0)) + zoneOf(like);
}

/** How far the zone of a time stamp is before UTC, in ms; 0 for none. */
export function zoneOffsetMs(rawUpdatedAt: string): number {
  return parse(rawUpdatedAt)?.offsetMs ?? 0;
}

/** The zone of a time stamp as it stands there: `Z`, `+01:00`, or "" without one. */
export function zoneOf(rawUpdatedAt: string): string {
  return TIMESTAMP.exec(rawUpdatedAt)?.[2] ?? "";
}

function parse(raw: string): { localMs: number; offsetMs: number } | null {
  const parts = TIMESTAMP.exec(raw);
  if (parts === null) return null;
  const localMs = Date.parse(`${parts[1]}Z`);
  const offsetMs = offsetOf(parts[2] ?? "Z");
  const isTime = !Number.isNaN(localMs) && offsetMs <= MOST_BEFORE_MS &&
    offsetMs >= -MOST_BEHIND_MS;
  return isTime ? { localMs, offsetMs } : null;
}

function offsetOf(zone: string): number {
  if (zone === "Z") return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6));
  return (zone.startsWith("-") ? -minutes : minutes) * MINUTE_MS;
}

/** `YYYY-MM-DDTHH:MM:SS` of a local time that is counted as if it were UTC, 1970 at the earliest. */
function localText(localMs: number): string {
  return new Date(Math.max(0, localMs)).toISOString().slice(0, 19);
}
