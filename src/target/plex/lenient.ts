/**
 * Readers for Plex's JSON, which gives numbers as strings, booleans as 0/1 and
 * leaves out what is empty, all by version. None of them throws.
 */

export type Row = Readonly<Record<string, unknown>>;

export function row(value: unknown): Row | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value as Row : null;
}

/** The objects of a list; a lone object counts as a list of one, all else as none. */
export function rows(value: unknown): Row[] {
  const list = Array.isArray(value) ? value : [value];
  return list.map(row).filter((entry) => entry !== null);
}

/** "" for anything that is neither string nor number, and for numbers that lost digits on the way. */
export function text(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value !== "number" || !Number.isFinite(value)) return "";
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? "" : String(value);
}

/** A finite number or a numeric string, else null. */
export function number(value: unknown): number | null {
  if (typeof value === "string" && value.trim() === "") return null;
  const parsed = typeof value === "string" ? Number(value) : value;
  return typeof parsed === "number" && Number.isFinite(parsed) ? parsed : null;
}

/** The same as a whole number that can be counted exactly, else null. */
export function whole(value: unknown): number | null {
  const rounded = Math.round(number(value) ?? NaN);
  return Number.isSafeInteger(rounded) ? rounded : null;
}

export function flag(value: unknown): boolean {
  return value === true || value === 1 || value === "1" || value === "true";
}

/** The `tag` of each entry, empty ones left out. */
export function tags(value: unknown): string[] {
  return rows(value).map((entry) => text(entry.tag)).filter((tag) => tag !== "");
}
