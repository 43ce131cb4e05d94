import { MINUTE_MS } from "../core/time/duration.ts";
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
/** A poll counts as so much time at most: a clock may have been set since the one before. */
const MOST_PER_POLL_MS = MINUTE_MS;
/** Clocks may differ by so much before it is worth a word. */
export const CLOCKS_DIFFER_MS = 5 * MINUTE_MS;

interface Seen {
  updatedAt: string;
  /** Epoch ms of the first sight of this stamp. */
  at: number;
  /** The poll after the tick is done. */
  final: boolean;
  /**
   * The stamp lay ahead of the server's clock, which therefore comes to that second once more, and
   * may give it again: epoch ms of the server from which on this is over.
   */
  againAt: number | null;
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
  #begunAt: number | null = null;
  #long = false;
  #longAt = 0;
  /** Much lay in the longer overlap when it was last read. */
  #crowded = false;
  /** How long polls have found nothing later than the cursor, ms; a clock that is set adds little. */
  #quietMs = 0;
  /** Where a cursor that was of no use goes on. Kept with the next poll that saw everything. */
  #anew: string | null = null;
  /** The server's clock as a poll saw it last, and ours then; epoch ms. */
  #clocks: { ours: number; servers: number } | null = null;
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
    return this.#anew ?? this.meta.get(this.#key);
  }

  /** All up to the cursor was seen after the overlap was over: nothing older can show. */
  get #isSettled(): boolean {
    return this.#anew === null && this.meta.get(this.#settledKey) === this.cursor;
  }

  /**
   * Sets a stored cursor that is no time aside: it goes on from now in any zone.
   * @returns what it was; null when it is in order
   */
  mend(now: number): string | null {
    const cursor = this.cursor ?? "";
    if (cursor === "" || instantOf(cursor) !== null) return null;
    this.#anew = watermarkOfAnyZone(now);
    this.#seenBefore = -Infinity;
    return cursor;
  }

  /**
   * Sets a cursor back that lies beyond the server's own now. The poll has to begin anew then.
   * @returns how far beyond it was, in ms; 0 when it was not
   */
  rewind(now: number, serverNow: number): number {
    const cursor = this.cursor ?? "";
    const beyond = (instantOf(cursor) ?? -Infinity) - serverNow;
    this.#expectAgain(now, serverNow, beyond > 0);
    if (beyond <= 0) return 0;
    this.#anew = stampLike(serverNow, cursor);
    // How much an earlier process saw, its cursor does not tell then.
    const upTo = beyond > CLOCKS_DIFFER_MS ? -Infinity : serverNow - CLOCKS_DIFFER_MS;
    this.#seenBefore = Math.min(this.#seenBefore ?? Infinity, upTo);
    return beyond;
  }

  /** Stamps that the server may give once more, since its clock was set back. */
  #expectAgain(now: number, serverNow: number, isBeyond: boolean): void {
    const { ours, servers } = this.#clocks ?? { ours: now, servers: serverNow };
    this.#clocks = { ours: now, servers: serverNow };
    // It may have run on since then. That ours was set forward looks the same, and is no harm.
    const lostMs = now - ours - (serverNow - servers);
    const isSet = lostMs >= SAME_TICK_MS;
    if (!isSet && !isBeyond) return;
    const from = isSet ? servers - lostMs - SAME_TICK_MS : serverNow;
    for (const seen of this.#seen.values()) seen.againAt ??= againAt(seen.updatedAt, from);
  }

  /** The server may have started anew, and write another zone: the next poll looks far back. */
  lookFar(): void {
    this.#crowded = false;
  }

  /**
   * Begins a poll.
   * @returns the value for Stash's filter; null for everything
   */
  begin(now: number): string | null {
    const cursor = this.cursor ?? "";
    this.#quietMs += Math.min(Math.abs(now - (this.#begunAt ?? now)), MOST_PER_POLL_MS);
    this.#begunAt = now;
    this.#long = !this.#crowded || Math.abs(now - this.#longAt) >= LONG_EVERY_MS;
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
  news(page: readonly Stamp[], now: number, serverNow: number): Stamp[] {
    return page.filter(({ id, updatedAt }) => {
      const seen = this.#seen.get(id);
      if (seen?.updatedAt !== updatedAt) return !this.#isOld(updatedAt);
      return isTickOver(seen, now) || isAgainOver(seen, serverNow);
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
        this.#seen.set(id, {
          updatedAt,
          at: now,
          final: this.#isOld(updatedAt),
          againAt: againAt(updatedAt, serverNow),
        });
      } else {
        if (isTickOver(seen, now)) seen.final = true;
        if (isAgainOver(seen, serverNow)) seen.againAt = null;
      }
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
   * @returns how many it must have listed again when it listed none; 0 otherwise
   */
  end(): number {
    this.#keep(false);
    // The newest of them lies within each long overlap for as long as it is there.
    return this.#long && this.#present.size === 0 ? this.#seen.size : 0;
  }

  /** @param isPast The overlap is over: nothing as old as the cursor can show any more */
  #keep(isPast: boolean): void {
    if (this.#latest !== this.meta.get(this.#key)) {
      this.meta.set(this.#key, this.#latest);
      this.#quietMs = 0;
    }
    // A clock that was set back may stand at the very stamp that was settled before.
    if (this.#anew !== null) this.meta.set(this.#settledKey, "");
    this.#anew = null;
    if (!this.#isSettled && (isPast || this.#quietMs >= OVERLAP_MS)) {
      this.meta.set(this.#settledKey, this.#latest);
    }
    // From now on the stamps that were seen say more: a clock may be set back.
    this.#seenBefore = -Infinity;
    if (!this.#long) return;
    this.#longAt = this.#begunAt ?? 0;
    this.#crowded = this.#present.size > FEW_ROWS;
    // An answer that leaves out all would make news of all.
    if (this.#present.size === 0) return;
    // What no longer falls into the overlap need not be remembered: memory stays bounded.
    for (const id of this.#seen.keys()) if (!this.#present.has(id)) this.#seen.delete(id);
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
    // By its own age, with an hour for clocks that differ.
    const at = instantOf(this.#latest);
    this.#keep(at !== null && serverNow - at >= SAFE_OVERLAP_MS);
    for (const seen of this.#seen.values()) {
      seen.final = this.#isSettled || seen.updatedAt !== this.#latest;
    }
  }
}

/** Whether it has to be looked at once more, since its second has passed by our clock. */
function isTickOver({ final, at }: Seen, now: number): boolean {
  return !final && Math.abs(now - at) >= SAME_TICK_MS;
}

/** The same for a second that the server's clock has come to again. */
function isAgainOver({ againAt }: Seen, serverNow: number): boolean {
  return againAt !== null && serverNow >= againAt;
}

/** @returns when the server has passed the first of these stamps that is later than `from` */
function againAt(updatedAt: string, from: number): number | null {
  const later = textsOf(updatedAt).map((text) => instantOf(text) ?? -Infinity)
    .filter((at) => at > from);
  return later.length === 0 ? null : Math.min(...later) + SAME_TICK_MS;
}

function textsOf(updatedAt: string): string[] {
  return updatedAt.split("\n");
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
