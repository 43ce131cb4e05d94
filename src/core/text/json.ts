/** Reading JSON that may have been damaged: what does not fit is told, never believed. */

/** The value of a JSON text, undefined when it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** True for an object with names, not for a list or null. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value where it is a text, else "". */
export function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** The strings of a JSON list; none for anything else. */
export function parseStrings(text: string): string[] {
  const value = parseJson(text);
  return Array.isArray(value) ? value.filter((entry) => typeof entry === "string") : [];
}
