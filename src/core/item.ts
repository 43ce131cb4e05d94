/** A file of a Plex item: one `Part`. */
export interface ItemFile {
  path: string;
  /** Bytes; 0 when unknown. */
  size: number;
  /** Milliseconds, or null when unknown. */
  durationMs: number | null;
}

export interface Actor {
  name: string;
  /** Role text; lost by Plex unless restated with the actor (plex-api 7). */
  role?: string;
}

/** The kinds of tag that plexsync writes, by their edit name in Plex. */
export const TAG_KINDS = ["genre", "actor", "collection"] as const;
export type TagKind = (typeof TAG_KINDS)[number];

/** The scalar fields that plexsync writes, by their edit name in Plex. */
export const TEXT_FIELDS = [
  "title",
  "studio",
  "summary",
  "tagline",
  "originallyAvailableAt",
] as const;
export type TextField = (typeof TEXT_FIELDS)[number];

/** The images that plexsync writes, by the lock name of their field in Plex. */
export const IMAGE_KINDS = ["thumb", "art"] as const;
export type ImageKind = (typeof IMAGE_KINDS)[number];

/** A Plex item in full detail. Unset scalars are "". */
export interface PlexItem {
  ratingKey: string;
  sectionId: string;
  /** Plex type number of the item: movie 1, episode 4, clip 12. */
  typeNumber: number;
  title: string;
  studio: string;
  summary: string;
  tagline: string;
  /** `YYYY-MM-DD` or "". */
  originallyAvailableAt: string;
  /** 0-10 or null. */
  userRating: number | null;
  genre: string[];
  actor: Actor[];
  collection: string[];
  /** Names of the locked fields, edit names (`title`, `genre`, `thumb`, …). */
  locked: string[];
  /** Attribute that changes with the selected image; a hint of change, not an identity. */
  thumb: string;
  art: string;
  files: ItemFile[];
}

/** One row of the path index: an item's file, with what a match needs. */
export interface IndexedFile extends ItemFile {
  ratingKey: string;
  sectionId: string;
}
