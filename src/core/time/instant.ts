/** `2026-05-01`, `2026-05-01 18:30:05` or the same with `T` and a zone, as programs write it. */
const INSTANT =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?$/i;

/**
 * An instant that a person writes, in epoch ms; local time unless it has a zone, as times are shown.
 * Nothing is guessed: JavaScript reads "May 1" as one of 2001, and 30 February as 2 March.
 * @returns `undefined` for what is no such time, or no day of the calendar
 */
export function parseInstant(text: string): number | undefined {
  const parts = INSTANT.exec(text.trim());
  if (parts === null) return undefined;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map((part) =>
    Number(part ?? 0)
  );
  const local = new Date(year!, month! - 1, day!, hour!, minute!, second!);
  local.setFullYear(year!, month! - 1, day!);
  const isReal = local.getMonth() === month! - 1 && local.getDate() === day! && hour! < 24 &&
    minute! < 60 && second! < 60;
  if (!isReal) return undefined;
  const zone = parts[7];
  if (zone === undefined) return local.getTime();
  const utc = Date.UTC(year!, month! - 1, day!, hour!, minute!, second!);
  if (zone.toUpperCase() === "Z") return utc;
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(-2))];
  if (hours > 14 || minutes > 59) return undefined;
  const offset = (hours * 60 + minutes) * 60_000;
  return zone.startsWith("-") ? utc + offset : utc - offset;
}
