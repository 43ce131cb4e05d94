import { unicodeWidth } from "@std/cli";

/** A column is not made narrower than this. */
const LEAST = 8;

/**
 * Widths of columns that together are no wider than what there is: the widest give way first.
 * @param gap Between two columns
 * @param most Of all of them with their gaps; null for any
 */
export function fitWidths(widths: readonly number[], gap: number, most: number | null): number[] {
  const fitted = [...widths];
  if (most === null) return fitted;
  let excess = fitted.reduce((sum, width) => sum + width, 0) + gap * (fitted.length - 1) - most;
  while (excess > 0) {
    const widest = Math.max(...fitted);
    if (widest <= LEAST) break;
    const wide = fitted.filter((width) => width === widest).length;
    const next = Math.max(LEAST, ...fitted.filter((width) => width < widest));
    const step = Math.max(1, Math.min(widest - next, Math.floor(excess / wide)));
    for (let at = 0; at < fitted.length && excess > 0; at++) {
      if (fitted[at] !== widest) continue;
      fitted[at] = widest - Math.min(step, excess);
      excess -= step;
    }
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
