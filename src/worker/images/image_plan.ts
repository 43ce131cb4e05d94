import { asPlexsyncError, type PlexsyncError } from "../../core/failures/errors.ts";
import { hasMetadata, IMAGE_FIELDS, type ImageField } from "../../core/sync/fields.ts";
import { type Holds, NO_HOLDS } from "../../core/journal/holds.ts";
import type { Item } from "../../core/sync/item.ts";
import type { BegunField, ItemOrigin } from "../../core/journal/journal.ts";
import { type CoverMemory, isLockTheirs, type Memory } from "../../core/sync/memory.ts";
import type { Scene } from "../../core/sync/scene.ts";
import type { Omission } from "../../core/sync/ways.ts";
import type { ShownImage } from "../../store/journal/journal.ts";
import type { Image, ListedImages } from "../../target/target.ts";
import type { WorkContext } from "../context.ts";
import { type Cover, readCover, UNREADABLE } from "./cover.ts";
import { begunSince, imageFields, isOfBegun, isUntouched, seeImage } from "./known_image.ts";

/** An image that the item is to show. */
export interface ImageStep {
  field: ImageField;
  image: Image;
  look: CoverMemory;
  /** What is shown before it. */
  before: Shown;
  /** Memory that it takes until it is sent. */
  bytes: number;
  /** A person chose what is shown. */
  overwrites: boolean;
}

/** The target's key of the image that is shown, or none; not sure where it cannot be told. */
export type Shown = Pick<BegunField, "before" | "sure">;

export interface ImagePlan {
  steps: ImageStep[];
  /** Images that need no step, and what is known of them. */
  settled: { field: ImageField; look: CoverMemory }[];
  /** Images that are left as they are, since the cover is refused until it changes. */
  refused: { field: ImageField; look: CoverMemory }[];
  /** Images left as a person chose them (`preserve_plex_edits`). */
  kept: ImageField[];
  /** Images that were undone, and are left so. */
  undone: { field: ImageField; look: CoverMemory }[];
  /** Images that were undone and are held no longer, since the cover is another. */
  released: ImageField[];
  /** Images that are shown and were uploaded, as far as the target was asked. */
  seen: ShownImage[];
  /** What Stash has for images that need no step: an undo holds by it. */
  origins: ItemOrigin[];
  omitted: Omission[];
  /** The cover was asked for, and Stash answered. */
  isCoverRead: boolean;
}

export function noImages(): ImagePlan {
  return {
    steps: [],
    settled: [],
    refused: [],
    kept: [],
    undone: [],
    released: [],
    seen: [],
    origins: [],
    omitted: [],
    isCoverRead: false,
  };
}

/**
 * What has to happen to the item's images so that they show the scene's cover. Asks
 * nobody while neither the scene nor the item's image changed since the last look.
 * @param aboutToAsk Called before anything is asked; what it throws is thrown
 * @throws {PlexsyncError} the cover, or the target's list, could not be read for now
 */
export async function planImages(
  scene: Scene,
  item: Item,
  memory: Memory | null,
  context: WorkContext,
  holds: Holds = NO_HOLDS,
  aboutToAsk: () => void = () => {},
): Promise<ImagePlan> {
  const { plan, open } = plannedUnasked(scene, item, memory, context, holds);
  if (open.length === 0) return plan;
  aboutToAsk();

  const cover = await readCover(scene, open.map((field) => memory?.covers[field]), context);
  plan.isCoverRead = true;
  if (cover === null) return plan;
  for (const field of open) {
    const look: CoverMemory = {
      etag: cover.etag,
      digest: cover.digest,
      sceneUpdatedAt: scene.updatedAt,
      sure: isOver(scene.updatedAt, context.runtime.now()),
      refused: null,
      shown: true,
      key: null,
    };
    const hold = holds.get(field);
    if (hold?.origin[0] === cover.digest) {
      plan.undone.push({ field, look });
      continue;
    }
    if (hold !== undefined) plan.released.push(field);
    await planOne(plan, field, cover, look, item, memory, context);
    if (cover.digest !== UNREADABLE && !plan.steps.some((step) => step.field === field)) {
      plan.origins.push({ item: item.id, field, origin: [cover.digest] });
    }
  }
  return plan;
}

