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
  /** Role text; lost by Plex unless restated with the name. */
  role?: string;
}

/** The lists of names that plexsync writes. */
export const TAG_KINDS = ["tags", "performers", "collection"] as const;
export type TagKind = (typeof TAG_KINDS)[number];

/** The scalar fields that plexsync writes. */
export const TEXT_FIELDS = [
  "title",
  "studio",
  "summary",
  "tagline",
  "date",
] as const;
export type TextField = (typeof TEXT_FIELDS)[number];

/** The images that plexsync writes. */
export const IMAGE_KINDS = ["poster", "background"] as const;
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
  date: string;
  /** 0-10 or null. */
  userRating: number | null;
  tags: string[];
  performers: Actor[];
  collection: string[];
  /** Names of the locked fields (`title`, `tags`, `poster`, …). */
  locked: string[];
  /** Attribute that changes with the selected image; a hint of change, not an identity. */
  poster: string;
  background: string;
  files: ItemFile[];
}

/** What an item with files is. */
export type ItemType = "movie" | "episode";

/** One row of the path index: an item's file, with what a match needs. */
export interface IndexedFile extends ItemFile {
  ratingKey: string;
  sectionId: string;
}
