/** One file of a scene, as Stash sees it. */
export interface SceneFile {
  /** Absolute path in Stash's own mount namespace and path style. */
  path: string;
  /** Bytes; 0 when unknown. */
  size: number;
  /** Milliseconds, or null when unknown. */
  durationMs: number | null;
}

/** The kinds of thing in Stash whose name stands in many scenes. */
export const ENTITY_KINDS = ["performer", "studio", "tag"] as const;
export type EntityKind = (typeof ENTITY_KINDS)[number];

/** One such thing. */
export interface EntityRef {
  kind: EntityKind;
  /** Id in Stash, digits. */
  id: string;
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
  /** The performers, the studio and the tags, by id: who is concerned when one is renamed. */
  links: EntityRef[];
}
