// Lengths that Plex has room for in its lists; longer text only makes the URL long
// (an edit travels in the query, and servers refuse a long one with 414).
const MAX_LENGTH = { title: 255, studio: 255, tagline: 255, summary: 10_000, tag: 255 } as const;

/** Control characters other than tab and newline, and halves of surrogate pairs. */
// deno-lint-ignore no-control-regex
const UNWANTED = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]|\p{Cs}/gu;

/** Text as it is sent to Plex: valid Unicode, trimmed, bounded; line ends are `\n`, in one line a blank. */
export function cleanText(text: string, kind: keyof typeof MAX_LENGTH): string {
  const lines = text.replace(/\r\n?/g, "\n").replace(UNWANTED, "");
  const flat = kind === "summary" ? lines : lines.replace(/\n+/g, " ");
  return cut(flat.trim(), MAX_LENGTH[kind]);
}

/** Text in the form in which two values count as equal. */
export function textKey(text: string): string {
  return text.replace(/\r\n?/g, "\n").normalize("NFC").trim();
}

/**
 * Tag in the form in which two count as equal: Plex capitalises the first letter,
 * so letter case says nothing.
 */
export function tagKey(tag: string): string {
  return tag.normalize("NFC").replace(/\s+/g, " ").trim().toLowerCase();
}

/** Cuts at `max` UTF-16 units, never inside a surrogate pair. */
function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  const end = /[\ud800-\udbff]/.test(text[max - 1]!) ? max - 1 : max;
  return text.slice(0, end).trimEnd();
}
