import { MINUTE_MS } from "../core/duration.ts";
import { type MetaKey, newestStampOf, settledStampOf } from "../core/meta_keys.ts";
import type { ChangeKind, Stamp } from "../stash/changes.ts";
import {
  ANY_ZONE_OVERLAP_MS,
  instantOf,
  SAFE_OVERLAP_MS,
  stampLike,
  watermark,
  watermarkOfAnyZone,
} from "../stash/watermark.ts";
import type { Meta } from "../store/meta.ts";

/** A bulk edit takes its time stamp minutes before its rows become visible. */
const OVERLAP_MS = 5 * MINUTE_MS;
/** How often the longer overlap is read, however much lies in it. */
const LONG_EVERY_MS = 15 * MINUTE_MS;
/** While no more lies in the longer overlap, it is read at each poll: that costs no request more. */
const FEW_ROWS = 400;
/**
 * A stamp has whole seconds, so a thing may change again within the one that was seen.
 * Seen once more after this long, it cannot.
 */
const SAME_TICK_MS = 2_000;
/** Clocks may differ by so much before it is worth a word. */
export const CLOCKS_DIFFER_MS = 5 * MINUTE_MS;

interface Seen {
  updatedAt: string;
  /** Epoch ms of the first sight of this stamp. */
  at: number;
  /** The poll after the tick is done. */
  final: boolean;
}

/** A stamp by which no cursor can go: it lies ahead of the server's clock, or is no time at all. */
export interface OddStamp {
  id: string;
  text: string;
  is: "ahead" | "no time";
}

/**
 * Tells news from what was seen already, for one kind of time stamp. A poll is `begin`,
 * then for each page `news` and `note`, then `end`; cut off in between, the next one
 * starts from the same place. That place, the cursor, is the stamp of the latest instant that was
 * seen, and never one beyond the server's own now: what lies there is listed by every poll and
 * known by its id and stamp. It is no greatest text either, which runs backwards in autumn and
 * when the server moves westwards: therefore so much is read again, as long as it is little.
 */
export class StampCursor {
  /** What lies within the overlap, so that each change is news once. */
  #seen = new Map<string, Seen>();
  #present = new Set<string>();
  #latest = "";
  #begunAt = 0;
  #long = false;
  #longAt = 0;
  /** Much lay in the longer overlap when it was last read. */
  #crowded = false;
  /** When the cursor moved last, epoch ms. */
  #movedAt: number | null = null;
  /** For the first poll: up to which instant an earlier process saw all, epoch ms. */
  #seenBefore: number | null = null;
  readonly #key: MetaKey<string>;
  readonly #settledKey: MetaKey<string>;

  constructor(readonly kind: ChangeKind, private readonly meta: Pick<Meta, "get" | "set">) {
    this.#key = newestStampOf(kind);
    this.#settledKey = settledStampOf(kind);
  }

  /** True when there was no poll before. */
  get isNew(): boolean {
    return this.cursor === undefined;
  }