/** The images of which nobody has to be asked, and those that are open yet. */
function plannedUnasked(
  scene: Scene,
  item: Item,
  memory: Memory | null,
  context: WorkContext,
  holds: Holds,
): { plan: ImagePlan; open: ImageField[] } {
  const plan = noImages();
  if (!hasMetadata(scene)) return { plan, open: [] };
  const open = imageFields(item, context).filter((field) => {
    const look = memory?.covers[field];
    if (look === undefined || look.sceneUpdatedAt !== scene.updatedAt || !look.sure) return true;
    const sight = seeImage(field, item, memory, holds);
    if (sight === "undone") plan.undone.push({ field, look });
    else if (sight === "refused") refuse(plan, field, look, look.refused!);
    else if (sight === "ours") plan.settled.push({ field, look });
    else return true;
    return false;
  });
  return { plan, open };
}

/**
 * What becomes of the images where the scene's cover is refused. Nothing was seen of it by which a
 * change would show, so that the scene's next sync asks again.
 */
export function planWithoutCover(
  scene: Scene,
  item: Item,
  memory: Memory | null,
  context: WorkContext,
  holds: Holds,
  why: string,
): ImagePlan {
  const { plan, open } = plannedUnasked(scene, item, memory, context, holds);
  for (const field of open) {
    const look: CoverMemory = {
      etag: null,
      digest: UNREADABLE,
      sceneUpdatedAt: scene.updatedAt,
      sure: false,
      refused: null,
      shown: true,
      key: null,
    };
    refuse(plan, field, look, `${why}; asked for again when the scene is synced next`);
  }
  return plan;
}

async function planOne(
  plan: ImagePlan,
  field: ImageField,
  cover: Cover,
  look: CoverMemory,
  item: Item,
  memory: Memory | null,
  context: WorkContext,
): Promise<void> {
  const last = memory?.covers[field];
  const refused = cover.refused ?? (last?.digest === cover.digest ? last.refused : null);
  if (refused !== null) return refuse(plan, field, look, refused);
  const verdict = await judge(field, cover.digest, memory, item, plan, context);
  if (verdict === "kept") plan.kept.push(field);
  else if ("shownKey" in verdict) {
    plan.settled.push({ field, look: { ...look, key: verdict.shownKey } });
  } else {
    const { key, before, overwrites } = verdict;
    try {
      // Read now, so that a cover that went away is known before anything is written.
      const sent = key === undefined ? await cover.bytes() : null;
      const image: Image = { digest: cover.digest, key, bytes: () => Promise.resolve(sent!) };
      const bytes = sent?.bytes.length ?? 0;
      const step = { field, image, look: { ...look, shown: false }, before, bytes, overwrites };
      plan.steps.push(step);
    } catch (thrown) {
      const error = asPlexsyncError(thrown);
      if (!isRefusal(error)) throw error;
      refuse(plan, field, look, error.message);
    }
  }
}

/** The cover is not to be had in this field, and will not be until it changes. */
export function refuse(plan: ImagePlan, field: ImageField, look: CoverMemory, why: string): void {
  plan.refused.push({ field, look: { ...look, refused: why } });
  const text = look.digest === UNREADABLE ? why : `${why}; not tried again until the cover changes`;
  plan.omitted.push({ field, text });
}

/**
 * Whether another try of this very image is worth nothing, where the images of others are taken. That
 * we have no right to it, which 401 and 403 say, is then a rule of a proxy for this one item.
 */
export function isRefusal({ type }: PlexsyncError): boolean {
  return type === "PermanentError" || type === "PlexPermanentError" || type === "PlexUnauthorized";
}

/** Until an image shows a server may take a second. */
export const SHOWN_WITHIN_MS = 1_000;

/** Stamps have whole seconds, and two machines' clocks differ by some more. */
const CLOCKS_DIFFER_MS = 60_000;

/** Whether the second of a scene's stamp is surely over: a change within it would not show. */
function isOver(updatedAt: string, now: number): boolean {
  return !(now - Date.parse(updatedAt) < CLOCKS_DIFFER_MS);
}

