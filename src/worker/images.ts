import { createHash } from "node:crypto";
import { TransportFailure } from "../core/bounded_fetch.ts";
import { asPlexsyncError, PlexsyncError } from "../core/errors.ts";
import { IMAGE_KINDS, type ImageKind, type PlexItem } from "../core/item.ts";
import type { Scene } from "../core/scene.ts";
import type { Written, WrittenImage } from "../core/written.ts";
import type { WorkContext } from "./context.ts";
import type { Screenshot } from "./ports.ts";

/** An image that Plex is to show, and how it gets there. */
export interface ImageStep {
  kind: ImageKind;
  /** Bytes to send, or null when Plex has them and only has to show them. */
  upload: { bytes: Uint8Array; contentType: string } | null;
  /** What to remember once it is done; its `attribute` is still the old one. */
  look: WrittenImage;
}

export interface ImagePlan {
  steps: ImageStep[];
  /** What is known of images that need no step. */
  settled: Partial<Record<ImageKind, WrittenImage>>;
  /** Images left as a person chose them (`preserve_plex_edits`). */
  kept: ImageKind[];
}

// Larger ones answer 500 (plex-api 9).
const MAX_IMAGE_BYTES = 10_480_000;

/**
 * What has to happen to the item's images so that they show the scene's cover. Asks
 * nobody while neither the scene nor the item's image changed since the last look.
 */
