/** The things a simulated library is made of. */

/** Tag kinds by their edit names, with the array they read back as and the tag type number. */
export const TAG_KINDS = {
  genre: { array: "Genre", type: 1 },
  collection: { array: "Collection", type: 2 },
  director: { array: "Director", type: 4 },
  writer: { array: "Writer", type: 5 },
  actor: { array: "Role", type: 6 },
  producer: { array: "Producer", type: 7 },
  country: { array: "Country", type: 8 },
  label: { array: "Label", type: 11 },
  similar: { array: "Similar", type: 305 },
} as const;

export type TagKind = keyof typeof TAG_KINDS;

export const TAG_KIND_NAMES = Object.keys(TAG_KINDS) as TagKind[];

export function isTagKind(name: string): name is TagKind {
  return Object.hasOwn(TAG_KINDS, name);
}

/** One row of the server-wide tag table: shared by every item that has the tag. */
export interface SimTag {
  id: number;
  kind: TagKind;
  tag: string;
  /** URL of a picture, shared like the row. */
  thumb: string | null;
  /** How many items have it; 0 hides it from menus. */
  uses: number;
}

/** A tag on an item; `text` is the role of an actor. */
export interface Tagging {
  tag: SimTag;
  text: string | null;
}

/** Scalar fields that can be edited, and how their text is read. */
export const FIELDS = {
  title: "text",
  titleSort: "text",
  originalTitle: "text",
  studio: "text",
  summary: "text",
  tagline: "text",
  contentRating: "text",
  editionTitle: "text",
  originallyAvailableAt: "date",
  rating: "rating",
  audienceRating: "rating",
  userRating: "rating",
  addedAt: "epoch",
  index: "epoch",
  parentIndex: "epoch",
} as const;

export type FieldName = keyof typeof FIELDS;

export const ITEM_TYPES = { movie: 1, show: 2, episode: 4, collection: 18 } as const;
export type ItemType = keyof typeof ITEM_TYPES;

/** What items and collections have in common: everything that an edit can touch. */
export interface SimRecord {
  ratingKey: string;
  /** The ratingKey as a number. */
  id: number;
  type: ItemType;
  sectionKey: string;
  /** Unset fields are absent. `addedAt` is in epoch seconds. */
  values: Partial<Record<FieldName, string | number>>;
  year?: number;
  tags: Partial<Record<TagKind, Tagging[]>>;
  locked: Set<string>;
  /** Epoch seconds; some items of real servers have none. */
  updatedAt?: number | undefined;
  /** Epoch seconds at the end of `thumb` and `art`: its `updatedAt`, and never the same twice. */
  imageStamp: number;
  lastRatedAt?: number | undefined;
}

export interface SimPart {
  id: number;
  file: string;
  /** Bytes; unset where Plex does not know it. */
  size?: number | undefined;
  /** Unset where Plex does not know it. */
  durationMs?: number | undefined;
}

export interface SimMedia {
  id: number;
  parts: SimPart[];
  /** An optimized version: `proxyType` 42. */
  optimized: boolean;
  /** Epoch seconds of the scan that missed its file. */
  deletedAt?: number | undefined;
}

export interface SimItem extends SimRecord {
  type: "movie" | "show" | "episode";
  guid: string;
  guids: string[];
  media: SimMedia[];
  /** The show of an episode. */
  parent?: SimItem;
  /** Epoch seconds; set while the item is in the trash. */
  deletedAt?: number | undefined;
  lastViewedAt?: number | undefined;
  viewCount?: number | undefined;
}

export interface SimCollection extends SimRecord {
  type: "collection";
  /** The row that its members carry; smart collections have none. */
  tag?: SimTag | undefined;
  /** Members in display order; empty for smart ones. */
  members: Set<SimItem>;
  /** Filter URI of a smart collection. */
  content?: string | undefined;
  mode: number;
  sort: number;
}

export interface SimSection {
  key: string;
  title: string;
  type: "movie" | "show";
  agent: string;
  uuid: string;
  locations: { id: number; path: string }[];
  /** Epoch seconds. */
  createdAt: number;
  updatedAt: number;
  scannedAt: number;
  /** Only ever compared for change. */
  contentChangedAt: number;
  refreshing: boolean;
}

/** False for libraries of personal media, where nothing fetches metadata. */
export function hasAgent(section: SimSection): boolean {
  return !section.agent.endsWith(".agents.none");
}

export function tagsOf(record: SimRecord, kind: TagKind): Tagging[] {
  return record.tags[kind] ?? [];
}
