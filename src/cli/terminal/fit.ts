import { unicodeWidth } from "@std/cli";

/** A column is not made narrower than this. */
const LEAST = 8;
/** What is no wider, such as a time, is of no use when it is cut. */
const WHOLE = 19;

/**
 * Widths of columns that together are no wider than what there is: the widest give way first, and
 * those that hold more than a word or a time before all others.
 * @param gap Between two columns
 * @param most Of all of them with their gaps; null for any
 */
export function fitWidths(widths: readonly number[], gap: number, most: number | null): number[] {
  if (most === null) return [...widths];
  const room = most - gap * (widths.length - 1);
  const long = cut(widths, room, (at) => widths[at]! > WHOLE);
  return cut(long, room, () => true);
}

/** Takes the excess from the columns that may give way, one by one from the widest. */
function cut(widths: readonly number[], room: number, mayGive: (at: number) => boolean): number[] {
  const fitted = [...widths];
  const places = widths.map((_, at) => at).filter(mayGive);
  for (let excess = widths.reduce((sum, width) => sum + width, 0) - room; excess > 0; excess--) {
    const widest = places.reduce((best, at) => fitted[at]! > fitted[best]! ? at : best, places[0]!);
    if (widest === undefined || fitted[widest]! <= LEAST) break;
    fitted[widest]!--;
  }
  return fitted;
}

/** The text in at most `width` columns. Of a path the end is kept, of all else the beginning. */
export function shorten(text: string, width: number): string {
  if (unicodeWidth(text) <= width) return text;
  const isPath = /^(\/|[A-Za-z]:[\\/]|\\\\)/.test(text) && !text.includes(": ");
  const characters = isPath ? [...text].reverse() : [...text];
  let kept = "";
  let used = 1;
  for (const character of characters) {
    const columns = unicodeWidth(character);
    if (used + columns > width) break;
    kept = isPath ? character + kept : kept + character;
    used += columns;
  }
  return isPath ? `…${kept}` : `${kept.trimEnd()}…`;
}
