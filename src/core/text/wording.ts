import { formatDuration } from "../time/duration.ts";

/** An instant for people: local time, or "never" for 0 and null. */
export function instant(at: number | null): string {
  if (!at) return "never";
  const date = new Date(at);
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** How long ago an instant was, for people; "none" for null. */
export function ago(at: number | null, now: number): string {
  return at === null ? "none" : `${formatDuration(Math.max(0, now - at))} ago`;
}

/** Counts for people, such as `3 PlexNotFound, 1 Unknown`; those of 0 are left out. */
export function countsText(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts).filter(([, n]) => n > 0).map(([name, n]) => `${n} ${name}`)
    .join(", ") || "none";
}

/** `1 job`, `2 jobs`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** A whole number for people, such as `1,903`. */
export function countText(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** `1 job`, `1,903 jobs`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${countText(count)} ${count === 1 ? one : many}`;
}
