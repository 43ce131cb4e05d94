import { PlexsyncError } from "../../core/failures/errors.ts";
import type { Item, ItemRef } from "../../core/sync/item.ts";
import { contentError } from "./classify.ts";
import { type CollectionCalls, collectionCalls } from "./collections.ts";
import { assertNumericIds } from "./edit_query.ts";
import type { PlexHttp, PlexRequest } from "./http.ts";
import { type ImageCalls, imageCalls } from "./images.ts";
import { readItem } from "./read_item.ts";
import { rows } from "./lenient.ts";
import type { ListingPage } from "../target.ts";
import { walkSection } from "./listing.ts";
import { type ServerCalls, serverCalls } from "./server.ts";

/**
 * One Plex server, request by request. Every method rejects with a `PlexsyncError` whose type says
 * what to do, or with `RangeError` for an id that is not a string of digits. Nothing is tried twice
 * here; retries belong to the queue.
 */
export interface PlexClient extends ServerCalls, ImageCalls, CollectionCalls {
  /**
   * Full detail of items, by ratingKey, 100 per request. Those that are gone are not in the map:
   * gone is what Plex answers with 404 when asked for it alone.
   * @throws {PlexsyncError} also PlexTemporaryError, for an item that an answer of 200 left out
   */
  items(ratingKeys: readonly string[]): Promise<Map<string, Item>>;
  /**
   * Sends the PUTs of an edit in order. Success proves nothing: Plex answers 200 to what it does
   * not understand, so read the item again.
   * @param paths As of `editRequests`
   */
  put(item: ItemRef, paths: readonly string[]): Promise<void>;
  /** @param rating 0-10, or null to clear. It is the token owner's own rating */
  setRating(ratingKey: string, rating: number | null): Promise<void>;
  /** All files of a section, page by page, see `walkSection`. */
  sweep(sectionId: string, typeNumber: number, pageSize: number): AsyncGenerator<ListingPage>;
  /**
   * Files of the items added or changed since a second of Plex's own clock, which it may compare
   * strictly. Deletions never show.
   */
  delta(
    sectionId: string,
    typeNumber: number,
    sinceSeconds: number,
    pageSize?: number,
  ): AsyncGenerator<ListingPage>;
}

/** Longer lists of ids make URLs that Plex refuses. */
const ITEMS_PER_REQUEST = 100;

/** Rows of a listing in one answer: the most that Plex serves well, whole or since a time. */
export const LISTING_PAGE_SIZE = 500;

/** @param http The requests, as whoever sends them wants them to behave */
export function createPlexClient(http: PlexHttp): PlexClient {
  const fitting = { rows: Infinity };
  return {
    ...serverCalls(http),
    ...imageCalls(http),
    ...collectionCalls(http),

    async items(ratingKeys) {
      const wanted = [...new Set(ratingKeys)];
      assertNumericIds(...wanted);
      const found = new Map<string, Item>();
      for (let at = 0; at < wanted.length; at += ITEMS_PER_REQUEST) {
        for (const item of await readItems(http, wanted.slice(at, at + ITEMS_PER_REQUEST))) {
          found.set(item.id, item);
        }
      }
      return found;
    },

    async put(item, paths) {
      assertNumericIds(item.id);
      const action = `edit item ${item.id}`;
      for (const path of paths) await http.send({ method: "PUT", path, action, subject: "item" });
    },

    async setRating(ratingKey, rating) {
      assertNumericIds(ratingKey);
      if (rating !== null && !(rating >= 0 && rating <= 10)) {
        throw new RangeError(`Cannot rate an item with ${rating}: must be 0 to 10 or null`);
      }
      const query = `identifier=com.plexapp.plugins.library&key=${ratingKey}&rating=${
        rating ?? -1
      }`;
      const request: PlexRequest = {
        action: `rate item ${ratingKey}`,
        subject: "item",
        method: "PUT",
        path: `/:/rate?${query}`,
      };
      const { status, body } = await http.send(request);
      // A rating that does not take is its own item's failure; a damaged answer is everybody's.
      if (!isText(body)) throw contentError(request, status);
    },

    sweep: (sectionId, typeNumber, pageSize) =>
      walkSection(http, { sectionId, typeNumber, pageSize }, fitting),

    delta: (sectionId, typeNumber, sinceSeconds, pageSize = LISTING_PAGE_SIZE) =>
      walkSection(http, { sectionId, typeNumber, pageSize, sinceSeconds }, fitting),
  };
}

/** Whether an answer holds no control characters but white space. */
function isText(body: Uint8Array): boolean {
  return body.every((byte) => byte >= 0x20 || byte >= 0x09 && byte <= 0x0d);
}

async function readItems(http: PlexHttp, ratingKeys: string[]): Promise<Item[]> {
  const asked = `read ${ratingKeys.length === 1 ? "item" : "items"} ${briefly(ratingKeys)}`;
  let found: Item[];
  try {
    const { container } = await http.container({
      action: asked,
      // A time-out here says nothing about one job, even if only one was asked for.
      subject: "server",
      method: "GET",
      // A plain detail read makes Plex refresh the items, and say so to everybody.
      path: `/library/metadata/${ratingKeys.join(",")}?skipRefresh=1`,
    });
    found = rows(container.Metadata)
      .map((item) => readItem(item, container))
      .filter((item) => item !== null)
      .filter((item) => ratingKeys.includes(item.id));
  } catch (thrown) {
    if (!(thrown instanceof PlexsyncError) || thrown.status !== 404) throw thrown;
    if (ratingKeys.length === 1) return [];
    // Whether one missing item makes all of them a 404 is not known, and taking
    // items for gone that are there would be worse than asking again in halves.
    const middle = Math.ceil(ratingKeys.length / 2);
    return [
      ...await readItems(http, ratingKeys.slice(0, middle)),
      ...await readItems(http, ratingKeys.slice(middle)),
    ];
  }
  const ids = new Set(found.map(({ id }) => id));
  const missing = ratingKeys.filter((key) => !ids.has(key));
  if (missing.length > 0 && ratingKeys.length === 1) {
    throw new PlexsyncError("PlexTemporaryError", `Cannot ${asked}: Plex answered 200 without it`, {
      status: 200,
      isLeftOut: true,
    });
  }
  // An answer that leaves out what is there looks like one that leaves out what is gone.
  for (const key of missing) found.push(...await readItems(http, [key]));
  return found;
}

function briefly(ids: string[]): string {
  return ids.length <= 3
    ? ids.join(", ")
    : `${ids.slice(0, 2).join(", ")} and ${ids.length - 2} more`;
}
