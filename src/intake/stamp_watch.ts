import type { ChangeKind, Stamp } from "../stash/changes.ts";
import { SAFE_OVERLAP_MS, watermark } from "../stash/watermark.ts";
import type { Meta } from "../store/meta.ts";

/** A bulk edit takes its time stamp minutes before its rows become visible. */
const OVERLAP_MS = 5 * 60_000;
/** How often the longer overlap is read, which also covers a change of daylight saving. */
const LONG_LOOK_EVERY_MS = 15 * 60_000;
/**
 * A stamp has whole seconds, so a thing may change again within the one that was seen.
 * Seen once more after this long, it cannot.
 */
const SAME_TICK_MS = 2_000;

interface Seen {
  updatedAt: string;
  /** Epoch ms of the first sight of this stamp. */
  at: number;
  /** The look after the tick is done. */
  final: boolean;
}

/**
 * Tells news from what was seen already, for one kind of time stamp. A look is `begin`,
 * then for each page `news` and `note`, then `end`; cut off in between, the next one
 * starts from the same place.
 */
export class StampWatch {
  /** What lies within the overlap, so that each change is news once. */
  #seen = new Map<string, Seen>();
  #present = new Set<string>();
  #greatest = "";
  #lookAt = 0;
  #long = false;
  #longLookAt = 0;
  /** When the cursor moved last, epoch ms. */
  #movedAt: number | null = null;
  /** The whole overlap was seen since then: nothing older can show any more. */
  #settled = false;
  readonly #key: string;

  constructor(readonly kind: ChangeKind, private readonly meta: Pick<Meta, "get" | "set">) {
    this.#key = `watch:${kind}s`;
  }

  /** True when nothing was watched before. */
  get isNew(): boolean {
    return this.#cursor === undefined;
  }

  /** Raw text of the greatest stamp seen, "" when there was none; never a time of ours (stash-api 3.6). */
  get #cursor(): string | undefined {
    return this.meta.get<string>(this.#key);
  }

  /**
   * Begins a look.
   * @returns the value for Stash's filter; null for everything
   */
  begin(now: number): string | null {
    const cursor = this.#cursor ?? "";
    this.#lookAt = now;
    this.#long = Math.abs(now - this.#longLookAt) >= LONG_LOOK_EVERY_MS;
    this.#movedAt ??= now;
    this.#greatest = cursor;
    this.#present.clear();
    if (cursor === "") return null;
    if (this.#long) return watermark(cursor, SAFE_OVERLAP_MS);
    // A bulk edit of long ago is not listed over and over.
    return this.#settled ? cursor : watermark(cursor, OVERLAP_MS);
  }

  /** Those that changed since they were last noted. */
  news(page: readonly Stamp[], now: number): Stamp[] {
    return page.filter(({ id, updatedAt }) => {
      const seen = this.#seen.get(id);
      if (seen?.updatedAt !== updatedAt) return true;
      return !seen.final && Math.abs(now - seen.at) >= SAME_TICK_MS;
    });
  }

  /** What was done about a page outlives a kill: it is news no longer. */
  note(page: readonly Stamp[], now: number): void {
    for (const { id, updatedAt } of page) {
      this.#present.add(id);
      if (updatedAt > this.#greatest) this.#greatest = updatedAt;
      const seen = this.#seen.get(id);
      if (seen?.updatedAt !== updatedAt) this.#seen.set(id, { updatedAt, at: now, final: false });
      else if (Math.abs(now - seen.at) >= SAME_TICK_MS) seen.final = true;
    }
  }

  /** The look saw everything: the next one goes on from here. */
  end(): void {
    if (this.#greatest !== this.#cursor) {
      this.meta.set(this.#key, this.#greatest);
      this.#movedAt = this.#lookAt;
    }
    this.#settled = Math.abs(this.#lookAt - this.#movedAt!) >= OVERLAP_MS;
    if (!this.#long) return;
    this.#longLookAt = this.#lookAt;
    // What no longer falls into the overlap need not be remembered: memory stays bounded.
    for (const id of this.#seen.keys()) if (!this.#present.has(id)) this.#seen.delete(id);
  }

  /**
   * Ends the very first look: what it saw is no change, but may still become one.
   * @param newest Where to go on if it saw nothing; "" when Stash has no stamp at all, and
   * everything that comes is a change
   */
  endFirst(newest: string): void {
    if (this.#greatest === "") this.#greatest = newest;
    for (const seen of this.#seen.values()) seen.final = seen.updatedAt !== this.#greatest;
    this.end();
  }
}

/** Where the first look begins, by the newest stamp of all scenes; null without scenes. */
export function firstLook(newest: string | null): string | null {
  return newest === null ? null : watermark(newest, SAFE_OVERLAP_MS);
}
