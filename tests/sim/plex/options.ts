/** What callers hand in and get back: no type of the inside leaks through here. */
import type { SimPlexSwitches } from "./switches.ts";

export interface SimFileSeed {
  /** As Plex sees it: POSIX, drive letter, UNC or long form. */
  path: string;
  /** Bytes; default 1,000,000. */
  size?: number | undefined;
  /** Default 600,000. */
  durationMs?: number | undefined;
  optimized?: boolean;
}

export interface SimPlexItemSeed {
  /** Default: base name of the first file without its extension. */
  title?: string;
  /** Default: the section whose location holds the first file, else the first section. */
  sectionKey?: string;
  /** Each file is a version of its own. */
  files?: SimFileSeed[];
  /** Each inner list is one version in several parts. */
  stacks?: SimFileSeed[][];
  studio?: string;
  summary?: string;
  tagline?: string;
  contentRating?: string;
  /** YYYY-MM-DD; sets the year as well. */
  originallyAvailableAt?: string;
  /** 0 to 10. */
  userRating?: number;
  genres?: string[];
  directors?: string[];
  actors?: (string | { name: string; role?: string; thumb?: string })[];
  collections?: string[];
  labels?: string[];
  /** Edit names of locked fields. */
  locked?: string[];
  /** External ids such as "imdb://tt1". */
  guids?: string[];
  /** Title of the show in a show section; default "Show". */
  show?: string;
  /** Epoch seconds; default now. */
  addedAt?: number;
  updatedAt?: number;
  withoutUpdatedAt?: boolean;
  trashed?: boolean;
}

export interface SimSectionSeed {
  key: string;
  title: string;
  type: "movie" | "show";
  locations: string[];
  agent?: string;
}

export interface SimPlexOptions {
  /** Default 0: any free one. */
  port?: number;
  /** The owner's token; default "sim-plex-token". */
  token?: string;
  /** May read, must not write. */
  nonOwnerToken?: string;
  sections?: SimSectionSeed[];
  items?: SimPlexItemSeed[];
  /** Shorthand for the switch of that name. */
  latencyMs?: number;
  switches?: Partial<SimPlexSwitches> | undefined;
  /** Epoch milliseconds; default the wall clock. */
  now?: () => number;
}

/** An item as the control API shows it; unset scalars are null. */
export interface SimItemView {
  ratingKey: string;
  title: string | null;
  studio: string | null;
  summary: string | null;
  tagline: string | null;
  originallyAvailableAt: string | null;
  /** 0 to 10. */
  userRating: number | null;
  genres: string[];
  actors: string[];
  collections: string[];
  labels: string[];
  locked: string[];
  files: string[];
  /** SHA-1 hex of the selected uploaded image. */
  poster: string | null;
  art: string | null;
}
