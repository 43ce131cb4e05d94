/**
 * What must not reach a log line raw: control characters (a newline starts a
 * forged line, 0x01 and 0x02 a forged Stash prefix, ESC paints the terminal),
 * lone surrogates (no UTF-8 form), line separators, and direction overrides
 * (they make a line read as something else).
 */
const UNSAFE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function hex(char: string, width: number): string {
  return char.charCodeAt(0).toString(16).padStart(width, "0");
}

/**
 * The text as one visible line: `\n`, `\r`, `\t`, `\x1b`, `\u202e` for what is
 * unsafe. A backslash stays as it is, so that Windows paths remain readable.
 */
export function escapeLine(text: string): string {
  return text.replace(UNSAFE, (char) => {
    if (char in SHORT) return SHORT[char]!;
    return char.charCodeAt(0) < 0x100 ? `\\x${hex(char, 2)}` : `\\u${hex(char, 4)}`;
  });
}

/** The same for finished JSON text, where unsafe characters stand in strings only: still JSON. */
export function escapeJson(json: string): string {
  return json.replace(UNSAFE, (char) => `\\u${hex(char, 4)}`);
}

/** Ends a text that was shortened. */
const CUT_MARK = "…[cut]";

const encoder = new TextEncoder();

/** Length in bytes as UTF-8. */
export function byteLength(text: string): number {
  return encoder.encode(text).length;
}

/** The text's first `maxLength` UTF-16 units and a mark, never half a character. */
export function cutText(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const splitsPair = /[\uD800-\uDBFF]/.test(text[maxLength - 1] ?? "");
  return text.slice(0, splitsPair ? maxLength - 1 : maxLength) + CUT_MARK;
}

/**
 * The fullest form of a line that fits. `render` gets the length to which it
 * cuts each of its strings, so that the longest lose first and the short ones,
 * which say what happened, stay whole.
 * @param minLength Shorter than this strings are not cut
 * @returns `undefined` when it does not fit even with all strings cut to `minLength`
 */
export function fitLine(
  render: (maxLength: number) => string,
  maxBytes: number,
  minLength = 0,
): string | undefined {
  const whole = render(Infinity);
  if (byteLength(whole) <= maxBytes) return whole;
  let best: string | undefined;
  let low = minLength;
  let high = maxBytes;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const line = render(middle);
    if (byteLength(line) <= maxBytes) {
      best = line;
      low = middle + 1;
    } else {
      high = middle - 1;
    }
  }
  return best;
}
