import { type Interval, isTimeAgain } from "../core/time/interval.ts";
import { FILES_KNOWN_AT, SWEEP, type SweepState } from "../core/meta_keys.ts";
import type { Runtime } from "../core/runtime.ts";
import { sceneHash } from "../core/sync/scene_hash.ts";
import type { StashClient } from "../stash/client.ts";
import type { WholePage } from "../stash/walk.ts";
import { transaction } from "../store/database/database.ts";
import type { Store } from "../store/store.ts";
import { noteFilesKnown, notePage } from "./scene_files.ts";

/** Whole scenes are asked for, each of which costs Stash a few reads. */
const PAGE_SIZE = 250;

export interface SweepParts {
  stash: Pick<StashClient, "scenesAfter">;
  store: Pick<Store, "database" | "jobs" | "of" | "targets" | "scenes" | "meta" | "deadLetters">;
  runtime: Pick<Runtime, "now" | "sleep">;
}

/** What a sweep came to. */
export interface SweepReport {
  /** Scenes that Stash has. */
  walked: number;
  /** Scenes that were put into the queue, those that are gone included. */
  queued: number;
}

/**
 * The slow pass over all scenes, which finds what no hook tells and no time stamp shows: renamed
 * folders, merges, imports, deletions. It compares the digest of each scene's content with that of
 * the time when it was last written. Its place is kept, so that a restart goes on with it.
 */
export class Sweep {
  constructor(private readonly parts: SweepParts) {}

  /** Whether there is a page to be taken now. */
  isDue(interval: Interval): boolean {
    // One sweep is needed in any case: what a scene is found by rests on what the others have.
    if (this.parts.store.meta.get(FILES_KNOWN_AT) === undefined) return true;
    if (interval === "never") return false;
    const { underWay, doneAt } = this.#state;
    return underWay !== null || isTimeAgain(interval, doneAt, this.parts.runtime.now());
  }

  /**
   * Takes one page.
   * @returns the report when that was the last one
   * @throws {PlexsyncError} Stash did not answer; the sweep goes on from the same place
   */
  async step(signal?: AbortSignal): Promise<SweepReport | null> {
    const { stash, store, runtime } = this.parts;
    const { underWay, ...before } = this.#state;
    const { startedAt, last, walked, queued } = underWay ??
      { startedAt: runtime.now(), last: 0, walked: 0, queued: 0 };
    const page = await stash.scenesAfter(last, PAGE_SIZE, signal);
    await notePage(page, this.parts);
    const upTo = page.last ?? Number.MAX_SAFE_INTEGER;
    const met = page.scenes.length + page.unread.length;
    // Not one scene: that is a new database or a wrong one rather than all of them deleted.
    const wanted = page.last === null && walked === 0 ? [] : store.targets.map((target) => ({
      target,
      ids: this.#differing(target, page, last, upTo, before.greatest),
    }));
    const scenes = new Set(wanted.flatMap(({ ids }) => ids));
    const report = { walked: walked + met, queued: queued + scenes.size };
    transaction(store.database, () => {
      for (const { target, ids } of wanted) {
        store.jobs.enqueueInTransaction(ids, "watch", runtime.now(), { targets: [target] });
      }
      const state: SweepState = page.last !== null
        ? { ...before, underWay: { ...report, startedAt, last: upTo } }
        : { doneAt: startedAt, greatest: Math.max(last, before.greatest ?? 0), underWay: null };
      store.meta.set(SWEEP, state);
      if (page.last === null) noteFilesKnown(store, runtime.now());
    });
    return page.last !== null ? null : report;
  }

  get #state(): SweepState {
    const none: SweepState = { doneAt: 0, greatest: null, underWay: null };
    return this.parts.store.meta.get(SWEEP) ?? none;
  }

  /**
   * Scenes with ids in (after, upTo] to queue for one target. One that plexsync never had to do with is
   * none of them: whether to bring in what was there before is the user's decision (sync
   * --all), unless it came after the last sweep: an import brings old stamps with it.
   * One that seems to be gone is only queued: the worker asks Stash for it by its id.
   */
  #differing(
    target: string,
    { scenes: read, unread, hasNameless }: WholePage,
    after: number,
    upTo: number,
    greatest: number | null,
  ): string[] {
    const { scenes, jobs } = this.parts.store;
    const known = this.parts.store.of(target).written.hashes(after, upTo);
    const ids: string[] = [];
    // Nothing can be said of what cannot be read, least of all that it is gone.
    for (const { id } of unread) known.delete(id);
    for (const scene of read) {
      const hash = known.get(scene.id);
      known.delete(scene.id);
      const isNew = greatest !== null && Number(scene.id) > greatest;
      if (hash === undefined ? isNew && !scenes.hadJob(scene.id) : hash !== sceneHash(scene)) {
        ids.push(scene.id);
      }
    }
    ids.push(...hasNameless ? this.#withoutLetter(target, [...known.keys()]) : known.keys());
    // One that is due or waits is read anew in any case, and keeps the failures it counted.
    return ids.filter((id) => (jobs.get(id, target)?.state ?? "running") === "running");
  }

  /**
   * Those that have no dead letter: among scenes that are missing where Stash listed what it cannot
   * name, the others were asked for by their ids before, and each walk would give them up anew.
   */
  #withoutLetter(target: string, ids: readonly string[]): string[] {
    const { deadLetters } = this.parts.store;
    return ids.filter((id) => deadLetters.count({ sceneIds: [id], targets: [target] }) === 0);
  }
}
