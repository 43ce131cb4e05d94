/**
 * A duration, rounded to four binary digits: so few values that those of an hour can be counted one
 * by one, and never further than a sixteenth from the truth. Exact below 16.
 * @param ms Whole, at least 0
 */
export function durationClass(ms: number): number {
  const step = 2 ** Math.max(0, Math.floor(Math.log2(ms)) - 3);
  return Math.round(ms / step) * step;
}
