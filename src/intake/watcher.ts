import type { Runtime } from "../core/runtime.ts";
import type { StashClient } from "../stash/client.ts";
import { SAFE_OVERLAP_MS, watermark } from "../stash/watermark.ts";
import type { Jobs } from "../store/jobs.ts";
import type { Meta } from "../store/meta.ts";

/** Raw text of the greatest `updated_at` seen; never parsed as a time of ours (stash-api 3.6). */
const CURSOR = "watch:scenes";
const PAGE_SIZE = 250;
/** A bulk edit takes its time stamp minutes before its rows become visible. */
const OVERLAP_MS = 5 * 60_000;
/** How often the longer overlap is read, which also covers a change of daylight saving. */
const LONG_LOOK_EVERY_MS = 15 * 60_000;
/**
 * A stamp has whole seconds, so a scene may change again within the one that was seen.
 * Seen once more after this long, it cannot.
 */
const SAME_TICK_MS = 2_000;

export interface WatcherPorts {
  stash: Pick<StashClient, "newestUpdatedAt" | "scenesUpdatedAfter">;
  jobs: Pick<Jobs, "enqueue">;
  meta: Pick<Meta, "get" | "set">;
  runtime: Runtime;
}

interface Seen {
  updatedAt: string;
  /** Epoch ms of the first sight of this stamp. */
  at: number;
  /** The look after the tick is done. */
  final: boolean;
}

/** Finds changed scenes by asking Stash for those with a new `updated_at`. */
export class Watcher {
  /** Scenes within the overlap, so that each change makes its jobs once. */
  #seen = new Map<string, Seen>();
  #longLookAt = 0;

  constructor(private readonly ports: WatcherPorts) {}

  /** True when nothing was watched before: changes count from the first poll on. */
  get isNew(): boolean {
    return this.ports.meta.get<string>(CURSOR) === undefined;
  }

  /**
   * One look: new and changed scenes get a job.
   * @returns how many scenes were put into the queue
   * @throws {PlexsyncError} Stash did not answer; the next look starts from the same place
   */
  async poll(signal?: AbortSignal): Promise<number> {
    const { stash, jobs, meta, runtime } = this.ports;
    const cursor = meta.get<string>(CURSOR);
    if (cursor === undefined) {
      const newest = await stash.newestUpdatedAt();
      if (newest !== null) await this.#prime(newest, signal);
      // An empty Stash has no clock to learn yet: everything that comes is a change.
      meta.set(CURSOR, newest ?? "");
      return 0;
    }
    const now = runtime.now();
    const long = now - this.#longLookAt >= LONG_LOOK_EVERY_MS;
    const since = cursor === "" ? null : watermark(cursor, long ? SAFE_OVERLAP_MS : OVERLAP_MS);
    let greatest = cursor;
    let count = 0;
    const present = new Set<string>();
    for await (const page of stash.scenesUpdatedAfter(since, PAGE_SIZE, signal)) {
      const changed: string[] = [];
      for (const { id, updatedAt } of page) {
        present.add(id);
        if (updatedAt > greatest) greatest = updatedAt;
        if (this.#isNews(id, updatedAt, now)) changed.push(id);
      }
      if (changed.length > 0) jobs.enqueue(changed, "watch", now);
      count += changed.length;
    }
    if (greatest !== cursor) meta.set(CURSOR, greatest);
    if (long) this.#longLookAt = now;
    this.#forget(present, long);
    return count;
  }

  /** What stands within the overlap at the very start is no change, but may still become one. */
  async #prime(newest: string, signal?: AbortSignal): Promise<void> {
    const { stash, runtime } = this.ports;
    const at = runtime.now();
    this.#longLookAt = at;
    const since = watermark(newest, OVERLAP_MS);
    for await (const page of stash.scenesUpdatedAfter(since, PAGE_SIZE, signal)) {
      for (const { id, updatedAt } of page) {
        this.#seen.set(id, { updatedAt, at, final: updatedAt !== newest });
      }
    }
  }

  #isNews(id: string, updatedAt: string, now: number): boolean {
    const seen = this.#seen.get(id);
    if (seen?.updatedAt !== updatedAt) {
      this.#seen.set(id, { updatedAt, at: now, final: false });
      return true;
    }
    if (seen.final || now - seen.at < SAME_TICK_MS) return false;
    seen.final = true;
    return true;
  }

  /** What no longer falls into the overlap need not be remembered: memory stays bounded. */
  #forget(present: Set<string>, long: boolean): void {
    if (!long) return;
    for (const id of this.#seen.keys()) if (!present.has(id)) this.#seen.delete(id);
  }
}
