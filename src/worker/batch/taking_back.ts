import { asPlexsyncError } from "../../core/failures/errors.ts";
import { sparing } from "../../core/journal/collection_guard.ts";
import { IMAGE_FIELDS } from "../../core/sync/fields.ts";
import type { Plan } from "../../core/sync/plan.ts";
import { type Past, planRelease, type Release } from "../../core/sync/release.ts";
import type { WorkContext } from "../context.ts";
import type { Ready } from "./gathered.ts";
import { allSeenIn, chosen, type ImagePlan, noImages, shownIn } from "../images/image_plan.ts";
import type { Covered } from "./prepare.ts";

/**
 * Of an item that is not the scene's any more: what comes back, images included.
 * @param plan Without its images, which stands if they cannot be read
 */
export async function planTakingBack(
  plan: Plan,
  { item, memory, rows = [], spared = [] }: Ready,
  { target }: WorkContext,
): Promise<Covered> {
  try {
    const images: Past["images"] = {};
    for (const field of IMAGE_FIELDS) {
      const isWritten = memory!.fields[field] !== undefined || memory!.begun[field] !== undefined;
      if (isWritten) images[field] = await target.images(item, field);
    }
    const whole = sparing(planRelease(item, memory!, target, { rows, images }), item, spared);
    const steps = { ...choosing(whole, images), seen: allSeenIn(item, images) };
    return { ...NOTHING_READ, plan: whole, images: steps };
  } catch (thrown) {
    return { ...NOTHING_READ, plan, images: noImages(), failure: asPlexsyncError(thrown) };
  }
}

/** No cover is asked for. */
const NOTHING_READ = { failure: null, withoutCover: null, restsUntil: null };

/** The steps that choose images which were shown before. */
function choosing({ images }: Release, seen: Past["images"]): ImagePlan {
  const steps = images.map(({ field, key }) => ({
    field,
    image: chosen(key),
    look: {
      etag: null,
      digest: key,
      sceneUpdatedAt: "",
      key: null,
      sure: false,
      refused: null,
      shown: false,
    },
    before: shownIn(seen[field]!),
    overwrites: false,
    bytes: 0,
  }));
  return { ...noImages(), steps };
}
