import { MINUTE_MS } from "../../core/time/duration.ts";
import { isDue } from "../../core/time/clock.ts";
import { sharedEvent } from "../../core/jobs/course.ts";
import { storeFault } from "../../core/failures/store_fault.ts";
import { wokenAtOf } from "../../core/meta_keys.ts";
import type { WorkContext } from "../context.ts";
import type { Gates } from "../gates/gates.ts";
import { isFileHopedFor } from "./healing.ts";
import { persist } from "../persist.ts";
import { STALE_MS } from "../match/search.ts";

/** A delta this young serves the waiting jobs too. */
const RECHECK_FRESH_MS = 5_000;
/** How often the index is refreshed though no job needs it: what came heals what was wrong. */
const IDLE_LOOK_MS = 10 * MINUTE_MS;
/** How often a listing is begun, that is due though no job needs it. */
const LISTING_MS = MINUTE_MS;
/** A batch that was gathered before a library was read again has settled by then. */
const AFTER_UNREAD_MS = 10 * MINUTE_MS;

/** Looks into the index for those that wait for a file, and refreshes it for them. */
export class IndexLooks {
  /**
   * The index was last compared with the waiting jobs when it was this fresh. Epoch ms. Kept, since
   * a restart is no news of any file: those that wait keep their plan.
   */
  #wokenAt: number;
  /** When the index is looked at next though nothing needs it. Epoch ms. */
  #idleLookAt: number;
  /** When a listing that is due may be tried. Epoch ms. */
  #listAt = 0;
  /** When it is worth a refresh again before several batches. Epoch ms. */
  #aheadAt = 0;
  /** Until when jobs may wait for a library that is read by now. Epoch ms. */
  #isUnreadUntil: number;

  constructor(private readonly context: WorkContext, private readonly gates: Gates) {
    const { store, target, runtime } = context;
    this.#wokenAt = store.meta.get(wokenAtOf(target.id)) ?? 0;
    // What came while no daemon ran nobody tells any more.
    const restMs = isFileHopedFor(store, target.id) ? 0 : IDLE_LOOK_MS;
    this.#idleLookAt = runtime.now() + restMs;
    this.#isUnreadUntil = runtime.now() + AFTER_UNREAD_MS;
  }

  /**
   * Brings the index up to date. A fault of our own database is none of the target's.
   * @returns false when the target did not answer
   */
  async refresh(maxAgeMs: number, stop: AbortSignal): Promise<boolean> {
    const { keeper, target, runtime, log } = this.context;
    const refresh = async () => {
      await keeper.refresh(maxAgeMs);
      return true;
    };
    try {
      return await persist("keep the index", refresh, false, { runtime, log, stop });
    } catch (thrown) {
      if (storeFault(thrown) !== null) throw thrown;
      this.gates.take([sharedEvent(thrown, target.id)], runtime.now());
      return false;
    }
  }

  /**
   * Before several batches, with none under way. The first of them would refresh the index, and what
   * that brings has to be looked through before the next: it would have nothing beside it. What goes
   * wrong here the first batch meets as well, and tells.
   */
  async aheadOfBatches(stop: AbortSignal): Promise<void> {
    const { keeper, store, settings, runtime, log } = this.context;
    const now = runtime.now();
    if (!isDue(this.#aheadAt, now, STALE_MS)) return;
    const ready = store.jobs.counts().find(({ state }) => state === "ready");
    if (ready === undefined || ready.count <= settings.batchSize) return;
    this.#aheadAt = now + STALE_MS;
    const refresh = () => keeper.refresh(STALE_MS);
    try {
      await persist("keep the index", refresh, false, { runtime, log, stop });
    } catch (thrown) {
      if (storeFault(thrown) !== null) throw thrown;
    }
  }

  /** Waiting jobs share one delta; whose file has come is due at once. */
  async recheckWaiting(stop: AbortSignal): Promise<void> {
    const { store, target, keeper, runtime, log } = this.context;
    const at = store.jobs.nextWaitingAt(target.id);
    const now = runtime.now();
    if (at === null || !isDue(at, now)) await this.#lookAtTimes(now, stop);
    if (at === null) return;
    if (isDue(at, now)) {
      if (!await this.refresh(RECHECK_FRESH_MS, stop)) return;
    } else if (keeper.refreshedAt === this.#wokenAt) return;
    const { refreshedAt } = keeper;
    // What came after a time that lies ahead was noted before it: the clock was set back.
    const since = this.#wokenAt > refreshedAt ? 0 : this.#wokenAt;
    const isUnread = keeper.unread.all.length > 0;
    if (isUnread) this.#isUnreadUntil = now + AFTER_UNREAD_MS;
    const wasUnread = !isUnread && !isDue(this.#isUnreadUntil, now, AFTER_UNREAD_MS);
    const wake = () => {
      if (wasUnread) store.jobs.endUnreadWaits(now, target.id);
      // A look at a part of the libraries is none.
      const woken = store.jobs.wake(now, since, target.id, isUnread ? 0 : refreshedAt);
      store.meta.set(wokenAtOf(target.id), refreshedAt);
      return woken;
    };
    const { found, spent } = await persist("wake waiting jobs", wake, { found: 0, spent: 0 }, {
      runtime,
      log,
      stop,
    });
    this.#wokenAt = refreshedAt;
    if (found + spent > 0) {
      log.debug(`Waiting for Plex: ${found} found, ${spent} looked for in vain`, { event: "wake" });
    }
  }

  /**
   * With nothing to do the index is looked at all the same, for a few small requests: the right file
   * of a scene that was written to a wrong item may have come, and nothing else would tell. Nor does
   * anything tell a scene that waits of what a listing left out.
   */
  async #lookAtTimes(now: number, stop: AbortSignal): Promise<void> {
    const { keeper, store, target } = this.context;
    const isListing = isDue(this.#listAt, now, LISTING_MS) && keeper.isListingDue;
    if (!isListing && !isDue(this.#idleLookAt, now, IDLE_LOOK_MS)) return;
    this.#listAt = now + LISTING_MS;
    this.#idleLookAt = now + IDLE_LOOK_MS;
    // Whoever never had anything to do has nothing that could be wrong.
    const isOwed = keeper.refreshedAt > 0 || isFileHopedFor(store, target.id);
    if (isOwed) await this.refresh(IDLE_LOOK_MS / 2, stop);
  }
}
