import { createHash } from "node:crypto";
import { asPlexsyncError, PlexsyncError } from "../../core/failures/errors.ts";
import type { CoverMemory } from "../../core/sync/memory.ts";
import type { Scene } from "../../core/sync/scene.ts";
import type { Screenshot } from "../../stash/screenshot.ts";
import type { Image } from "../../target/target.ts";
import type { WorkContext } from "../context.ts";
import { assertReady } from "../../stash/ready.ts";

/** Digest of a cover of which no byte could be read. */
export const UNREADABLE = "";

/** A scene's cover. */
export interface Cover {
  /** SHA-1 of its bytes, or `UNREADABLE`. */
  digest: string;
  etag: string | null;
  /** Why it can never be sent; null when it can. */
  refused: string | null;
  bytes: Image["bytes"];
}

/**
 * The scene's cover, asked for only if it changed; null when the scene has none.
 * @param covers What is known of it from each of the images in question
 * @throws {PlexsyncError} it could not be read for now
 */
export async function readCover(
  scene: Scene,
  covers: readonly (CoverMemory | undefined)[],
  context: WorkContext,
): Promise<Cover | null> {
  // A conditional request pays only when every image in question is known by the same tag.
  const [first] = covers;
  const known =
    covers.every((cover) => cover?.etag === first?.etag && cover?.digest === first?.digest)
      ? first
      : undefined;
  let shot: Screenshot;
  try {
    shot = await readScreenshot(scene, known?.etag ?? null, context);
  } catch (thrown) {
    const error = asPlexsyncError(thrown);
    if (error.type !== "PermanentError") throw error;
    const bytes = () => Promise.reject(error);
    return { digest: UNREADABLE, etag: null, refused: error.message, bytes };
  }
  if (shot.status === "none") return null;
  if (shot.status === "same") {
    return {
      digest: known!.digest,
      etag: known!.etag,
      refused: known!.refused,
      bytes: async () => {
        const again = await context.stash.screenshot(scene.id);
        if (again.status === "image") return fitting(scene, again, context);
        throw new PlexsyncError("TransientError", `The cover of scene ${scene.id} went away`);
      },
    };
  }
  return {
    digest: createHash("sha1").update(shot.bytes).digest("hex"),
    etag: shot.etag,
    refused: null,
    // deno-lint-ignore require-await -- a promise because the other kind of cover is read first
    bytes: async () => fitting(scene, shot, context),
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

/** @throws {PlexsyncError} PermanentError: the image is larger than the target takes */
function fitting<T extends { bytes: Uint8Array }>(
  scene: Scene,
  image: T,
  { target: { title, maxImageBytes } }: WorkContext,
): T {
  if (image.bytes.length <= maxImageBytes) return image;
  throw new PlexsyncError(
    "PermanentError",
    `The cover of scene ${scene.id} has ${image.bytes.length} bytes, ${title} takes ${maxImageBytes}`,
    { hint: "Set a smaller cover in Stash, or switch sync_poster and sync_background off" },
  );
}
