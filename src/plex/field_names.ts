import { IMAGE_KINDS, TAG_KINDS, TEXT_FIELDS } from "../core/item.ts";

/** What a field is called in Plex's edits and in its list of locked fields. */
const PLEX_NAME: Readonly<Record<string, string>> = {
  date: "originallyAvailableAt",
  performers: "actor",
  tags: "genre",
  poster: "thumb",
  background: "art",
};

/** The name in Plex of a field of ours. */
export function plexName(field: string): string {
  return PLEX_NAME[field] ?? field;
}

const OURS: ReadonlyMap<string, string> = new Map(
  [...TEXT_FIELDS, ...TAG_KINDS, ...IMAGE_KINDS].map((field) => [plexName(field), field]),
);

/** Our name of a field of Plex; its own name for one that plexsync does not write. */
export function ourName(plex: string): string {
  return OURS.get(plex) ?? plex;
}
