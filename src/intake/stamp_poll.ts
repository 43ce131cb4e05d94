import type { Runtime } from "../core/runtime.ts";
import type { EntityKind } from "../core/scene.ts";
import type { Capabilities } from "../stash/capabilities.ts";
import { CHANGE_KINDS, type ChangeKind, type Stamp } from "../stash/changes.ts";
import type { StashClient } from "../stash/client.ts";
import type { Jobs } from "../store/jobs.ts";
import type { Meta } from "../store/meta.ts";
import { type EntityStore, learnNames, noteRenames } from "./renames.ts";
import { ScanHold } from "./scan_hold.ts";
import { firstAfter, StampCursor } from "./stamp_cursor.ts";

// Few columns are asked for, so large pages are cheap; each is one transaction.
const PAGE_SIZE = 500;

export interface StampPollParts {
  stash: Pick<StashClient, "capabilities" | "changes" | "newestUpdatedAt" | "runningScan">;
  store: EntityStore & { jobs: Pick<Jobs, "enqueue">; meta: Pick<Meta, "get" | "set"> };
  runtime: Runtime;
  /** What is found while Stash scans its library waits for the end of that. */
  waitForScan: boolean;
}

/** What one poll put on its way. */
export interface Found {
  scenes: number;
  /** Renamed performers, studios and tags. */
  renames: number;
}

/**
 * Finds what changed by asking Stash for new time stamps: of scenes, of their files, and of
 * performers, studios and tags. (Groups have them too, but are not synced.) A quiet Stash is
 * asked one question per poll.
 */
export class StampPoll {
  readonly #cursors: Readonly<Record<ChangeKind, StampCursor>>;
  readonly #hold: ScanHold;
  #capabilities: Capabilities | null = null;

  constructor(private readonly parts: StampPollParts) {
    const { meta } = parts.store;
    const cursors = CHANGE_KINDS.map((kind) => [kind, new StampCursor(kind, meta)]);
    this.#cursors = Object.fromEntries(cursors);
    this.#hold = new ScanHold(parts);
  }

  /** True when there was no poll before: changes count from the first one on. */
  get isNew(): boolean {
    return this.#cursors.scene.isNew;
  }

  /** Kinds of change that this Stash does not tell; none before the first poll. */
  get untold(): ChangeKind[] {
    const told = this.#capabilities?.changes ?? CHANGE_KINDS;
    return CHANGE_KINDS.filter((kind) => !told.includes(kind));
  }

  /**
   * Polls once: new and changed scenes get a job, what was renamed is to be fanned out.
   * @throws {PlexsyncError} Stash did not answer; the next poll starts from the same place
   */
  async poll(signal?: AbortSignal): Promise<Found> {
    try {
      const { changes, jobs } = this.#capabilities ??= await this.parts.stash.capabilities();
      const cursors = changes.map((kind) => this.#cursors[kind]);
      await this.#askFirst(cursors.filter((cursor) => cursor.isNew), signal);
      return await this.#ask(cursors, this.parts.waitForScan && jobs, signal);
    } catch (error) {
      // Perhaps another version answers the next time.
      this.#capabilities = null;
      throw error;
    }
  }

  async #ask(cursors: StampCursor[], heedScans: boolean, signal?: AbortSignal): Promise<Found> {
    const { stash, runtime } = this.parts;
    const found = { scenes: 0, renames: 0 };
    const nothing = { ...found };
    // While it waits, the one question is whether the scan has ended.
    if (heedScans && this.#hold.holds && await this.#hold.ask()) return nothing;
    const now = runtime.now();
    const asks = cursors.map((cursor) => ({ kind: cursor.kind, after: cursor.begin(now) }));
    let asked = false;
    for await (const round of stash.changes(asks, PAGE_SIZE, signal)) {
      const news = [...round].map(([kind, page]) =>
        [kind, this.#cursors[kind].news(page, now)] as const
      );
      if (heedScans && !asked && news.some(([, stamps]) => stamps.length > 0)) {
        if (await this.#hold.ask()) return nothing;
        asked = true;
      }
      this.#take(news, found, now);
      for (const [kind, page] of round) this.#cursors[kind].note(page, now);
    }
    for (const cursor of cursors) cursor.end();
    return found;
  }

  #take(news: readonly (readonly [ChangeKind, Stamp[]])[], found: Found, now: number): void {
    const { store } = this.parts;
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
  async #askFirst(cursors: readonly StampCursor[], signal?: AbortSignal): Promise<void> {
    if (cursors.length === 0) return;
    const { stash, store, runtime } = this.parts;
    const now = runtime.now();
    const newest = await stash.newestUpdatedAt();
    const asks = cursors.map((cursor) => {
      cursor.begin(now);
      // All names are learnt, so that the first change of each can be told from a rename.
      return { kind: cursor.kind, after: isEntity(cursor.kind) ? null : firstAfter(newest) };
    });
    for await (const round of stash.changes(asks, PAGE_SIZE, signal)) {
      for (const [kind, page] of round) {
        if (isEntity(kind)) learnNames(kind, page, store);
        this.#cursors[kind].note(page, now);
      }
    }
    for (const cursor of cursors) cursor.endFirst(newest ?? "");
  }
}

function isEntity(kind: ChangeKind): kind is EntityKind {
  return kind !== "scene" && kind !== "file";
}
