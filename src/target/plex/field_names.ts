import { type FieldName, FIELDS } from "../../core/sync/fields.ts";

/** What a field is called in Plex's edits and in its list of locked fields, where it differs. */
const PLEX_NAME: Readonly<Partial<Record<FieldName, string>>> = {
  date: "originallyAvailableAt",
  performers: "actor",
  tags: "genre",
  poster: "thumb",
  background: "art",
};

/** The name in Plex of a field of ours. */
export function plexName(field: FieldName): string {
  return PLEX_NAME[field] ?? field;
}

const OURS: ReadonlyMap<string, FieldName> = new Map(
  FIELDS.map(({ name }) => [plexName(name), name]),
);

/** Our name of a field of Plex; undefined for one that plexsync does not write. */
export function ourName(plex: string): FieldName | undefined {
  return OURS.get(plex);
}
