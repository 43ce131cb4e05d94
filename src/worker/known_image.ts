import { fieldsOn, type ImageField, sameValues } from "../core/sync/fields.ts";
import type { Holds } from "../core/journal/holds.ts";
import type { Item } from "../core/sync/item.ts";
import type { Memory } from "../core/sync/memory.ts";
import type { WorkContext } from "./context.ts";

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
