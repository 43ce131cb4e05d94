import { type FieldName, hasMetadata, type ImageField } from "../core/fields.ts";
import type { Item } from "../core/item.ts";
import type { Scene } from "../core/scene.ts";
import type { WorkContext } from "./context.ts";
import { imageFields } from "./image_plan.ts";

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
