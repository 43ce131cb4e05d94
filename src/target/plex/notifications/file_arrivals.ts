/**
 * Decides from Plex's notifications when to tell that Plex may have gained files.
 *
 *   timeline state 5, not of analysis ──5 s──────────────▶ told   (agent sections)
 *   any other state, then 10 s of quiet ─────────────────▶ told   (sections without an agent)
 *   scan ended, then 5 s without work on items, ≤ 60 s ──▶ told   (the end comes too early)
 *   connected ───────────────────────────────────────────▶ told   (nothing is replayed)
 *
 * Once for all items, and at most every 5 s, however loud Plex is.
 */
import { MINUTE_MS } from "../../../core/time/duration.ts";
import type { ActivityEvent, PlexEvent, TimelineEvent } from "./plex_event.ts";

/** State 5 often comes twice, and is told once. */
const FINISHED_MS = 5_000;
/** Without an agent the last state may be 1: silence says that it was the last. */
const QUIET_MS = 10_000;
/** Plex goes on with the items for half a minute after the scan is over. */
const SETTLE_MS = 5_000;
const SETTLE_AT_MOST_MS = MINUTE_MS;
const BETWEEN_MS = 5_000;
/** Plex repeats state 5 every 40 s while it makes thumbnails; edits of ours come back too. */
const HANDLED_FOR_MS = 2 * MINUTE_MS;
/** Items remembered at a time; a storm beyond it is told as one. */
const MAX_ITEMS = 1_000;
/** No rule reaches further ahead: what does was noted before the clock was set back. */
const FURTHEST_AHEAD_MS = SETTLE_AT_MOST_MS;

const LIBRARY = "com.plexapp.plugins.library";
const FINISHED = 5;
const DELETED = 9;

interface Pending {
  tellAt: number;
  /** State 5 has come: later entries of the item do not put it off. */
  finished: boolean;
}

/** State of the rules above. Times are handed in, as epoch ms. */
export class FileArrivals {
  #pending = new Map<string, Pending>();
  /** When an item was last told of or written to, by ratingKey, oldest first. */
  #handled = new Map<string, number>();
  /** When to tell for no item in particular. */
  #anyAt: number | null = null;
  #scan: { tellAt: number; latestAt: number } | null = null;
  #toldAt: number | null = null;

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

  /** How long until it is to be told, in ms: 0 for now, null when there is nothing to tell. */
  waitMs(now: number): number | null {
    const wishes = [...this.#pending.values()].map(({ tellAt }) => tellAt);
    if (this.#anyAt !== null) wishes.push(this.#anyAt);
    if (this.#scan !== null) wishes.push(this.#scan.tellAt);
    if (wishes.length === 0) return null;
    let at = wishes.reduce((least, wish) => Math.min(least, wish));
    if (this.#toldAt !== null) at = Math.max(at, this.#toldAt + BETWEEN_MS);
    return at - now > FURTHEST_AHEAD_MS ? 0 : Math.max(0, at - now);
  }

  /** It is told now; what is not yet settled will be told another time. */
  told(now: number): void {
    this.#toldAt = now;
    const over = (at: number) => at <= now || at - now > FURTHEST_AHEAD_MS;
    if (this.#anyAt !== null && over(this.#anyAt)) this.#anyAt = null;
    if (this.#scan !== null && over(this.#scan.tellAt)) this.#scan = null;
    for (const [itemId, { tellAt, finished }] of this.#pending) {
      if (!over(tellAt)) continue;
      this.#pending.delete(itemId);
      // An item that was only quiet may get its state 5 yet, which is told as well.
      if (finished) this.#remember(itemId, now);
    }
  }

  #observeTimeline(event: TimelineEvent, now: number): void {
    const { identifier, sectionId, itemId, state, metadataState, mediaState } = event;
    if (identifier !== LIBRARY || !(Number(sectionId) > 0) || !this.isOurs(sectionId)) return;
    if (itemId === "" || state === null || mediaState !== "") return;
    // That an item is gone wakes nobody; the next full listing confirms it.
    if (state === DELETED || metadataState === "deleted") return;
    if (this.#isHandled(itemId, now)) return;
    const known = this.#pending.get(itemId);
    if (known?.finished) return;
    if (known === undefined && this.#pending.size >= MAX_ITEMS) {
      this.#anyAt ??= now + QUIET_MS;
      return;
    }
    const finished = state === FINISHED;
    const tellAt = now + (finished ? FINISHED_MS : QUIET_MS);
    this.#pending.set(itemId, { tellAt, finished });
  }

  #observeActivity({ event, type, sectionId }: ActivityEvent, now: number): void {
    if (sectionId !== "" && !this.isOurs(sectionId)) return;
    if (type === "library.update.section" && event === "ended") {
      this.#scan = { tellAt: now + SETTLE_MS, latestAt: now + SETTLE_AT_MOST_MS };
    } else if (type === "library.update.item.metadata" && this.#scan !== null) {
      this.#scan.tellAt = Math.min(now + SETTLE_MS, this.#scan.latestAt);
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
