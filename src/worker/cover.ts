import { createHash } from "node:crypto";
import { asPlexsyncError, PlexsyncError } from "../core/errors.ts";
import { fieldsOn, type ImageField, sameValues } from "../core/fields.ts";
import type { Item } from "../core/item.ts";
import type { CoverLook, Memory } from "../core/memory.ts";
import type { Scene } from "../core/scene.ts";
import type { Screenshot } from "../stash/screenshot.ts";
import type { Image } from "../target/target.ts";
import type { WorkContext } from "./context.ts";
import { assertReady } from "./stash_ready.ts";

/** An image that the item is to show. */
export interface ImageStep {
  field: ImageField;
  image: Image;
  look: CoverLook;
}

export interface ImagePlan {
  steps: ImageStep[];
  /** Images that need no step, and what is known of them. */
  settled: { field: ImageField; digest: string; look: CoverLook }[];
  /** Images left as a person chose them (`preserve_plex_edits`). */
  kept: ImageField[];
}

/**
 * What has to happen to the item's images so that they show the scene's cover. Asks
 * nobody while neither the scene nor the item's image changed since the last look.
 */
export async function planImages(
  scene: Scene,
  item: Item,
  memory: Memory | null,
  context: WorkContext,
): Promise<ImagePlan> {
  const plan: ImagePlan = { steps: [], settled: [], kept: [] };
  const open: ImageField[] = [];
  const wanted = fieldsOn(context.settings).filter(({ kind }) => kind === "image");
  for (const field of wanted.map(({ name }) => name as ImageField)) {
    const look = memory?.looks[field];
    const known = memory?.fields[field];
    const sameScene = look?.sceneUpdatedAt === scene.updatedAt && look.sure;
    if (
      known !== undefined && look !== undefined && sameScene && isUntouched(field, item, memory)
    ) {
      plan.settled.push({ field, digest: known.sent[0]!, look });
    } else open.push(field);
  }
  if (open.length === 0) return plan;

  const cover = await readCover(scene, open, memory, context);
  if (cover === null) return plan;
  const look: CoverLook = {
    etag: cover.etag,
    sceneUpdatedAt: scene.updatedAt,
    sure: isOver(scene.updatedAt, context.runtime.now()),
  };
  for (const field of open) {
    const verdict = await judge(field, cover.digest, memory, item, context);
    if (verdict === "settled") plan.settled.push({ field, digest: cover.digest, look });
    else if (verdict === "kept") plan.kept.push(field);
    else {
      // Read now, so that a cover that went away is known before anything is written.
      const sent = verdict === "upload" ? await cover.bytes() : null;
      const image: Image = {
        digest: cover.digest,
        key: verdict === "upload" ? undefined : verdict.key,
        bytes: () => Promise.resolve(sent!),
      };
      plan.steps.push({ field, image, look });
    }
  }
  return plan;
}

/** Stamps have whole seconds, and two machines' clocks differ by some more. */
const CLOCKS_DIFFER_MS = 60_000;

/** Whether the second of a scene's stamp is surely over: a change within it would not show. */
function isOver(updatedAt: string, now: number): boolean {
  return !(now - Date.parse(updatedAt) < CLOCKS_DIFFER_MS);
}

function isUntouched(field: ImageField, item: Item, memory: Memory | null | undefined): boolean {
  return sameValues("image", memory?.fields[field]?.stood ?? [], item.values[field]);
}

type Verdict = "settled" | "kept" | "upload" | { key: string };

/** Whether the item shows the wanted image; asks the target only when its own mark moved. */
async function judge(
  field: ImageField,
  digest: string,
  memory: Memory | null,
  item: Item,
  context: WorkContext,
): Promise<Verdict> {
  const preserve = context.settings.preservePlexEdits;
  const last = memory?.fields[field]?.sent[0];
  // Locked before our first write: a person chose this image.
  if (last === undefined) return preserve && item.locked.includes(field) ? "kept" : "upload";
  if (isUntouched(field, item, memory)) return last === digest ? "settled" : "upload";
  // The mark is renewed at other edits too, so only the list tells what is shown.
  const { shown, known } = await context.target.images(item, field);
  if (shown === digest) return "settled";
  if (preserve && shown !== last) return "kept";
  const key = known.get(digest);
  return key === undefined ? "upload" : { key };
}

