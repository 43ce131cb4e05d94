import { dateOf } from "../../core/http/bounded_fetch.ts";
import { MINUTE_MS, SECOND_MS } from "../../core/time/duration.ts";
import { PlexsyncError } from "../../core/failures/errors.ts";
import type { ListingPage } from "../target.ts";
import { assertNumericIds } from "./edit_query.ts";
import type { PlexHttp } from "./http.ts";
import { readIndexed, stampsOf } from "./read_item.ts";
import { number, type Row, rows, text } from "./lenient.ts";

export interface Walk {
  sectionId: string;
  /** 1 movie, 4 episode. */
  typeNumber: number;
  /** 1..1000; Plex warns above that. */
  pageSize: number;
  /** Only items changed or added at or after this second, compare maybe strict. */
  sinceSeconds?: number;
}

/** A section that moves under the walk this often is tried again later. */
const MAX_RESTARTS = 3;

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
 * may have been skipped, and the walk starts again.
 * @throws {PlexsyncError} PlexTemporaryError when the section never held still
 * @throws {RangeError} ids, page size or stamp out of range
 */
export async function* walkSection(http: PlexHttp, walk: Walk): AsyncGenerator<ListingPage> {
  const path = listingPath(walk);
  let restarts = 0;
  let offset = 0;
  let anchor: string | undefined;
  let overlap = 1;
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    const repeated = anchor === undefined ? 0 : overlap;
    const page = await readPage(http, walk, path, offset - repeated);
    const moved = page.start !== offset - repeated ||
      (repeated > 0 && keyOf(page.rows[0]) !== anchor);
    if (moved) {
      if (++restarts > MAX_RESTARTS) break;
      offset = 0;
      anchor = undefined;
      continue;
    }
    const fresh = page.rows.slice(repeated);
    offset += fresh.length;
    anchor = keyOf(page.rows.at(-1));
    const complete = offset >= page.totalSize;
    if (fresh.length === 0 && !complete && repeated > 0) {
      // A server that gives a single row at a time would stand still here.
      overlap = 0;
      continue;
    }
    // Whoever asks for changes only has not seen the rest, which is not gone for that. And a total
    // that is less than what was given tells nothing of the rest either.
    const sawAll = offset === page.totalSize && walk.sinceSeconds === undefined;
    yield { ...evaluate(fresh, walk, page.now), total: page.totalSize, complete: sawAll };
    // Fewer rows than counted, and none left: the end, but no proof that the rest is gone.
    if (complete || fresh.length === 0) return;
  }
  throw new PlexsyncError(
    "PlexTemporaryError",
    `Cannot list section ${walk.sectionId}: it kept changing while it was read`,
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

interface Page {
  rows: Row[];
  /** Where the rows stand, as Plex says; it may ignore what was asked. */
  start: number;
  totalSize: number;
  /** By Plex's own clock, in seconds. */
  now: number;
}

async function readPage(http: PlexHttp, walk: Walk, path: string, start: number): Promise<Page> {
  const { container, headers } = await http.container({
    method: "GET",
    path,
    action: `list section ${walk.sectionId}`,
    subject: "section",
    // Both of them: a size without a start has been ignored.
    headers: {
      "X-Plex-Container-Start": String(start),
      "X-Plex-Container-Size": String(walk.pageSize),
    },
  });
  const found = rows(container.Metadata);
  const now = (dateOf(headers) ?? http.now()) / SECOND_MS;
  const totalSize = number(container.totalSize) ??
    number(headers.get("x-plex-container-total-size"));
  // No total means that Plex did not page: the answer is the whole list.
  if (totalSize === null) return { rows: found, start: 0, totalSize: found.length, now };
  const said = number(container.offset) ?? number(headers.get("x-plex-container-start"));
  return { rows: found, start: said ?? start, totalSize, now };
}

function keyOf(item: Row | undefined): string | undefined {
  return item === undefined ? undefined : text(item.ratingKey);
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
