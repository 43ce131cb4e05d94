import { COURSE } from "../../core/jobs/course.ts";
import { PlexsyncError } from "../../core/failures/errors.ts";
import { type FieldName, hasMetadata, type ImageField } from "../../core/sync/fields.ts";
import type { Item } from "../../core/sync/item.ts";
import type { Plan } from "../../core/sync/plan.ts";
import type { Scene } from "../../core/sync/scene.ts";
import type { ListedImages } from "../../target/target.ts";
import type { WorkContext } from "../context.ts";
import { isLost, type Ready } from "../batch/gathered.ts";
import { begunSince, imageFields, isOfBegun, seeImage } from "./known_image.ts";

/** Images that would be sent, and those of them that a person chose. */
export interface AssumedImages {
  fields: ImageField[];
  kept: FieldName[];
  overwritten: FieldName[];
}

/**
 * What becomes of the images of an item that was never written to, if the scene has a cover: to
 * look would cost three requests for each item, which for a whole library is hours.
 */
export function assumeImages(scene: Scene, item: Item, context: WorkContext): AssumedImages {
  const fields = hasMetadata(scene) ? imageFields(item, context) : [];
  // Nobody but a person locks an image.
  const chosen = fields.filter((field) => item.locked.includes(field));
  return context.settings.preservePlexEdits
    ? { fields: fields.filter((field) => !chosen.includes(field)), kept: chosen, overwritten: [] }
    : { fields, kept: [], overwritten: chosen };
}

/** Images that the item does not show any more as they were seen there. */
export type StrayedImages = Pick<Plan, "changes" | "kept" | "undone">;

/**
 * Which images of ours a person or an agent has replaced, by the item's detail and by what is
 * remembered. The target is asked only where the detail has another mark of the image, which an
 * edit of something else makes too: then the new mark is remembered, so that it is asked once.
 * @throws {PlexsyncError} the target did not answer
 */
export async function strayedImages(
  ready: Ready,
  context: WorkContext,
): Promise<StrayedImages> {
  const { scene, item, memory, holds } = ready;
  const strayed: StrayedImages = { changes: [], kept: [], undone: [] };
  if (isLost(ready) || !hasMetadata(scene)) return strayed;
  for (const field of imageFields(item, context)) {
    const sight = seeImage(field, item, memory, holds);
    if (sight === "undone") strayed.undone.push(field);
    const digest = memory?.fields[field]?.sent[0];
    if (sight !== "moved" || digest === undefined) continue;
    const listed = await listedImages(item, field, context);
    if (listed === null) continue;
    const wasSeen = memory!.covers[field]!.shown;
    if (listed.shown !== digest) {
      const { journal } = context.store.of(context.target.id);
      // One that was never seen there may be on its way: nobody else has to be at it.
      const isOurs = !wasSeen || isOfBegun(begunSince(item, field, memory, journal), listed);
      if (!isOurs && context.settings.preservePlexEdits) strayed.kept.push(field);
      else strayed.changes.push({ field, from: "", to: "the scene's cover" });
    } else if (wasSeen) {
      const { written } = context.store.of(context.target.id);
      written.renewMark(memory!, field, digest, item.values[field]);
    }
  }
  return strayed;
}

/** null where the item alone does not answer: what is not seen is not said to be gone. */
async function listedImages(
  item: Item,
  field: ImageField,
  { target }: WorkContext,
): Promise<ListedImages | null> {
  try {
    return await target.images(item, field);
  } catch (thrown) {
    const isItems = thrown instanceof PlexsyncError && COURSE[thrown.type] !== "outage";
    if (!isItems) throw thrown;
    return null;
  }
}
