import { countLeaving, type Leaving, spareLast } from "../../core/journal/collection_guard.ts";
import type { ImageField } from "../../core/sync/fields.ts";
import type { Item } from "../../core/sync/item.ts";
import { planUndo } from "../../core/journal/undo.ts";
import type { ImageSight, UndoPlan, UndoSight } from "../../core/journal/undo_field.ts";
import { imagesToSee, type UndoRow, type UndoScope } from "../../core/journal/undo_scope.ts";
import type { Target } from "../../target/target.ts";

/** An undo of one item, and what it is planned from. */
export interface PlannedUndo {
  sight: UndoSight;
  plan: UndoPlan;
}

/**
 * Plans the undo of one item. Asks for the images that the item could show.
 * @param mayLack Whether images are left that could not be listed for this reason; else it is thrown
 */
export async function planUndoOf(
  item: Item,
  rows: readonly UndoRow[],
  scope: UndoScope,
  target: Target,
  mayLack: (thrown: unknown) => boolean = () => false,
): Promise<PlannedUndo> {
  const images: Partial<Record<ImageField, ImageSight>> = {};
  const unread: ImageField[] = [];
  for (const field of imagesToSee(rows, scope)) {
    try {
      images[field] = await target.images(item, field);
    } catch (thrown) {
      if (!mayLack(thrown)) throw thrown;
      unread.push(field);
    }
  }
  const sight = { item, rows, scope, images, unread, ways: target };
  return { sight, plan: planUndo(sight) };
}

/**
 * Plans again what would end a collection that somebody edited: its last member stays in it.
 * @param planned Undos of one batch
 * @param gone Items that are as good as gone from collections; those that leave now are added
 */
export async function spareCollections(
  planned: readonly PlannedUndo[],
  target: Target,
  gone?: Leaving,
): Promise<void> {
  const leaving = planned.map((each) => ({
    each,
    section: each.sight.item.section,
    names: each.plan.edit?.names.collection?.remove ?? [],
  })).filter(({ names }) => names.length > 0);
  const members = new Map<string, Map<string, number>>();
  for (const [section, counts] of countLeaving(leaving, gone)) {
    members.set(section, await target.cherished(section, counts));
  }
  spareLast(leaving, members, gone).forEach((spared, at) => {
    if (spared.length === 0) return;
    const { each } = leaving[at]!;
    each.sight = { ...each.sight, spared };
    each.plan = planUndo(each.sight);
  });
}
