import { fieldsOn, type ImageField, sameValues } from "../../core/sync/fields.ts";
import type { Holds } from "../../core/journal/holds.ts";
import type { Item } from "../../core/sync/item.ts";
import type { Memory } from "../../core/sync/memory.ts";
import type { Journal, LastImage } from "../../store/journal/journal.ts";
import type { ListedImages } from "../../target/target.ts";
import type { WorkContext } from "../context.ts";

/** Images that are synced, of which such an item has one. */
export function imageFields({ type }: Item, { settings }: WorkContext): ImageField[] {
  return fieldsOn(settings).filter(({ kind, types }) => kind === "image" && types.includes(type))
    .map(({ name }) => name as ImageField);
}

/**
 * What is known of an image without asking anybody, as far as the scene's cover is as it was.
 * moved: the item's mark of it is another, so that it may show something else, or the same anew.
 */
export type ImageSight = "unknown" | "undone" | "refused" | "ours" | "moved";

export function seeImage(
  field: ImageField,
  item: Item,
  memory: Memory | null,
  holds: Holds,
): ImageSight {
  const look = memory?.covers[field];
  if (look === undefined) return "unknown";
  if (holds.get(field)?.origin[0] === look.digest) return "undone";
  if (look.refused !== null) return "refused";
  return look.shown && isUntouched(field, item, memory) ? "ours" : "moved";
}

/** Whether the item has the mark of the image with which ours was last seen there. */
export function isUntouched(field: ImageField, item: Item, memory: Memory | null): boolean {
  return sameValues("image", memory?.fields[field]?.stood ?? [], item.values[field]);
}

/**
 * A write of an image that began after the one that is remembered: the process died over it, or its
 * answer was lost.
 */
export function begunSince(
  { id }: Item,
  field: ImageField,
  memory: Memory | null,
  journal: Journal,
): LastImage | null {
  const write = journal.lastImage(id, field);
  // One that was not seen yet may be the remembered one itself.
  const isRemembered = write?.sent === memory?.fields[field]?.sent[0] &&
    (write?.isSeen || memory?.covers[field]?.shown === false);
  return isRemembered ? null : write;
}

/** Whether what is shown is what that write sent, or was to replace: no person chose it since. */
export function isOfBegun(
  begun: LastImage | null,
  { shown, shownKey }: Pick<ListedImages, "shown" | "shownKey">,
): boolean {
  if (begun === null) return false;
  const isReplaced = !begun.isSeen && shownKey !== null && begun.before.includes(shownKey);
  return shown === begun.sent || isReplaced;
}
