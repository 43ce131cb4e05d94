/** What a field's text is cut at, in UTF-16 units: more has no room in any list of a media server. */
const MAX_LENGTH = { title: 255, studio: 255, tagline: 255, summary: 10_000, tag: 255 } as const;

export type TextKind = keyof typeof MAX_LENGTH;

/** Control characters other than tab and newline, and halves of surrogate pairs. */
// deno-lint-ignore no-control-regex
const UNWANTED = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]|\p{Cs}/gu;

/** One line of printable ASCII: nothing in it has to be taken out or turned round. */
const PLAIN = /^[\x20-\x7e]*$/;
/** The same without a blank too many: it is its own composed form. Most names are such. */
const TIDY = /^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/;

/** Text as it is sent: valid Unicode, trimmed, bounded; line ends are `\n`, in one line a blank. */
export function cleanText(text: string, kind: TextKind): string {
  return cut(wholeText(text, kind), MAX_LENGTH[kind]);
}

/** Says how much of a text `cleanText` cuts off; null for nothing. */
export function cutOf(text: string, kind: TextKind): string | null {
  const max = MAX_LENGTH[kind];
  // Cleaning only takes away.
  if (text.length <= max) return null;
  const { length } = wholeText(text, kind);
  return length <= max ? null : `cut at ${max} of ${length} characters`;
}

function wholeText(text: string, kind: TextKind): string {
  if (PLAIN.test(text)) return text.trim();
  const lines = text.replace(/\r\n?/g, "\n").replace(UNWANTED, "");
  return (kind === "summary" ? lines : lines.replace(/\n+/g, " ")).trim();
}

/** Text in the form in which two values count as equal. */
export function textKey(text: string): string {
  if (PLAIN.test(text)) return text.trim();
  return text.replace(/\r\n?/g, "\n").normalize("NFC").trim();
}

/**
 * Name in the form in which two count as the same: servers raise the first letter and some keep
 * one spelling for all, so letter case does not make another name.
 */
export function tagKey(tag: string): string {
  return spellingOf(tag).toLowerCase();
}

/** Name in composed letters, with single blanks: two spellings that look alike are one. */
export function spellingOf(name: string): string {
  return TIDY.test(name) ? name : name.normalize("NFC").replace(/\s+/g, " ").trim();
}

/** Text in a form that no change of letter case changes: "ß" and "SS", "ı" and "I" are one. */
export function foldKey(text: string): string {
  return TIDY.test(text) ? text.toLowerCase() : tagKey(tagKey(text).toUpperCase());
}

/** Cuts at `max` UTF-16 units, never inside a surrogate pair. */
function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  const end = /[\ud800-\udbff]/.test(text[max - 1]!) ? max - 1 : max;
  return text.slice(0, end).trimEnd();
}
