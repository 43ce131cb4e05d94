import { PlexsyncError } from "../../core/failures/errors.ts";
import type { ImageField } from "../../core/sync/fields.ts";
import type { Picture } from "../target.ts";
import { assertNumericIds } from "./edit_query.ts";
import type { PlexHttp } from "./http.ts";
import { flag, rows, text } from "./lenient.ts";

/** One image that an item could show. */
export interface Poster {
  /** The image's own key, such as `upload://posters/<sha1 of the bytes>`. */
  ratingKey: string;
  selected: boolean;
}

/** Above about 10 MB Plex answers 500, which looks temporary and is not. */
export const MAX_IMAGE_BYTES = 10_480_000;

/** One of 240 by 360 has some 30 KB. */
const MAX_PICTURE_BYTES = 2 * 1024 * 1024;

/** Plex stores and scales within the request; a busy server takes its time. */
const UPLOAD_TIMEOUT_MS = 120_000;

/** The list and upload path, and the path that selects, of each. */
const PATHS: Readonly<Record<ImageField, { many: string; one: string; noun: string }>> = {
  poster: { many: "posters", one: "poster", noun: "poster" },
  background: { many: "arts", one: "art", noun: "background" },
};

export interface ImageCalls {
  /** All images that Plex has for the item. */
  posters(ratingKey: string, kind: ImageField): Promise<Poster[]>;
  /**
   * Sends an image; Plex selects it unless it already had these very bytes.
   * @throws {PlexsyncError} PlexPermanentError above `MAX_IMAGE_BYTES`
   */
  uploadImage(
    ratingKey: string,
    kind: ImageField,
    bytes: Uint8Array<ArrayBuffer>,
    contentType: string,
  ): Promise<void>;
  /**
   * The poster of an item, scaled down by Plex.
   * @param thumb As the item has it
   * @returns null for what is none of the server's own
   */
  picture(thumb: string): Promise<Picture | null>;
  /** @param image `Poster.ratingKey` of the image to show */
  selectImage(ratingKey: string, kind: ImageField, image: string): Promise<void>;
}

export function imageCalls(http: PlexHttp): ImageCalls {
  function subject(action: string, ratingKey: string, kind: ImageField) {
    assertNumericIds(ratingKey);
    const asked = `${action} ${PATHS[kind].noun} of item ${ratingKey}`;
    return { action: asked, subject: "item" as const };
  }

  return {
    async posters(ratingKey, kind) {
      const { container } = await http.container({
        ...subject("list each", ratingKey, kind),
        method: "GET",
        path: `/library/metadata/${ratingKey}/${PATHS[kind].many}`,
      });
      return rows(container.Metadata)
        .map((image) => ({ ratingKey: text(image.ratingKey), selected: flag(image.selected) }))
        .filter((image) => image.ratingKey !== "");
    },

    async uploadImage(ratingKey, kind, bytes, contentType) {
      const asked = subject("upload", ratingKey, kind);
      if (bytes.byteLength > MAX_IMAGE_BYTES) {
        throw new PlexsyncError(
          "PlexPermanentError",
          `Cannot ${asked.action}: it has ${bytes.byteLength} bytes, Plex takes ${MAX_IMAGE_BYTES}`,
          { hint: "Set a smaller cover in Stash" },
        );
      }
      await http.send({
        ...asked,
        method: "POST",
        path: `/library/metadata/${ratingKey}/${PATHS[kind].many}`,
        headers: { "Content-Type": contentType },
        body: bytes,
        timeoutMs: UPLOAD_TIMEOUT_MS,
      });
    },

    async picture(thumb) {
      // Anything else Plex would fetch from wherever it is.
      if (!/^\/library\/metadata\/\d+\/thumb\/\d+$/.test(thumb)) return null;
      const { body, headers } = await http.send({
        action: "read the poster of an item",
        subject: "item",
        method: "GET",
        path: `/photo/:/transcode?width=240&height=360&minSize=1&upscale=0&url=${
          encodeURIComponent(thumb)
        }`,
        headers: { Accept: "image/*" },
        maxBytes: MAX_PICTURE_BYTES,
      });
      return { bytes: body, contentType: headers.get("content-type") ?? "" };
    },

    async selectImage(ratingKey, kind, image) {
      await http.send({
        ...subject("select", ratingKey, kind),
        method: "PUT",
        path: `/library/metadata/${ratingKey}/${PATHS[kind].one}?url=${encodeURIComponent(image)}`,
      });
    },
  };
}
