import { type FieldName, fieldOf } from "../../core/sync/fields.ts";
import { isSameFolded } from "../../core/sync/names.ts";
import { foldKey } from "../../core/text/sanitize.ts";

/** Plex's columns hold 255, of characters or of bytes. */
const CUT_AT = 255;
/** The fields that it is known to cut. */
const CUT: ReadonlySet<FieldName> = new Set<FieldName>([
  "title",
  "studio",
  "tagline",
  "performers",
  "tags",
  "collection",
]);
/** Steps in which versions and clients keep ratings: a quarter of a star, half a star. */
const RATING_STEPS = [0.5, 1];

/** Whether `stands` is what Plex can have made of `sent`. */
export function isPlexForm(field: FieldName, sent: string, stands: string): boolean {
  const { kind } = fieldOf(field);
  if (kind === "rating") return isRounded(Number(sent), Number(stands));
  if (kind === "image" || field === "date") return kind === "text" && sent === stands;
  return isSameFolded(sent, stands) || (CUT.has(field) && isCut(sent, stands));
}

function isRounded(sent: number, stands: number): boolean {
  if (sent === stands) return true;
  return RATING_STEPS.some((step) =>
    Number.isInteger(stands / step) && Math.abs(sent - stands) <= step / 2
  );
}

function isCut(sent: string, stands: string): boolean {
  const bytes = new TextEncoder().encode(stands).length;
  // A character is not cut through, and blanks at the cut go.
  const atLimit = stands.length >= CUT_AT - 1 || (bytes >= CUT_AT - 4 && bytes <= CUT_AT);
  return atLimit && stands.length < sent.length && foldKey(sent).startsWith(foldKey(stands));
}
