/** What callers hand in and get back: no type of the inside leaks through here. */
import type { SimPlexSwitches } from "./switches.ts";

export interface SimFileSeed {
  /** As Plex sees it: POSIX, drive letter, UNC or long form. */
  path: string;
  /** Bytes; default 1,000,000; null where Plex does not know it. */
  size?: number | null | undefined;
  /** Default 600,000; null where Plex does not know it. */
  durationMs?: number | null | undefined;
  optimized?: boolean;
  /** Epoch seconds at which its item gets `addedAt`; default now. */
  addedAt?: number | undefined;
}

/** One version of an item, in one or several parts. */
export interface SimVersionSeed {
  files: SimFileSeed[];
  optimized?: boolean;
  /** Epoch seconds; set while its file is missing. */
  deletedAt?: number | undefined;
}

export interface SimPlexItemSeed {
  /** Default: the next one. */
  ratingKey?: string | undefined;
  /** Default: base name of the first file without its extension. */
  title?: string | undefined;
  /** Default: the section whose location holds the first file, else the first section. */
  sectionKey?: string | undefined;
  /** Each file is a version of its own. */
  files?: SimFileSeed[] | undefined;
  /** Each inner list is one version in several parts. */
  stacks?: SimFileSeed[][] | undefined;
  /** Behind the versions of `files` and `stacks`. */
  versions?: SimVersionSeed[] | undefined;
  studio?: string | undefined;
  summary?: string | undefined;
  tagline?: string | undefined;
  contentRating?: string | undefined;
  /** YYYY-MM-DD; sets the year as well. */
  originallyAvailableAt?: string | undefined;
  /** 0 to 10. */
  userRating?: number | undefined;
  genres?: string[] | undefined;
  directors?: string[] | undefined;
  actors?: (string | { name: string; role?: string; thumb?: string })[] | undefined;
  collections?: string[] | undefined;
  labels?: string[] | undefined;
  /** Edit names of locked fields. */
  locked?: string[] | undefined;
  /** External ids such as "imdb://tt1". */
  guids?: string[] | undefined;
  /** Title of the show in a show section; default "Show". */
  show?: string | undefined;
  /** Epoch seconds; default now. */
  addedAt?: number | undefined;
  updatedAt?: number | undefined;
  withoutUpdatedAt?: boolean | undefined;
  trashed?: boolean | undefined;
  /** Epoch seconds since which it is in the trash, its files gone. */
  deletedAt?: number | undefined;
}

export interface SimSectionSeed {
  key: string;
  title: string;
  type: "movie" | "show";
  locations: string[];
  agent?: string | undefined;
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
