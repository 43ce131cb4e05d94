import type { ImageField, ItemType } from "../core/sync/fields.ts";
import type { Edit, IndexedFile, Item, ItemRef } from "../core/sync/item.ts";
import type { Shortfall } from "../core/sync/verify.ts";
import type { Fitted, Ways } from "../core/sync/ways.ts";

/** Who answers at the target's address. */
export interface Identity {
  /** Another one under the same address is another server: ids of items mean nothing there. */
  server: string;
  version: string;
  /** The server's own clock, epoch ms; null where it does not tell. */
  now: number | null;
}

/** A library whose items can be synced. */
export interface Section {
  id: string;
  title: string;
  /** The type of the items in it that have files. */
  type: ItemType;
  /** Folders as the target sees them. */
  folders: readonly string[];
}

/** The libraries of a target. */
export interface SectionsListed {
  sections: Section[];
  /** Whether all were given, as far as can be told: else nothing is gone for not being among them. */
  isWhole: boolean;
}

/** One page of a library's listing. */
export interface ListingPage {
  /** All files of the items on it; a file may come again on a later page. */
  files: IndexedFile[];
  /**
   * The greatest cursor on the page, 0 without any: what changed later has one at least as great.
   * Never beyond the target's own now.
   */
  cursor: number;
  /** Items whose stamp lies ahead of the target's clock, which moves no cursor; for people. */
  ahead: readonly { item: string; stamp: string }[];
  /** `since` lies ahead of the target's clock: only a listing of all shows what changed. */
  sinceAhead: boolean;
  /** Items that the listing has to go through. */
  total: number;
  /** How many of them it did not give; 0 before its end. */
  missing: number;
  /** Those that could not be read up to here, and were left out, in words; "" for none. */
  unread: string;
  /** True on the last page of a listing that saw every item: only then is an unseen item gone. */
  complete: boolean;
}

/** The images that a target has for one field of an item; uploads by the SHA-1 of their bytes. */
export interface ListedImages {
  /** The one that is shown; null when it is none that was uploaded. */
  shown: string | null;
  /** The target's own keys of all that were uploaded, by digest. */
  known: ReadonlyMap<string, string>;
  /** The key of the one that is shown, uploaded or not; null when none is, or it cannot be told. */
  shownKey: string | null;
  /** The keys of all that can be chosen. */
  keys: ReadonlySet<string>;
}

/** The bytes of an image. */
export interface Picture {
  bytes: Uint8Array<ArrayBuffer>;
  contentType: string;
}

/** An image to be shown. */
export interface Image {
  /** SHA-1 of its bytes, lower-case hex. */
  digest: string;
  /** The target's own key of it, if `images` gave one: then it is chosen and no byte is sent. */
  key?: string | undefined;
  /** The bytes, asked for only without a key. */
  bytes(): Promise<Picture>;
}

/** What a target tells by itself. Hints at most: nothing is told again after a broken connection. */
export type News =
  /** From now on news come; what happened before is not told. */
  | { kind: "connected"; by: string }
  /** None come for `retryMs` at least; `reason` is a predicate of the target. */
  | { kind: "disconnected"; by: string; reason: string; retryMs: number }
  /** It may have gained files, told at most every few seconds: time to refresh the index. */
  | { kind: "files" };

/**
 * One thing that is kept equal to Stash. All that is the target's own way (names of fields,
 * encodings, limits, requests) stays behind this; above it nobody knows which kind it is.
 *
 * Every method rejects with a `PlexsyncError` whose type says what becomes of the job. Nothing is
 * tried twice behind it: retries belong to the queue.
 */
export interface Target extends Ways {
  /** Its name in the database, such as `plex`. */
  readonly id: string;
  /** Its name for people, such as `Plex`. */
  readonly title: string;
  /** Largest image in bytes. */
  readonly maxImageBytes: number;

  /** Whether it answers at all; needs no valid token. */
  identity(): Promise<Identity>;
  /** Whether it takes our token. */
  checkAccess(): Promise<{ name: string; version: string }>;
  sections(): Promise<SectionsListed>;
  /**
   * Pages of a library's listing.
   * @param since Only what changed at or after this cursor, and maybe some of what came shortly
   *   before it; null for all. Deletions never show
   */
  listing(section: Pick<Section, "id" | "type">, since: number | null): AsyncIterable<ListingPage>;
  /** Items in full detail, by id. Those that are not there are not in the map. */
  read(items: readonly string[]): Promise<Map<string, Item>>;

  /**
   * Writes an edit, rating included, in as few requests as can be. Success proves nothing: read
   * the item again.
   * @param item As read before
   * @param edit As `fit` gave it
   * @returns what was sent; less than `edit` where the server's limits turn out to be narrower
   */
  write(item: Item, edit: Edit): Promise<Fitted>;
  /**
   * Sends again what did not take, in another way each round.
   * @param item The same as for `write`
   * @param round From 0
   * @returns false when there is no other way left, and nothing was sent
   */
  repair(item: Item, rest: Shortfall, round: number): Promise<boolean>;
  /**
   * What `repair` sent last was seen to stand: the target may go that way from now on.
   * @param item The same as for `write`
   */
  repaired(item: Item): void;

  /**
   * Collections of a library that would end if so many of their members left, and with them what
   * somebody made of them: a text, an image, a place in the order, a lock.
   * @param leaving How many items are about to leave each, by its name
   * @returns how many members each of those has, by the same names
   */
  cherished(section: string, leaving: ReadonlyMap<string, number>): Promise<Map<string, number>>;

  images(item: Pick<ItemRef, "id">, field: ImageField): Promise<ListedImages>;
  /**
   * The poster of an item for people to look at, small.
   * @param mark As `values.poster` of the item has it
   * @returns null where it is no image that the target has
   */
  picture(mark: string): Promise<Picture | null>;
  /**
   * Makes it the image that is shown: chooses it by its key, or sends its bytes. It may take a
   * moment until it is shown, and one sent that was there already may have to be chosen: look again.
   */
  show(item: Pick<ItemRef, "id">, field: ImageField, image: Image): Promise<void>;

  /** Asks for a scan of one folder, which it does later, or never for a foreign one. */
  scan(section: string, folder: string): Promise<void>;
  /**
   * Tells of what it does by itself until `signal` aborts; never rejects. What was written through
   * this very target is no news. One listener at a time.
   * @param tell Must not throw
   * @param wants Whether news of a library are of use, by its id
   */
  listen(
    tell: (news: News) => void,
    signal: AbortSignal,
    wants: (section: string) => boolean,
  ): Promise<void>;
}
