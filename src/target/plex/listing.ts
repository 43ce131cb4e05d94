import { MINUTE_MS, SECOND_MS } from "../../core/time/duration.ts";
import { PlexsyncError } from "../../core/failures/errors.ts";
import type { ListingPage } from "../target.ts";
import { assertNumericIds } from "./edit_query.ts";
import type { PlexHttp } from "./http.ts";
import { type Row, text } from "./lenient.ts";
import { keyOf, type Page, readPage } from "./listing_page.ts";
import { readIndexed, stampsOf } from "./read_item.ts";
import { type Fitting, SparedListing } from "./spared_listing.ts";

export interface Walk {
  sectionId: string;
  /** 1 movie, 4 episode. */
  typeNumber: number;
  /** 1..1000; Plex warns above that. */
  pageSize: number;
  /** Only items changed or added at or after this second, compare maybe strict. */
  sinceSeconds?: number | undefined;
}

/** A section that moves under the walk this often is taken as it comes. */
const MAX_RESTARTS = 3;

/** So many pages in a row without an item that is new end a walk, however many are counted. */
const MAX_BARREN = 20;

/** A clock of a proxy may differ by so much before a stamp ahead of it is worth a word. */
const CLOCKS_DIFFER_S = 5 * MINUTE_MS / SECOND_MS;

/** No server gets to keep a walk going for ever. */
const MAX_PAGES = 100_000;

/**
 * `addedAt` is a documented sort that our own edits do not touch, and new items come at
 * its end; the default titleSort would move with each title written, and `sort=id` is
 * undocumented. Tags only make the pages bigger.
 */
const ORDER = "sort=addedAt&excludeElements=Role,Genre,Director,Writer,Country,Producer";

/**
 * Walks all items of a section, or the changed ones. Each page repeats the last row of
 * the page before it: if another row stands there, items before it came or went, rows
 * may have been skipped, and the walk starts again. What does so over and over, or twice in the
 * same way, is no change but a listing that leaves out, repeats or miscounts rows: it is taken
 * as it comes, without a claim to be whole. So is what is left when rows cannot be read.
 * @throws {PlexsyncError} the section cannot be read; PlexTemporaryError for a listing that does
 * not end
 * @throws {RangeError} ids, page size or stamp out of range
 */
export async function* walkSection(
  http: PlexHttp,
  walk: Walk,
  fitting: Fitting,
): AsyncGenerator<ListingPage> {
  const { sectionId } = walk;
  const path = listingPath(walk);
  const all = listingPath({ ...walk, sinceSeconds: undefined });
  const pages = new SparedListing(
    {
      read: (start, size) => readPage(http, { sectionId, path }, start, size),
      readAny: (start, size) => readPage(http, { sectionId, path: all }, start, size),
    },
    walk.pageSize,
    fitting,
  );
  let before = "";
  for (let starts = 0; starts <= MAX_RESTARTS; starts++) {
    const moved = yield* walkAnchored(pages, walk);
    if (moved === null) return;
    if (moved === before) break;
    before = moved;
  }
  yield* walkAsItComes(pages, walk);
}

/**
 * @returns null after the last page, else how the rows had moved: what was listed so far may have
 * holes then
 */
async function* walkAnchored(
  pages: SparedListing,
  walk: Walk,
): AsyncGenerator<ListingPage, string | null> {
  const seen = new Set<Mark>();
  let offset = 0;
  let total: number | null = null;
  let anchor: string | undefined;
  let overlap = 1;
  for (let count = 0; count < MAX_PAGES; count++) {
    const repeated = anchor === undefined ? 0 : overlap;
    const page = await pages.read(offset - repeated);
    const fresh = page.rows.slice(repeated);
    const isInPlace = page.start === offset - repeated &&
      (repeated === 0 || keyOf(page.rows[0]) === anchor);
    if (!isInPlace || !areNew(fresh, seen)) {
      return JSON.stringify([offset, anchor, page.start, page.rows.map(keyOf)]);
    }
    // Without a total Plex does not page: such an answer is the whole list, but for one that just
    // fills a page.
    total = page.totalSize ?? total ??
      (count === 0 && page.rows.length !== page.asked ? page.rows.length : null);
    offset += fresh.length;
    anchor = keyOf(page.rows.at(-1));
    const isReached = total !== null && offset >= total;
    if (fresh.length === 0 && !isReached && repeated > 0) {
      // A server that gives a single row at a time would stand still here.
      overlap = 0;
      continue;
    }
    // A total that is too small would end a listing in its midst, so that a full page is not the
    // last one. Fewer rows than counted, and none left: the end, but no proof that the rest is gone.
    const isEnd = fresh.length === 0 || isReached && page.rows.length !== page.asked;
    const { unread } = pages;
    yield listingPage(page, fresh, walk, {
      total: total ?? offset,
      given: seen.size,
      isEnd,
      unread,
    });
    if (isEnd) return null;
  }
  throw endless(walk);
}

