import type { Runtime } from "../core/runtime.ts";
import type { EntityKind } from "../core/scene.ts";
import type { Capabilities } from "../stash/capabilities.ts";
import { CHANGE_KINDS, type ChangeKind, type Stamp } from "../stash/changes.ts";
import type { StashClient } from "../stash/client.ts";
import type { Jobs } from "../store/jobs.ts";
import type { Meta } from "../store/meta.ts";
import { type EntityStore, learnNames, noteRenames } from "./entity_watcher.ts";
import { ScanHold } from "./scan_hold.ts";
import { firstLook, StampWatch } from "./stamp_watch.ts";

// Few columns are asked for, so large pages are cheap; each is one transaction.
const PAGE_SIZE = 500;

export interface WatcherPorts {
  stash: Pick<StashClient, "capabilities" | "changes" | "newestUpdatedAt" | "runningScan">;
  store: EntityStore & { jobs: Pick<Jobs, "enqueue">; meta: Pick<Meta, "get" | "set"> };
  runtime: Runtime;
  /** What is found while Stash scans its library waits for the end of that. */
  waitForScan: boolean;
}

/** What one look put on its way. */
export interface Found {
  scenes: number;
  /** Renamed performers, studios and tags. */
  renames: number;
}

/**
 * Finds what changed by asking Stash for new time stamps: of scenes, of their files, and of
 * performers, studios and tags. (Groups have them too, but are not synced.) A quiet Stash is
 * asked one question per look.
 */
export class Watcher {
  readonly #watches: Readonly<Record<ChangeKind, StampWatch>>;
  readonly #hold: ScanHold;
  #capabilities: Capabilities | null = null;

  constructor(private readonly ports: WatcherPorts) {
    const { meta } = ports.store;
    const watches = CHANGE_KINDS.map((kind) => [kind, new StampWatch(kind, meta)]);
    this.#watches = Object.fromEntries(watches);
    this.#hold = new ScanHold(ports);
  }

  /** True when nothing was watched before: changes count from the first look on. */
  get isNew(): boolean {
    return this.#watches.scene.isNew;
  }

  /** Kinds of change that this Stash does not tell; none before the first look. */
  get untold(): ChangeKind[] {
    const told = this.#capabilities?.changes ?? CHANGE_KINDS;
    return CHANGE_KINDS.filter((kind) => !told.includes(kind));
  }

  /**
   * One look: new and changed scenes get a job, what was renamed is to be fanned out.
   * @throws {PlexsyncError} Stash did not answer; the next look starts from the same place
   */
  async poll(signal?: AbortSignal): Promise<Found> {
    try {
      const { changes, jobs } = this.#capabilities ??= await this.ports.stash.capabilities();
      const watches = changes.map((kind) => this.#watches[kind]);
      await this.#lookFirst(watches.filter((watch) => watch.isNew), signal);
      return await this.#look(watches, this.ports.waitForScan && jobs, signal);
    } catch (error) {
      // Perhaps another version answers the next time.
      this.#capabilities = null;
      throw error;
    }
  }

  async #look(watches: StampWatch[], heedScans: boolean, signal?: AbortSignal): Promise<Found> {
    const { stash, runtime } = this.ports;
    const found = { scenes: 0, renames: 0 };
    const nothing = { ...found };
    // While it waits, the one question is whether the scan has ended.
    if (heedScans && this.#hold.holds && await this.#hold.ask()) return nothing;
    const now = runtime.now();
    const asks = watches.map((watch) => ({ kind: watch.kind, after: watch.begin(now) }));
    let asked = false;
    for await (const round of stash.changes(asks, PAGE_SIZE, signal)) {
      const news = [...round].map(([kind, page]) =>
        [kind, this.#watches[kind].news(page, now)] as const
      );
      if (heedScans && !asked && news.some(([, stamps]) => stamps.length > 0)) {
        if (await this.#hold.ask()) return nothing;
        asked = true;
      }
      this.#take(news, found, now);
      for (const [kind, page] of round) this.#watches[kind].note(page, now);
    }
    for (const watch of watches) watch.end();
    return found;
  }

  #take(news: readonly (readonly [ChangeKind, Stamp[]])[], found: Found, now: number): void {
    const { store } = this.ports;
    // A new scene shows by its own stamp and by its file's.
    const scenes = new Set<string>();
    for (const [kind, stamps] of news) {
      if (isEntity(kind)) found.renames += noteRenames(kind, stamps, store, now);
      else stamps.forEach(({ id }) => scenes.add(id));
    }
    if (scenes.size > 0) store.jobs.enqueue([...scenes], "watch", now);
    found.scenes += scenes.size;
  }

  /** What is there at the very start is no change. */
  async #lookFirst(watches: readonly StampWatch[], signal?: AbortSignal): Promise<void> {
    if (watches.length === 0) return;
    const { stash, store, runtime } = this.ports;
    const now = runtime.now();
    const newest = await stash.newestUpdatedAt();
    const asks = watches.map((watch) => {
      watch.begin(now);
      // All names are learnt, so that the first change of each can be told from a rename.
      return { kind: watch.kind, after: isEntity(watch.kind) ? null : firstLook(newest) };
    });
    for await (const round of stash.changes(asks, PAGE_SIZE, signal)) {
      for (const [kind, page] of round) {
        if (isEntity(kind)) learnNames(kind, page, store);
        this.#watches[kind].note(page, now);
      }
    }
    for (const watch of watches) watch.endFirst(newest ?? "");
  }
}

function isEntity(kind: ChangeKind): kind is EntityKind {
  return kind !== "scene" && kind !== "file";
}
