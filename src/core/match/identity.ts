import type { ItemFile } from "../sync/item.ts";
import { isOtherFile, isSameFile } from "./match.ts";
import { isSameName, pathKey } from "./path.ts";
import type { SceneFile } from "../sync/scene.ts";

/**
 * Whether a scene with files that were noted earlier is the one with these files now: they have one
 * in common, by path or by size and length. Its id says nothing: a full import of Stash gives every
 * id to another film.
 */
export function isSameScene(then: readonly SceneFile[], now: readonly SceneFile[]): boolean {
  return shareAny(then, now, (old, file) => isSamePath(old, file) || isSameFile(old, file));
}

/**
 * Which scene has the film now that was noted under an id: the one with its path, before any that
 * only has its bytes. Two films may have the same size and length, such as the chapters of a camera,
 * so that under another id these prove nothing without the name.
 * @param then The film's files when it was noted
 * @param files Of the scenes that may have it, by id
 * @returns its id; null where no scene has it, or several do
 */
export function bearerOf(
  id: string,
  then: readonly SceneFile[],
  files: ReadonlyMap<string, readonly SceneFile[]>,
): string | null {
  const own = files.get(id) ?? [];
  if (sharePath(then, own)) return id;
  const others = [...files].filter(([other]) => other !== id);
  const having = (same: (a: SceneFile, b: SceneFile) => boolean) =>
    others.filter(([, now]) => shareAny(then, now, same)).map(([other]) => other);
  const byPath = having((a, b) => isSamePath(a, b) && !isOtherFile(a, b));
  if (byPath.length > 0) return byPath.length === 1 ? byPath[0]! : null;
  if (isSameScene(then, own)) return id;
  const byName = having((a, b) => isSameFile(a, b) && isSameName(a.path, b.path));
  return byName.length === 1 ? byName[0]! : null;
}

/**
 * Whether an item is the one that was written then: it has the file by which it was found, or one
 * with the bytes of the scene's. Its id may be another film's by now.
 */
export function isSameItem(
  then: { path: string; files: readonly SceneFile[] },
  now: readonly ItemFile[],
): boolean {
  return now.some(({ path }) => pathKey(path) === pathKey(then.path)) ||
    shareAny(then.files, now, isSameFile);
}

/** Whether a file stands where one of the others did. */
export function sharePath(then: readonly SceneFile[], now: readonly SceneFile[]): boolean {
  return shareAny(then, now, isSamePath);
}

function shareAny(
  then: readonly SceneFile[],
  now: readonly SceneFile[],
  isSame: (a: SceneFile, b: SceneFile) => boolean,
): boolean {
  return then.some((old) => now.some((file) => isSame(old, file)));
}

function isSamePath(a: SceneFile, b: SceneFile): boolean {
  return a.path === b.path || pathKey(a.path) === pathKey(b.path);
}
