import { isOtherFile, isSameFile } from "../match/match.ts";
import { isSameName, pathKey } from "../match/path.ts";
import type { ItemFile } from "../sync/item.ts";

/** Whether what is known of an item is its own: one of its files is one of those that it had then. */
export function shareFile(then: readonly ItemFile[], now: readonly ItemFile[]): boolean {
  return then.some((a) =>
    now.some((b) =>
      a.path === b.path ||
      (a.size > 0 && a.size === b.size && a.durationMs !== null && a.durationMs === b.durationMs)
    )
  );
}

/**
 * Whether an item is another film than it was: an id can be given anew. One without any file may come
 * back as it was.
 */
export function isAnother(then: readonly ItemFile[], now: readonly ItemFile[]): boolean {
  return then.length > 0 && now.length > 0 && !shareFile(then, now);
}

/**
 * Whether an item has a file that another one had: the target gave it a new id. Without the id two
 * films of the same size and length are told apart by their names alone.
 */
export function hasFileOf(then: readonly ItemFile[], now: readonly ItemFile[]): boolean {
  return then.some((a) =>
    now.some((b) =>
      (pathKey(a.path) === pathKey(b.path) && !isOtherFile(a, b)) ||
      (isSameFile(a, b) && isSameName(a.path, b.path))
    )
  );
}

/**
 * Those of an item's rows that are of what it is now: its id may have been another film's before.
 * Files come and go: each row leads on to those that share a file with it.
 * @param rows The oldest first
 */
export function ownRows<R extends { files: readonly ItemFile[] }>(
  rows: readonly R[],
  now: readonly ItemFile[],
): R[] {
  const files = new Map<string, ItemFile>();
  const note = (more: readonly ItemFile[]) => {
    for (const file of more) files.set(JSON.stringify(file), file);
  };
  note(now);
  const own = rows.toReversed().filter((row) => {
    const isOwn = shareFile(row.files, [...files.values()]);
    if (isOwn) note(row.files);
    return isOwn;
  });
  return own.reverse();
}