/** Adds the keys of rows. @returns false when one was there: an item stands in two places */
function areNew(found: readonly Row[], seen: Set<Mark>): boolean {
  for (const mark of found.map(markOf).filter((mark) => mark !== "")) {
    if (seen.has(mark)) return false;
    seen.add(mark);
  }
  return true;
}

/** Page by page, by place alone: each item once. Never whole, so that nothing is gone for it. */
async function* walkAsItComes(
  pages: SparedListing,
  walk: Walk,
): AsyncGenerator<ListingPage> {
  const seen = new Set<Mark>([""]);
  let total = 0;
  let passed = 0;
  let stride = 0;
  let barren = 0;
  for (let count = 0; count < MAX_PAGES; count++) {
    // Not by what the pages held: a row that one of them left out or repeated moves no other.
    const start = seen.size - 1 + passed;
    const page = await pages.read(start);
    const fresh = page.rows.filter((row) => !seen.has(markOf(row)));
    for (const row of fresh) seen.add(markOf(row));
    total = page.totalSize ?? total;
    barren = fresh.length === 0 ? barren + 1 : 0;
    const isEnd = barren > 0 && start >= total || barren >= MAX_BARREN;
    const { unread } = pages;
    yield {
      ...listingPage(page, fresh, walk, { total, given: seen.size - 1, isEnd, unread }),
      complete: false,
    };
    if (isEnd) return;
    // One that brought nothing is passed over by as much as others hold.
    stride = Math.max(stride, page.rows.length);
    if (barren > 0) passed += stride || walk.pageSize;
  }
  throw endless(walk);
}

function listingPage(
  page: Page,
  fresh: Row[],
  walk: Walk,
  { total, given, isEnd, unread }: {
    total: number;
    given: number;
    isEnd: boolean;
    unread: string;
  },
): ListingPage {
  const missing = isEnd ? Math.max(0, total - given) : 0;
  // Whoever asks for changes only has not seen the rest, which is not gone for that. And a total
  // that is less than what was given tells nothing of the rest either.
  const complete = isEnd && given === total && unread === "" && walk.sinceSeconds === undefined;
  return { ...evaluate(fresh, walk, page.now), total, missing, unread, complete };
}

function endless({ sectionId }: Walk): PlexsyncError {
  return new PlexsyncError(
    "PlexTemporaryError",
    `Cannot list section ${sectionId}: its pages do not end`,
  );
}

function listingPath({ sectionId, typeNumber, pageSize, sinceSeconds }: Walk): string {
  assertNumericIds(sectionId, String(typeNumber));
  if (!Number.isInteger(pageSize) || pageSize < 1 || pageSize > 1000) {
    throw new RangeError(`Cannot list by pages of ${pageSize}: the size must be 1 to 1000`);
  }
  const path = `/library/sections/${sectionId}/all?type=${typeNumber}`;
  if (sinceSeconds === undefined) return `${path}&${ORDER}`;
  if (!Number.isInteger(sinceSeconds) || sinceSeconds < 0) {
    throw new RangeError(`Cannot list changes since ${sinceSeconds}: must be whole seconds`);
  }
  // An encoded `=`, or `or=1` in another place, and Plex lists all or too little.
  const filter = `updatedAt%3E=${sinceSeconds}&or=1&addedAt%3E=${sinceSeconds}`;
  return `${path}&${filter}&${ORDER}`;
}

/**
 * A row's key as it is remembered of a whole library: of a million 21 bytes each, where texts take 45.
 */
type Mark = number | string;

/** As `keyOf`; a number where it is written as one. */
function markOf(item: Row): Mark {
  const key = keyOf(item);
  return /^[1-9]\d{0,14}$/.test(key) ? Number(key) : key;
}

function evaluate(found: Row[], { sectionId, sinceSeconds = 0 }: Walk, now: number) {
  // Some versions of Plex ignore the filter and list all.
  const wanted = found.filter((item) => Math.max(0, ...stampsOf(item)) >= sinceSeconds);
  return {
    files: wanted.flatMap((item) => readIndexed(item, sectionId)),
    // One item that was added "next week" would otherwise hide all that comes until then.
    cursor: Math.max(0, ...wanted.flatMap(stampsOf).filter((stamp) => stamp <= now)),
    ahead: wanted.flatMap((item) => aheadOf(item, now)),
    sinceAhead: sinceSeconds > now,
  };
}

function aheadOf(item: Row, now: number): { item: string; stamp: string }[] {
  const newest = Math.max(0, ...stampsOf(item));
  if (newest <= now + CLOCKS_DIFFER_S) return [];
  const at = new Date(newest * SECOND_MS);
  const stamp = Number.isNaN(at.getTime()) ? String(newest) : at.toISOString();
  return [{ item: text(item.ratingKey), stamp }];
}
