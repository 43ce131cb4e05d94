import { MINUTE_MS } from "../core/duration.ts";
import { type MetaKey, newestStampOf, settledStampOf } from "../core/meta_keys.ts";
import type { ChangeKind, Stamp } from "../stash/changes.ts";
import { ageMs, SAFE_OVERLAP_MS, sameZone, watermark } from "../stash/watermark.ts";
import type { Meta } from "../store/meta.ts";

/** A bulk edit takes its time stamp minutes before its rows become visible. */
const OVERLAP_MS = 5 * MINUTE_MS;
/** How often the longer overlap is read, which also covers a change of daylight saving. */
const LONG_EVERY_MS = 15 * MINUTE_MS;
/**
 * A stamp has whole seconds, so a thing may change again within the one that was seen.
 * Seen once more after this long, it cannot.
 */
const SAME_TICK_MS = 2_000;

const NOTHING = { cursor: "", upTo: "" };

interface Seen {
  updatedAt: string;
  /** Epoch ms of the first sight of this stamp. */
  at: number;
  /** It was seen once more after the tick. */
  final: boolean;
}

/**
 * Tells news from what was seen already, for one kind of time stamp. A poll is `begin`,
 * then for each page `news` and `note`, then `end`; cut off in between, the next one
 * starts from the same place.
 */
export class StampCursor {
  /** What lies within the overlap, so that each change is news once. */
  #seen = new Map<string, Seen>();
  #present = new Set<string>();
  #greatest = "";
  #begunAt = 0;
  #long = false;
  #longAt = 0;
  /** When the cursor moved last, epoch ms. */
  #movedAt: number | null = null;
  /** For the first poll: the cursor that an earlier process left, and up to where it saw all. */
  #before: { cursor: string; upTo: string } | null = null;
  readonly #key: MetaKey<string>;
  readonly #settledKey: MetaKey<string>;

  constructor(readonly kind: ChangeKind, private readonly meta: Pick<Meta, "get" | "set">) {
    this.#key = newestStampOf(kind);
    this.#settledKey = settledStampOf(kind);
  }

  /** True when there was no poll before. */
  get isNew(): boolean {
    return this.#cursor === undefined;
  }

  /** Raw text of the greatest stamp seen, "" when there was none; never a time of ours. */
  get #cursor(): string | undefined {
    return this.meta.get(this.#key);
  }

  /** All up to the cursor was seen after the overlap was over: nothing older can show. */
  get #isSettled(): boolean {
    return this.meta.get(this.#settledKey) === this.#cursor;
  }

  /**
   * Begins a poll.
   * @returns the value for Stash's filter; null for everything
   */
  begin(now: number): string | null {
    const cursor = this.#cursor ?? "";
    this.#begunAt = now;
    this.#long = Math.abs(now - this.#longAt) >= LONG_EVERY_MS;
    this.#movedAt ??= now;
    this.#greatest = cursor;
    this.#present.clear();
    this.#before ??= { cursor, upTo: this.#isSettled ? cursor : withOverlap(cursor) };
    if (cursor === "") return null;
    if (this.#long) return watermark(cursor, SAFE_OVERLAP_MS);
    // A bulk edit of long ago is not listed over and over.
    return this.#isSettled ? cursor : withOverlap(cursor);
  }

  /** Those that changed since they were last noted. */
  news(page: readonly Stamp[], now: number): Stamp[] {
    return page.filter(({ id, updatedAt }) => {
      const seen = this.#seen.get(id);
      if (seen?.updatedAt !== updatedAt) return !this.#isOld(updatedAt);
      return !seen.final && Math.abs(now - seen.at) >= SAME_TICK_MS;
    });
  }

  /** What was done about a page outlives a kill: it is news no longer. */
  note(page: readonly Stamp[], now: number): void {
    for (const { id, updatedAt } of page) {
      this.#present.add(id);
      if (updatedAt > this.#greatest) this.#greatest = updatedAt;
      const seen = this.#seen.get(id);
      if (seen?.updatedAt !== updatedAt) {
        this.#seen.set(id, { updatedAt, at: now, final: this.#isOld(updatedAt) });
      } else if (Math.abs(now - seen.at) >= SAME_TICK_MS) seen.final = true;
    }
  }

  /** An earlier process saw it; without that, each restart would sync the last hour again. */
  #isOld(updatedAt: string): boolean {
    const before = this.#before ?? NOTHING;
    return updatedAt <= before.upTo && sameZone(updatedAt, before.cursor);
  }

  /** The poll saw everything: the next one goes on from here. */
  end(): void {
    if (this.#greatest !== this.#cursor) {
      this.meta.set(this.#key, this.#greatest);
      this.#movedAt = this.#begunAt;
    }
    if (!this.#isSettled && this.#isPast(this.#greatest)) {
      this.meta.set(this.#settledKey, this.#greatest);
    }
    // From now on the stamps that were seen say more: a clock may be set back.
    this.#before = NOTHING;
    if (!this.#long) return;
    this.#longAt = this.#begunAt;
    // What no longer falls into the overlap need not be remembered: memory stays bounded.
    for (const id of this.#seen.keys()) if (!this.#present.has(id)) this.#seen.delete(id);
  }

  /**
   * The overlap was over when this poll began: by the time since the stamp was seen, or
   * by its own age, with an hour for clocks that differ.
   */
  #isPast(stamp: string): boolean {
    if (Math.abs(this.#begunAt - this.#movedAt!) >= OVERLAP_MS) return true;
    return stamp !== "" && ageMs(stamp, this.#begunAt) >= SAFE_OVERLAP_MS;
  }

  /**
   * Ends the very first poll: what it saw is no change, but may still become one.
   * @param newest Where to go on if it saw nothing; "" when Stash has no stamp at all, and
   * everything that comes is a change
   */
  endFirst(newest: string): void {
    if (this.#greatest === "") this.#greatest = newest;
    this.end();
    for (const seen of this.#seen.values()) {
      seen.final = this.#isSettled || seen.updatedAt !== this.#greatest;
    }
  }
}

function withOverlap(cursor: string): string {
  return cursor === "" ? "" : watermark(cursor, OVERLAP_MS);
}

/** Where the first poll begins, by the newest stamp of all scenes; null without scenes. */
export function firstAfter(newest: string | null): string | null {
  return newest === null ? null : watermark(newest, SAFE_OVERLAP_MS);
}
