/**
 * Decides from Plex's notifications when to look into Plex for files that jobs wait for.
 *
 *   timeline state 5, not of analysis ──5 s──────────────▶ look   (agent sections)
 *   any other state, then 10 s of quiet ─────────────────▶ look   (sections without an agent)
 *   scan ended, then 5 s without work on items, ≤ 60 s ──▶ look   (the end comes too early)
 *   connected ───────────────────────────────────────────▶ look   (nothing is replayed)
 *
 * One look serves all items, and there is at most one every 5 s, however loud Plex is.
 */
import { MINUTE_MS } from "./duration.ts";
import type { ActivityEvent, PlexEvent, TimelineEvent } from "./plex_event.ts";

/** State 5 often comes twice; one look serves both (plex-api 12.2). */
const FINISHED_MS = 5_000;
/** Without an agent the last state may be 1: silence says that it was the last. */
const QUIET_MS = 10_000;
/** Plex goes on with the items for half a minute after the scan is over (plex-api 11). */
const SETTLE_MS = 5_000;
const SETTLE_AT_MOST_MS = MINUTE_MS;
const BETWEEN_LOOKS_MS = 5_000;
/** Plex repeats state 5 every 40 s while it makes thumbnails; edits of ours come back too. */
const HANDLED_FOR_MS = 2 * MINUTE_MS;
/** Items remembered at a time; a storm beyond it is one look for all. */
const MAX_ITEMS = 1_000;
/** No rule reaches further ahead: what does was noted before the clock was set back. */
const FURTHEST_AHEAD_MS = SETTLE_AT_MOST_MS;

const LIBRARY = "com.plexapp.plugins.library";
const FINISHED = 5;
const DELETED = 9;

interface Pending {
  lookAt: number;
  /** State 5 has come: later entries of the item do not put the look off. */
  finished: boolean;
}

/** State of the rules above. Times are handed in, as epoch ms. */
export class ScanWatch {
  #pending = new Map<string, Pending>();
  /** When an item was last looked for or written to, by ratingKey, oldest first. */
  #handled = new Map<string, number>();
  /** A look that is due for no item in particular. */
  #anyAt: number | null = null;
  #scan: { lookAt: number; latestAt: number } | null = null;
  #lookedAt: number | null = null;

  /** @param isOurs Whether a section, by its id, is one of those that are synced */
  constructor(private readonly isOurs: (sectionId: string) => boolean) {}

  /** Items remembered, for the bound of its memory. */
  get size(): number {
    return this.#pending.size + this.#handled.size;
  }

  /** A connection stands, and what happened without one was not told. */
  connected(now: number): void {
    this.#anyAt = now;
  }

  /** The program is about to write to an item: what Plex says of it next is an echo. */
  wrote(itemId: string, now: number): void {
    this.#pending.delete(itemId);
    this.#remember(itemId, now);
  }

  observe(event: PlexEvent, now: number): void {
    if (event.kind === "timeline") this.#observeTimeline(event, now);
    else this.#observeActivity(event, now);
  }

  /** Until the next look, in ms: 0 when it is due, null when there is nothing to look for. */
  waitMs(now: number): number | null {
    const wishes = [...this.#pending.values()].map(({ lookAt }) => lookAt);
    if (this.#anyAt !== null) wishes.push(this.#anyAt);
    if (this.#scan !== null) wishes.push(this.#scan.lookAt);
    if (wishes.length === 0) return null;
    let at = wishes.reduce((least, wish) => Math.min(least, wish));
    if (this.#lookedAt !== null) at = Math.max(at, this.#lookedAt + BETWEEN_LOOKS_MS);
    return at - now > FURTHEST_AHEAD_MS ? 0 : Math.max(0, at - now);
  }

  /** A look begins now; what is not yet settled gets another one. */
  looked(now: number): void {
    this.#lookedAt = now;
    const over = (at: number) => at <= now || at - now > FURTHEST_AHEAD_MS;
    if (this.#anyAt !== null && over(this.#anyAt)) this.#anyAt = null;
    if (this.#scan !== null && over(this.#scan.lookAt)) this.#scan = null;
    for (const [itemId, { lookAt, finished }] of this.#pending) {
      if (!over(lookAt)) continue;
      this.#pending.delete(itemId);
      // An item that was only quiet may get its state 5 yet, and a look with it.
      if (finished) this.#remember(itemId, now);
    }
  }

  #observeTimeline(event: TimelineEvent, now: number): void {
    const { identifier, sectionId, itemId, state, metadataState, mediaState } = event;
    if (identifier !== LIBRARY || !(Number(sectionId) > 0) || !this.isOurs(sectionId)) return;
    if (itemId === "" || state === null || mediaState !== "") return;
    // That an item is gone wakes nobody; the next sweep confirms it.
    if (state === DELETED || metadataState === "deleted") return;
    if (this.#isHandled(itemId, now)) return;
    const known = this.#pending.get(itemId);
    if (known?.finished) return;
    if (known === undefined && this.#pending.size >= MAX_ITEMS) {
      this.#anyAt ??= now + QUIET_MS;
      return;
    }
    const finished = state === FINISHED;
    const lookAt = now + (finished ? FINISHED_MS : QUIET_MS);
    this.#pending.set(itemId, { lookAt, finished });
  }

  #observeActivity({ event, type, sectionId }: ActivityEvent, now: number): void {
    if (sectionId !== "" && !this.isOurs(sectionId)) return;
    if (type === "library.update.section" && event === "ended") {
      this.#scan = { lookAt: now + SETTLE_MS, latestAt: now + SETTLE_AT_MOST_MS };
    } else if (type === "library.update.item.metadata" && this.#scan !== null) {
      this.#scan.lookAt = Math.min(now + SETTLE_MS, this.#scan.latestAt);
    }
  }

  #isHandled(itemId: string, now: number): boolean {
    const at = this.#handled.get(itemId);
    return at !== undefined && now >= at && now - at < HANDLED_FOR_MS;
  }

  #remember(itemId: string, now: number): void {
    this.#handled.delete(itemId);
    this.#handled.set(itemId, now);
    if (this.#handled.size > MAX_ITEMS) this.#handled.delete(this.#handled.keys().next().value!);
  }
}
