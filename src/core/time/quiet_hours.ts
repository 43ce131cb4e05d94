/** A time of each day: minutes of local time since midnight, 0..1439; `to` may lie on the next day. */
export interface DayHours {
  readonly from: number;
  /** No longer within it. Never equal to `from`. */
  readonly to: number;
}

/** @returns undefined for what is no time of day such as `18:00-23:30` */
export function parseDayHours(text: string): DayHours | undefined {
  const parts = /^(\d{1,2}):(\d\d)\s*-\s*(\d{1,2}):(\d\d)$/.exec(text.trim());
  if (parts === null) return undefined;
  const [fromHour, fromMinute, toHour, toMinute] = parts.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
  ];
  if (fromHour > 23 || toHour > 23 || fromMinute > 59 || toMinute > 59) return undefined;
  const hours = { from: fromHour * 60 + fromMinute, to: toHour * 60 + toMinute };
  return hours.from === hours.to ? undefined : hours;
}

/** As `parseDayHours` reads it. */
export function dayHoursText({ from, to }: DayHours): string {
  return `${timeText(from)}-${timeText(to)}`;
}

function timeText(minutes: number): string {
  return [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, "0"))
    .join(":");
}

/** When the hours end that `now` lies in, epoch ms; null outside of them, and without any. */
export function endOfHours(hours: DayHours | null, now: number): number | null {
  if (hours === null) return null;
  const { from, to } = hours;
  const date = new Date(now);
  const minute = date.getHours() * 60 + date.getMinutes();
  const isWithin = from < to ? minute >= from && minute < to : minute >= from || minute < to;
  if (!isWithin) return null;
  if (minute >= to) date.setDate(date.getDate() + 1);
  return date.setHours(0, to, 0, 0);
}