interface Cover {
  digest: string;
  etag: string | null;
  bytes: Image["bytes"];
}

/** The scene's cover, asked for only if it changed; null when the scene has none. */
async function readCover(
  scene: Scene,
  fields: readonly ImageField[],
  memory: Memory | null,
  context: WorkContext,
): Promise<Cover | null> {
  // A conditional request pays only when every image in question is known by the same tag.
  const tags = new Set(fields.map((field) => memory?.looks[field]?.etag ?? null));
  const tag = tags.size === 1 ? [...tags][0]! : null;
  const shot = await readScreenshot(scene, tag, context);
  if (shot.status === "none") return null;
  const { maxImageBytes } = context.target;
  if (shot.status === "same") {
    return {
      digest: memory!.fields[fields[0]!]!.sent[0]!,
      etag: tag,
      bytes: async () => {
        const again = await context.stash.screenshot(scene.id);
        if (again.status === "image") {
          return fitting(scene, again, context.target.title, maxImageBytes);
        }
        throw new PlexsyncError("TransientError", `The cover of scene ${scene.id} went away`);
      },
    };
  }
  return {
    digest: createHash("sha1").update(shot.bytes).digest("hex"),
    etag: shot.etag,
    // deno-lint-ignore require-await -- a promise because the other kind of cover is read first
    bytes: async () => fitting(scene, shot, context.target.title, maxImageBytes),
  };
}

/**
 * Stash has just answered for the scene itself, so what is wrong with its cover alone is
 * that job's own failure: as an outage it would hold up all others for ever.
 */
async function readScreenshot(
  scene: Scene,
  tag: string | null,
  context: WorkContext,
): Promise<Screenshot> {
  try {
    return await context.stash.screenshot(scene.id, tag ?? undefined);
  } catch (thrown) {
    const error = asPlexsyncError(thrown);
    if (error.type !== "StashUnavailable") throw error;
    await assertReady(context.stash);
    throw new PlexsyncError("TransientError", error.message, {
      cause: error,
      hint: "Retried by itself; if it persists, set the scene's cover in Stash anew",
    });
  }
}

/** @throws {PlexsyncError} the image is larger than the target takes */
function fitting<T extends { bytes: Uint8Array }>(
  scene: Scene,
  image: T,
  target: string,
  maxBytes: number,
): T {
  if (image.bytes.length <= maxBytes) return image;
  throw new PlexsyncError(
    "PermanentError",
    `The cover of scene ${scene.id} has ${image.bytes.length} bytes, ${target} takes ${maxBytes}`,
    { hint: "Set a smaller cover in Stash, or switch sync_poster and sync_background off" },
  );
}

// Many servers show an upload at once, slow ones take up to a second.
const LOOK_PAUSES_MS = [0, 100, 200, 400, 800];

/**
 * Brings the planned images to the target and makes sure that they are the ones shown. All are
 * sent before the first is looked for, so that a slow server's time is waited for once.
 * @throws {PlexsyncError} the target took one without showing it
 */
export async function applyImages(
  item: Item,
  steps: readonly ImageStep[],
  context: WorkContext,
): Promise<void> {
  for (const { field, image } of steps) await context.target.show(item, field, image);
  for (const step of steps) await confirmImage(item, step, context);
}

async function confirmImage(
  item: Item,
  { field, image }: ImageStep,
  { target, runtime }: WorkContext,
): Promise<void> {
  for (const pause of LOOK_PAUSES_MS) {
    if (pause > 0) await runtime.sleep(pause);
    const { shown, known } = await target.images(item, field);
    if (shown === image.digest) return;
    // An image that was known before is stored, but not always shown.
    const key = known.get(image.digest);
    if (key !== undefined) await target.show(item, field, { ...image, key });
  }
  throw new PlexsyncError(
    "PlexTemporaryError",
    `${target.title} answered 200 but does not show the new ${field} of item ${item.id}`,
    { status: 200 },
  );
}
