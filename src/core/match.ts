import type { IndexedFile } from "./item.ts";
import type { SceneFile } from "./scene.ts";
import { commonTail, pathKey } from "./path.ts";

/** Why an item may be the scene's, strongest first (design section 7). */
export interface Evidence {
  /** The item that this scene was written to before, and whose file still fits. */
  remembered: boolean;
  /** A file of the item has the scene's full path, after `path_map`. */
  exactPath: boolean;
  /** A file of the item has the same bytes count and the same duration within a second. */
  sameSizeAndDuration: boolean;
  /** Parts of the path that agree, from the file name upwards; 1 = file name only. */
  tail: number;
}

export interface Candidate {
  item: string;
  section: string;
  path: string;
  evidence: Evidence;
}

export type Match =
  | { kind: "none" }
  /** `low`: the evidence could not part `rivals`; the first by item was taken. */
  | { kind: "item"; confidence: "high" | "low"; item: Candidate; rivals: Candidate[] };

// Stash gives seconds as a float, Plex whole milliseconds of its own probe.
const SAME_DURATION_MS = 1_000;

/**
 * Which item is the scene's.
 * @param files The scene's files, paths already mapped to Plex's side
 * @param indexed Rows of the path index that share a path, a name or a size with `files`
 * @param remembered item that this scene was written to before
 */
export function matchScene(
  files: readonly SceneFile[],
  indexed: readonly IndexedFile[],
  remembered?: string,
): Match {
  const byItem = new Map<string, Candidate>();
  for (const file of files) {
    for (const row of indexed) {
      const evidence = compare(file, row, remembered);
      if (evidence === null) continue;
      const candidate = {
        item: row.item,
        section: row.section,
        path: row.path,
        evidence,
      };
      const known = byItem.get(row.item);
      if (known === undefined || rank(evidence, known.evidence) > 0) {
        byItem.set(row.item, candidate);
      }
    }
  }
  const ranked = [...byItem.values()].sort((a, b) =>
    rank(b.evidence, a.evidence) || Number(a.item) - Number(b.item) ||
    (a.item < b.item ? -1 : 1)
  );
  const best = ranked[0];
  if (best === undefined) return { kind: "none" };
  const rivals = ranked.filter((other) => rank(other.evidence, best.evidence) === 0);
  return { kind: "item", confidence: rivals.length === 1 ? "high" : "low", item: best, rivals };
}

function compare(file: SceneFile, row: IndexedFile, remembered?: string): Evidence | null {
  const exactPath = pathKey(file.path) === pathKey(row.path);
  const tail = commonTail(file.path, row.path);
  const sizes = file.size > 0 && row.size > 0;
  const durations = file.durationMs !== null && row.durationMs !== null;
  const sameDuration = durations &&
    Math.abs(file.durationMs! - row.durationMs!) <= SAME_DURATION_MS;
  const sameSize = sizes && file.size === row.size;
  const sameSizeAndDuration = sameSize && (sameDuration || (!durations && tail > 0));
  // A short name such as "1.mp4" is no evidence when bytes and length both say otherwise.
  const contradicted = sizes && !sameSize && !sameDuration;
  const fits = exactPath || sameSizeAndDuration || tail > 1 || (tail === 1 && !contradicted);
  if (!fits) return null;
  return { remembered: row.item === remembered, exactPath, sameSizeAndDuration, tail };
}

/** Positive when `a` is the stronger evidence, 0 when neither can be told apart. */
function rank(a: Evidence, b: Evidence): number {
  return Number(a.remembered) - Number(b.remembered) ||
    Number(a.exactPath) - Number(b.exactPath) ||
    Number(a.sameSizeAndDuration) - Number(b.sameSizeAndDuration) ||
    a.tail - b.tail;
}
