/**
 * Instants as Stash writes them: RFC 3339 text with whole seconds in the
 * server's own zone. Text order is therefore not time order
 * when offsets differ, and that is wanted.
 */

const OFFSET = /^([+-])(\d{2}):(\d{2})$/;

/**
 * @param zone "Z", an offset such as "+02:00", or an IANA name such as "Europe/Berlin"
 * @throws {RangeError} `zone` is none of these
 */
export function checkZone(zone: string): void {
  offsetMinutes(0, zone);
}

/**
 * @param atMs Unix milliseconds; the fraction of the second is cut
 * @returns such as "2026-01-10T21:14:03+01:00", with "Z" for a zero offset
 */
export function formatInstant(atMs: number, zone: string): string {
  const offset = offsetMinutes(atMs, zone);
  const local = new Date(atMs + offset * 60_000).toISOString().slice(0, 19);
  return local + offsetText(offset);
}

function offsetText(minutes: number): string {
  if (minutes === 0) return "Z";
  const size = Math.abs(minutes);
  const two = (n: number) => String(n).padStart(2, "0");
  return `${minutes < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

function offsetMinutes(atMs: number, zone: string): number {
  if (zone === "Z" || zone === "UTC") return 0;
  const fixed = OFFSET.exec(zone);
  if (fixed !== null) {
    const size = Number(fixed[2]) * 60 + Number(fixed[3]);
    if (size > 14 * 60 || Number(fixed[3]) > 59) throw badZone(zone);
    return fixed[1] === "-" ? -size : size;
  }
  return namedOffset(atMs, zone);
}

const formats = new Map<string, Intl.DateTimeFormat>();

function namedOffset(atMs: number, zone: string): number {
  let format = formats.get(zone);
  if (format === undefined) {
    try {
      format = new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "longOffset" });
    } catch {
      throw badZone(zone);
    }
    formats.set(zone, format);
  }
  const name = format.formatToParts(atMs).find((part) => part.type === "timeZoneName")?.value ?? "";
  const text = name.replace("GMT", "").slice(0, 6);
  return text === "" ? 0 : offsetMinutes(atMs, text);
}

function badZone(zone: string): RangeError {
  return new RangeError(
    `Cannot use zone "${zone}": it must be "Z", an offset such as "+02:00" or an IANA name`,
  );
}
