import { isSameLength } from "./match.ts";
import { pathKey } from "./path.ts";
import type { SceneFile } from "./scene.ts";

/**
 * Whether a scene with files that were noted earlier is the one with these files now: they have one
 * in common, by path or by size and length. Its id says nothing: a full import of Stash gives every
 * id to another film.
 */
export function isSameScene(then: readonly SceneFile[], now: readonly SceneFile[]): boolean {
  return then.some((old) => now.some((file) => isSameFile(old, file)));
}

function isSameFile(a: SceneFile, b: SceneFile): boolean {
  if (pathKey(a.path) === pathKey(b.path)) return true;
  const known = a.size > 0 && a.durationMs !== null && b.durationMs !== null;
  return known && a.size === b.size && isSameLength(a.durationMs!, b.durationMs!);
}