  /** Raw text of the latest stamp seen, "" when there was none. */
  get cursor(): string | undefined {
    return this.meta.get(this.#key);
  }

  /** All up to the cursor was seen after the overlap was over: nothing older can show. */
  get #isSettled(): boolean {
    return this.meta.get(this.#settledKey) === this.cursor;
  }

  /**
   * Sets a stored cursor that is no time aside: it goes on from now in any zone.
   * @returns what it was; null when it is in order
   */
  mend(now: number): string | null {
    const cursor = this.cursor ?? "";
    if (cursor === "" || instantOf(cursor) !== null) return null;
    this.meta.set(this.#key, watermarkOfAnyZone(now));
    this.#seenBefore = -Infinity;
    return cursor;
  }

  /**
   * Sets a cursor back that lies beyond the server's own now. The poll has to begin anew then.
   * @returns how far beyond it was, in ms; 0 when it was not
   */
  rewind(serverNow: number): number {
    const cursor = this.cursor ?? "";
    const beyond = (instantOf(cursor) ?? -Infinity) - serverNow;
    if (beyond <= 0) return 0;
    this.meta.set(this.#key, stampLike(serverNow, cursor));
    // How much an earlier process saw, its cursor does not tell then.
    const upTo = beyond > CLOCKS_DIFFER_MS ? -Infinity : serverNow - CLOCKS_DIFFER_MS;
    this.#seenBefore = Math.min(this.#seenBefore ?? Infinity, upTo);
    return beyond;
  }

  /**
   * Begins a poll.
   * @returns the value for Stash's filter; null for everything
   */
  begin(now: number): string | null {
    const cursor = this.cursor ?? "";
    this.#begunAt = now;
    this.#long = !this.#crowded || Math.abs(now - this.#longAt) >= LONG_EVERY_MS;
    this.#movedAt ??= now;
    this.#latest = cursor;
    this.#present.clear();
    const at = instantOf(cursor) ?? -Infinity;
    this.#seenBefore ??= this.#isSettled ? at : at - OVERLAP_MS;
    if (cursor === "") return null;
    if (this.#long) return watermark(cursor, ANY_ZONE_OVERLAP_MS);
    // A bulk edit of long ago is not listed over and over.
    return this.#isSettled ? cursor : watermark(cursor, OVERLAP_MS);
  }

  /** Those that changed since they were last noted. */
  news(page: readonly Stamp[], now: number): Stamp[] {
    return page.filter(({ id, updatedAt }) => {
      const seen = this.#seen.get(id);
      if (seen?.updatedAt !== updatedAt) return !this.#isOld(updatedAt);
      return !seen.final && Math.abs(now - seen.at) >= SAME_TICK_MS;
    });
  }

  /**
   * What was done about a page outlives a kill: it is news no longer.
   * @returns stamps to go by none of, each at its first sight
   */
  note(page: readonly Stamp[], now: number, serverNow: number): OddStamp[] {
    const odd: OddStamp[] = [];
    for (const { id, updatedAt } of page) {
      this.#present.add(id);
      const seen = this.#seen.get(id);
      const isFirstSight = seen?.updatedAt !== updatedAt;
      for (const text of textsOf(updatedAt)) {
        const at = instantOf(text);
        if (at !== null && at <= serverNow) {
          if (at > (instantOf(this.#latest) ?? -Infinity)) this.#latest = text;
        } else if (isFirstSight && at === null) odd.push({ id, text, is: "no time" });
        else if (isFirstSight && at! > serverNow + CLOCKS_DIFFER_MS) {
          odd.push({ id, text, is: "ahead" });
        }
      }
      if (isFirstSight) {
        this.#seen.set(id, { updatedAt, at: now, final: this.#isOld(updatedAt) });
      } else if (Math.abs(now - seen.at) >= SAME_TICK_MS) seen.final = true;
    }
    return odd;
  }

  /** An earlier process saw it; without that, each restart would sync the last day again. */
  #isOld(updatedAt: string): boolean {
    const upTo = this.#seenBefore ?? -Infinity;
    return textsOf(updatedAt).every((text) => (instantOf(text) ?? Infinity) <= upTo);
  }

  /**
   * The poll saw everything: the next one goes on from here.
   * @param serverNow The server's own clock, epoch ms
   */
  end(serverNow: number): void {
    if (this.#latest !== this.cursor) {
      this.meta.set(this.#key, this.#latest);
      this.#movedAt = this.#begunAt;
    }
    if (!this.#isSettled && this.#isPast(this.#latest, serverNow)) {
      this.meta.set(this.#settledKey, this.#latest);
    }
    // From now on the stamps that were seen say more: a clock may be set back.
    this.#seenBefore = -Infinity;
    if (!this.#long) return;
    this.#longAt = this.#begunAt;
    this.#crowded = this.#present.size > FEW_ROWS;
    // What no longer falls into the overlap need not be remembered: memory stays bounded.
    for (const id of this.#seen.keys()) if (!this.#present.has(id)) this.#seen.delete(id);
  }

  /**
   * The overlap was over when this poll began: by the time since the stamp was seen, or
   * by its own age on the clock that it was made by, with an hour for the change in autumn.
   */
  #isPast(stamp: string, serverNow: number): boolean {
    if (Math.abs(this.#begunAt - this.#movedAt!) >= OVERLAP_MS) return true;
    const at = instantOf(stamp);
    return at !== null && serverNow - at >= SAFE_OVERLAP_MS;
  }

  /**
   * Ends the very first poll: what it saw is no change, but may still become one.
   * @param start Where to go on if it saw nothing later; "" when Stash has no stamp at all, and
   * everything that comes is a change
   * @param serverNow The server's own clock, epoch ms
   */
  endFirst(start: string, serverNow: number): void {
    const latest = instantOf(this.#latest) ?? -Infinity;
    if (latest < (instantOf(start) ?? -Infinity)) this.#latest = start;
    this.end(serverNow);
    for (const seen of this.#seen.values()) {
      seen.final = this.#isSettled || seen.updatedAt !== this.#latest;
    }
  }
}

function textsOf(updatedAt: string): string[] {
  return updatedAt.split(" ");
}

/**
 * Where the first poll begins, so that no later one lists what it did not.
 * @param newest The greatest stamp of all scenes by its text; null without scenes
 */
export function firstAfter(newest: string | null, now: number): string | null {
  if (newest === null) return null;
  return isUsable(newest, now)
    ? watermark(newest, ANY_ZONE_OVERLAP_MS)
    : watermarkOfAnyZone(now - ANY_ZONE_OVERLAP_MS);
}

/** Where a cursor goes on after its first poll: `newest`, or the server's now if it is of no use. */
export function firstCursor(newest: string | null, serverNow: number): string {
  if (newest === null) return "";
  return isUsable(newest, serverNow) ? newest : stampLike(serverNow, newest);
}

function isUsable(stamp: string, now: number): boolean {
  const at = instantOf(stamp);
  return at !== null && at <= now;
}