/** It is shown already, or is to be: a key says that it is there, and only has to be chosen. */
type Verdict =
  | "kept"
  | { shownKey: string | null }
  | { key?: string | undefined; before: Shown; overwrites: boolean };

/** Whether the item shows the wanted image; asks the target only where it may know the image. */
async function judge(
  field: ImageField,
  digest: string,
  memory: Memory | null,
  item: Item,
  plan: ImagePlan,
  { settings, store, target, runtime }: WorkContext,
): Promise<Verdict> {
  const last = memory?.fields[field]?.sent[0];
  const locked = item.locked.includes(field);
  // What we sent we locked, so nothing of ours is there, not even after a lost database.
  if (last === undefined && !locked) {
    const none = item.values[field].length === 0;
    const before = none ? NOTHING : shownIn(await target.images(item, field));
    return { before, overwrites: false };
  }
  const isLastSeen = memory?.covers[field]?.shown ?? true;
  const begun = begunSince(item, field, memory, store.of(target.id).journal);
  if (last !== undefined && isLastSeen && begun === null && isUntouched(field, item, memory)) {
    const look = memory?.covers[field];
    const shownKey = look?.digest === last ? look.key ?? null : null;
    if (last === digest) return { shownKey };
    // Ours is shown, as it was seen to be: nobody has to be asked what the new one replaces. Should
    // the target have that too, from long ago, the look afterwards finds it and chooses it.
    if (shownKey !== null) return { before: { before: [shownKey], sure: true }, overwrites: false };
  }
  // The mark is renewed at other edits too, so only the list tells what is shown.
  let listed = await target.images(item, field);
  // It was sent, or may have been, and may show in a moment.
  const coming = begun === null
    ? (isLastSeen ? null : last ?? null)
    : (begun.isSeen ? null : begun.sent);
  if (listed.shown !== digest && last === digest && coming === digest) {
    // Sent a moment ago, perhaps: it gets its time to show before it is sent again.
    await runtime.sleep(SHOWN_WITHIN_MS);
    listed = await target.images(item, field);
  }
  const { shown, shownKey, known } = listed;
  plan.seen.push(...seenIn(item, field, listed));
  // What was shown before it was sent again proves nothing of the one that may come.
  const isCome = coming === digest && !begun?.before.some((key) => key === shownKey);
  if (shown === digest && (coming === null || isCome)) return { shownKey };
  // Locked before our first write, or another than the one that we saw there: a person's choice.
  const isOther = last === undefined
    ? locked && isLockTheirs(memory, field, shownIn(listed).before.map(String))
    : isLastSeen && shown !== last;
  const isChosen = isOther && !isOfBegun(begun, listed);
  if (settings.preservePlexEdits && isChosen) return "kept";
  // One that is shown and wanted is chosen all the same where another of ours may come after it.
  return { key: known.get(digest), before: shownIn(listed), overwrites: isChosen };
}

const NOTHING: Shown = { before: [], sure: true };

/** An image that the target has, chosen by its key. */
export function chosen(key: string): Image {
  const bytes = () => Promise.reject(new Error("It is chosen by its key"));
  return { digest: "", key, bytes };
}

export function shownIn({ shownKey }: Pick<ListedImages, "shownKey">): Shown {
  return shownKey === null ? { before: [], sure: false } : { before: [shownKey], sure: true };
}

/** That an image is shown which was sent: the journal may not know, where nobody saw that write end. */
function seenIn(
  { id }: Item,
  field: ImageField,
  { shownKey, shown }: Pick<ListedImages, "shownKey" | "shown">,
): ShownImage[] {
  return shown === null || shownKey === null
    ? []
    : [{ item: id, field, digest: shown, key: shownKey }];
}

/** The same of all fields whose images were listed. */
export function allSeenIn(
  item: Item,
  listed: Partial<Record<ImageField, Pick<ListedImages, "shownKey" | "shown">>>,
): ShownImage[] {
  return IMAGE_FIELDS.flatMap((field) => {
    const images = listed[field];
    return images === undefined ? [] : seenIn(item, field, images);
  });
}
