import { type BoundedAnswer, TransportFailure } from "../core/http/bounded_fetch.ts";
import { PlexsyncError } from "../core/failures/errors.ts";
import { contentError, statusError } from "./classify.ts";
import type { StashHttp } from "./http.ts";
import { imageType } from "./image_type.ts";

/** A scene's cover; "none" where Stash draws its own picture for want of one. */
export type Screenshot =
  | { status: "same" }
  | { status: "none" }
  | {
    status: "image";
    bytes: Uint8Array<ArrayBuffer>;
    contentType: string;
    /** For the next `If-None-Match`; null if Stash gave none. */
    etag: string | null;
  };

/** Reads the cover from our own base URL: the host in Stash's `paths` may be unreachable. */
export async function readScreenshot(
  http: StashHttp,
  sceneId: string,
  etag?: string,
): Promise<Screenshot> {
  const action = `read the cover of scene ${sceneId}`;
  const headers: Record<string, string> = { Accept: "image/*" };
  // Only quotes and visible ASCII can go back into a header; anything else is read anew.
  if (etag !== undefined && /^[\x21-\x7e]+$/.test(etag)) headers["If-None-Match"] = etag;
  let answer: BoundedAnswer;
  try {
    answer = await http.get({ action }, `scene/${encodeURIComponent(sceneId)}/screenshot`, headers);
  } catch (thrown) {
    throw tooLarge(action, thrown) ?? thrown;
  }
  if (answer.status === 304 && "If-None-Match" in headers) return { status: "same" };
  if (answer.status !== 200) throw statusError(action, answer, http.server);

  const contentType = (answer.headers.get("content-type") ?? "").split(";")[0]!.trim()
    .toLowerCase();
  // Without a cover Stash sends its own drawing, with 200.
  if (contentType === "image/svg+xml") return { status: "none" };
  // A kind of image that Stash does not know comes as octet-stream; and what is said to be an image
  // may be a proxy's page, which Plex would take for a poster.
  const isSaid = contentType.startsWith("image/") || contentType === "application/octet-stream";
  const type = isSaid ? imageType(answer.body) : null;
  if (type === null) throw contentError(action, "image", answer.status);
  return {
    status: "image",
    bytes: answer.body,
    contentType: type,
    etag: answer.headers.get("etag"),
  };
}

/** Too large is about this cover, not about Stash: waiting would not help. */
function tooLarge(action: string, thrown: unknown): PlexsyncError | undefined {
  const cause = thrown instanceof PlexsyncError ? thrown.cause : undefined;
  if (!(cause instanceof TransportFailure) || cause.kind !== "body-too-large") return undefined;
  const hint = "Set a smaller cover for the scene in Stash, then retry the dead letter";
  return new PlexsyncError("PermanentError", `Cannot ${action}: Stash ${cause.message}`, {
    cause,
    hint,
  });
}