export async function planImages(
  scene: Scene,
  item: PlexItem,
  written: Written | null,
  context: WorkContext,
): Promise<ImagePlan> {
  const { settings } = context;
  const plan: ImagePlan = { steps: [], settled: {}, kept: [] };
  const known = written?.ratingKey === item.ratingKey ? written.images : {};
  const open: ImageKind[] = [];
  for (const kind of IMAGE_KINDS) {
    if (kind === "poster" ? !settings.syncPoster : !settings.syncBackground) continue;
    const last = known[kind];
    const sameScene = last?.sceneUpdatedAt === scene.updatedAt && last.sure;
    if (last !== undefined && sameScene && last.attribute === item[kind]) plan.settled[kind] = last;
    else open.push(kind);
  }
  if (open.length === 0) return plan;

  const cover = await readCover(scene, open.map((kind) => known[kind]), context);
  if (cover === null) return plan;
  for (const kind of open) {
    const last = known[kind];
    const look = {
      sha1: cover.sha1,
      etag: cover.etag,
      attribute: item[kind],
      sceneUpdatedAt: scene.updatedAt,
      sure: isOver(scene.updatedAt, context.runtime.now()),
    };
    const verdict = await judge(kind, look, last, item, context);
    if (verdict === "settled") plan.settled[kind] = look;
    else if (verdict === "kept") plan.kept.push(kind);
    else {
      const upload = verdict === "select" ? null : await cover.bytes();
      plan.steps.push({ kind, upload, look });
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

type Verdict = "settled" | "kept" | "select" | "upload";

/** Whether the item shows the wanted image; asks Plex only when its own attribute moved. */
async function judge(
  kind: ImageKind,
  look: WrittenImage,
  last: WrittenImage | undefined,
  item: PlexItem,
  context: WorkContext,
): Promise<Verdict> {
  const preserve = context.settings.preservePlexEdits;
  // Locked before our first write: a person chose this image.
  if (last === undefined) return preserve && item.locked.includes(kind) ? "kept" : "upload";
  const untouched = last.attribute === item[kind];
  if (untouched) return last.sha1 === look.sha1 ? "settled" : "upload";
  // Plex renews the attribute at other edits too, so only the list tells what is shown.
  const listed = await context.plex.posters(item.ratingKey, kind);
  const shown = (sha1: string) => listed.some((i) => i.selected && i.ratingKey.endsWith(sha1));
  if (shown(look.sha1)) return "settled";
  if (preserve && !shown(last.sha1)) return "kept";
  return listed.some((image) => image.ratingKey.endsWith(look.sha1)) ? "select" : "upload";
}

interface Cover {
  sha1: string;
  etag: string | null;
  bytes(): Promise<{ bytes: Uint8Array; contentType: string }>;
}

/** The scene's cover, asked for only if it changed; null when the scene has none. */
async function readCover(
  scene: Scene,
  known: readonly (WrittenImage | undefined)[],
  context: WorkContext,
): Promise<Cover | null> {
  // A conditional request pays only when every image in question is known by the same tag.
  const tags = new Set(known.map((image) => image?.etag ?? null));
  const tag = tags.size === 1 ? [...tags][0]! : null;
  const shot = await readScreenshot(scene, tag, context);
  if (shot.status === "none") return null;
  if (shot.status === "same") {
    return {
      sha1: known[0]!.sha1,
      etag: tag,
      bytes: async () => {
        const again = await context.stash.screenshot(scene.id);
        if (again.status === "image") return fitting(scene, again);
        throw new PlexsyncError("TransientError", `The cover of scene ${scene.id} went away`);
      },
    };
  }
  return {
    sha1: createHash("sha1").update(shot.bytes).digest("hex"),
    etag: shot.etag,
    bytes: () => Promise.resolve(fitting(scene, shot)),
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
    if (error.type !== "StashUnavailable" || !isCoversOwn(error)) throw error;
    throw new PlexsyncError("TransientError", error.message, {
      cause: error,
      hint: "Retried by itself; if it persists, set the scene's cover in Stash anew",
    });
  }
}

/** A server that is down, or refuses us, does so for every request; it answers none with 500. */
function isCoversOwn({ status, cause }: PlexsyncError): boolean {
  if (status !== undefined) return status === 500;
  return !(cause instanceof TransportFailure) || cause.kind.startsWith("body-");
}

/** @throws {PlexsyncError} the image is larger than Plex takes */
function fitting<T extends { bytes: Uint8Array }>(scene: Scene, image: T): T {
  if (image.bytes.length <= MAX_IMAGE_BYTES) return image;
  throw new PlexsyncError(
    "PermanentError",
    `The cover of scene ${scene.id} has ${image.bytes.length} bytes, Plex takes ${MAX_IMAGE_BYTES}`,
    { hint: "Set a smaller cover in Stash, or switch sync_poster and sync_background off" },
  );
}

/** Plex's own address of an upload: the SHA-1 of its bytes (plex-api 9). */
function uploadKey(step: ImageStep): string {
  return `upload://${step.kind === "poster" ? "posters" : "arts"}/${step.look.sha1}`;
}

// A fresh upload may take up to a second until it shows (plex-api 9).
const LOOKS = 5;
const LOOK_PAUSE_MS = 300;

/**
 * Brings one planned image to Plex and makes sure that it is the one shown.
 * @throws {PlexsyncError} Plex took it without showing it
 */
export async function applyImage(
  item: PlexItem,
  step: ImageStep,
  context: WorkContext,
): Promise<void> {
  const { plex, runtime } = context;
  if (step.upload === null) await plex.selectImage(item.ratingKey, step.kind, uploadKey(step));
  else {
    const { bytes, contentType } = step.upload;
    await plex.uploadImage(item.ratingKey, step.kind, bytes, contentType);
  }
  for (let look = 1; look <= LOOKS; look++) {
    const listed = await plex.posters(item.ratingKey, step.kind);
    const here = listed.find((image) => image.ratingKey.endsWith(step.look.sha1));
    if (here?.selected === true) return;
    // A blob that Plex knew before is stored, but not always shown.
    if (here !== undefined) await plex.selectImage(item.ratingKey, step.kind, here.ratingKey);
    else await runtime.sleep(LOOK_PAUSE_MS);
  }
  const what = step.kind === "poster" ? "poster" : "background";
  throw new PlexsyncError(
    "PlexTemporaryError",
    `Plex answered 200 but does not show the new ${what} of item ${item.ratingKey}`,
  );
}
