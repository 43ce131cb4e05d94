import { PlexsyncError } from "../../core/failures/errors.ts";
import { isTimeOut, isTooLarge } from "../../core/failures/transport_failures.ts";
import { keyOf, type Page } from "./listing_page.ts";
import type { Row } from "./lenient.ts";

/** Places of rows that are read to see whether any can be. */
const PROOFS = [999, 99, 9, 4, 2, 1, 0];
/** So many rows that cannot be read, and none that can, raise the question whose fault it is. */
const HOPELESS = 4;
/** So many failures a walk meets to find single rows; a page that fails then is left out whole. */
const MAX_FAILURES = 1_000;
/** The same for those that take a time-out each. */
const MAX_SILENCES = 60;
/** So few rows take no time-out for their number. */
const FEW_ROWS = 50;

/** Stands for a row that cannot be read. */
const UNREAD: Row = {};

/** So many rows fit one answer of a server. Learnt, and kept for the session. */
export interface Fitting {
  rows: number;
}

/** A listing that can be asked for in pages of any size. */
export interface Pages {
  /**
   * @param size 0 for the count alone
   * @throws {PlexsyncError}
   */
  read(start: number, size: number): Promise<Page>;
  /** The same of all that is in the section: any row will do. */
  readAny(start: number, size: number): Promise<Page>;
}

/** What is known of one page. */
interface Part {
  start: number;
  /** Nothing is listed from this place on. */
  end: number;
  rows: Map<number, Row>;
  failed: Map<number, PlexsyncError>;
}

/**
 * Pages of one walk. Where one fails, and the section is well, it is read in ever smaller halves
 * until what spoils it stands alone; a row without a key is in its place.
 * It takes at most 2·log₂(size) requests for each such row, and some ten for the whole.
 */
export class SparedListing {
  /** Places of rows that were left out. */
  readonly #unread = new Set<number>();
  /** The first of them, in words. */
  #first = "";
  #failures = 0;
  #silences = 0;
  /** Rows that failed since the last one was read. */
  #inARow = 0;
  /** Where a row could be read. */
  #proof: number | undefined;

  constructor(
    private readonly pages: Pages,
    private readonly pageSize: number,
    private readonly fitting: Fitting,
  ) {}

  /** What was left out, in words; "" for nothing. */
  get unread(): string {
    const others = this.#unread.size - 1;
    return others < 1 ? this.#first : `${this.#first} and ${others} more`;
  }

  /** @throws {PlexsyncError} the section is not well, or no row at all can be read */
  async read(start: number): Promise<Page> {
    const asked = Math.min(this.pageSize, this.fitting.rows);
    let failure: PlexsyncError;
    try {
      return await this.pages.read(start, asked);
    } catch (thrown) {
      failure = this.#met(thrown);
    }
    const counted = await this.pages.read(start, 0);
    const end = Math.min(start + asked, counted.totalSize ?? Infinity);
    if (end <= start) throw failure;
    await this.#prove(failure);
    const part: Part = { start, end, rows: new Map(), failed: new Map() };
    await this.#halve(part, start, end, failure);
    await this.#judge(part);
    const rows = Array.from({ length: part.end - start }, (_, n) => part.rows.get(start + n));
    return { ...counted, rows: rows.map((row) => row ?? UNREAD), start, asked };
  }

  /** @throws what is no failure of a request, such as that all is to stop */
  #met(thrown: unknown): PlexsyncError {
    if (!(thrown instanceof PlexsyncError)) throw thrown;
    this.#failures++;
    if (isTimeOut(thrown)) this.#silences++;
    return thrown;
  }

  get #isSpent(): boolean {
    return this.#failures > MAX_FAILURES || this.#silences > MAX_SILENCES;
  }

  /**
   * Rows that failed together, by halves.
   * @returns whether every one of them was read
   */
  async #halve(part: Part, at: number, end: number, failure: PlexsyncError): Promise<boolean> {
    if (this.#isSpent || end - at === 1) {
      for (let place = at; place < end; place++) part.failed.set(place, failure);
      // An outage may have begun meanwhile: it is no row's fault, however many fail.
      if (++this.#inARow % HOPELESS === 0) await this.#prove(failure);
      return false;
    }
    const middle = at + Math.ceil((end - at) / 2);
    const isLeftRead = await this.#half(part, at, middle, failure);
    const isRightRead = await this.#half(part, middle, end, failure);
    if (!isLeftRead || !isRightRead) return false;
    // No single row was too large, so all of them together were.
    if (isTooLarge(failure) || isTimeOut(failure) && middle - at >= FEW_ROWS) {
      this.fitting.rows = Math.min(this.fitting.rows, middle - at);
    }
    return true;
  }

  async #half(part: Part, from: number, end: number, failure: PlexsyncError): Promise<boolean> {
    // Plex may give fewer rows than asked.
    for (let at = from; at < Math.min(end, part.end);) {
      let page: Page;
      try {
        page = await this.pages.read(at, end - at);
      } catch (thrown) {
        return await this.#halve(part, at, end, this.#met(thrown));
      }
      // What ignores the place that it is asked for has no halves.
      if (page.start !== at || page.rows.length > end - at) throw failure;
      if (page.rows.length === 0) part.end = at;
      else this.#inARow = 0;
      for (const row of page.rows) part.rows.set(at++, row);
    }
    return true;
  }

  /** What failed alone is asked for once more: it may have been a failure that passed. */
  async #judge(part: Part): Promise<void> {
    for (const [at, error] of part.failed) {
      if (isTimeOut(error) || this.#isSpent) continue;
      try {
        const [row] = (await this.pages.read(at, 1)).rows;
        if (row !== undefined) part.rows.set(at, row);
        part.failed.delete(at);
      } catch (thrown) {
        part.failed.set(at, this.#met(thrown));
      }
    }
    const [last] = [...part.failed.values()].slice(-1);
    if (last === undefined) return;
    await this.#prove(last);
    for (const [at, { message }] of part.failed) {
      const before = keyOf(part.rows.get(at - 1));
      const which = before === ""
        ? `what stands at place ${at + 1}`
        : `what follows on item ${before}`;
      if (this.#unread.size === 0) this.#first = `${which} (${message})`;
      this.#unread.add(at);
    }
  }

  /** @throws {PlexsyncError} others cannot be read either: it is no single row's fault */
  async #prove(failure: PlexsyncError): Promise<void> {
    let failures = 0;
    for (const place of this.#proof === undefined ? PROOFS : [this.#proof, ...PROOFS]) {
      try {
        if ((await this.pages.readAny(place, 1)).rows.length === 0) continue;
        this.#proof = place;
        return;
      } catch (thrown) {
        failures++;
        // Each further silence would take a time-out too.
        if (isTimeOut(this.#met(thrown)) && failures > 1) throw failure;
      }
    }
    // One alone has nobody to speak for it; the section can be counted.
    if (failures !== 1) throw failure;
  }
}
