/** One file of a scene, as Stash sees it. */
export interface SceneFile {
  /** Absolute path in Stash's own mount namespace and path style. */
  path: string;
  /** Bytes; 0 when unknown. */
  size: number;
  /** Milliseconds, or null when unknown. */
  durationMs: number | null;
}

/** What plexsync reads of a Stash scene. Unset strings are "" as in Stash. */
export interface Scene {
  id: string;
  title: string;
  code: string;
  details: string;
  /** `YYYY-MM-DD`, `YYYY-MM`, `YYYY` or null. */
  date: string | null;
  /** 1-100 or null. */
  rating100: number | null;
  organized: boolean;
  /** Raw text of the server, local zone; only to compare for change and as a cursor. */
  updatedAt: string;
  studio: string | null;
  performers: string[];
  tags: string[];
  /** Primary file first; empty for a file-less scene. */
  files: SceneFile[];
}
