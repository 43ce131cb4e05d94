import { PlexsyncError } from "../core/failures/errors.ts";
import { formatDuration, HOUR_MS } from "../core/time/duration.ts";
import type { LogPort } from "../core/log_port.ts";
import { SWEEP } from "../core/meta_keys.ts";
import type { Runtime } from "../core/runtime.ts";
import type { EntityKind } from "../core/sync/scene.ts";
import type { Capabilities } from "../stash/capabilities.ts";
import { CHANGE_KINDS, type ChangeKind, type Stamp } from "../stash/changes.ts";
import type { StashClient } from "../stash/client.ts";
import { zoneOf, zoneOffsetMs } from "../stash/watermark.ts";
import type { Jobs } from "../store/queue/jobs.ts";
import type { Meta } from "../store/meta.ts";
import { type EntityStore, learnNames, noteRenames } from "./renames.ts";
import { ScanHold } from "./scan_hold.ts";
import {
  CLOCKS_DIFFER_MS,
  firstAfter,
  firstCursor,
  type OddStamp,
  StampCursor,
} from "./stamp_cursor.ts";

// Few columns are asked for, so large pages are cheap; each is one transaction.
const PAGE_SIZE = 500;

type StashQuestions =
  | "capabilities"
  | "changes"
  | "newestUpdatedAt"
  | "runningScan"
  | "sceneCount";

export interface StampPollParts {
  stash: Pick<StashClient, StashQuestions>;
  store: EntityStore & { jobs: Pick<Jobs, "enqueue">; meta: Pick<Meta, "get" | "set"> };
  runtime: Runtime;
  /** Told of time stamps and clocks that are odd, once of each. */
  log: Pick<LogPort, "info" | "warning">;
  /** What is found while Stash scans its library waits for the end of that. */
  waitForScan: boolean;
}

/** Odd time stamps of one page that are named one by one. */
const ODD_SAID = 3;
/** Fewer may have been deleted. */
const MANY_VANISHED = 3;
const SWEEPS = "What changed meanwhile is found by the full walk (sweep_interval)";

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
  /** The zone that was said last. */
  #zone = "";
  /** What the last poll had to list and did not: no others either, or such as showed what it was. */
  #vanished: "none" | "all" | "heeded" = "none";

  constructor(private readonly parts: StampPollParts) {
    const { meta } = parts.store;
    const cursors = CHANGE_KINDS.map((kind) => [kind, new StampCursor(kind, meta)]);
    this.#cursors = Object.fromEntries(cursors);
    this.#hold = new ScanHold(parts);
  }

  /** True when there was no poll before: changes count from the first poll on. */
  get isNew(): boolean {
    return this.#cursors.scene.isNew;
  }

  /** Kinds of change that this Stash does not tell; none before the first poll. */
  get untold(): ChangeKind[] {
    const told = this.#capabilities?.changes ?? CHANGE_KINDS;
    return CHANGE_KINDS.filter((kind) => !told.includes(kind));
  }

  /**
   * One poll: new and changed scenes get a job, what was renamed is to be fanned out.
   * @throws {PlexsyncError} Stash did not answer; the next poll starts from the same place
   */
  async poll(signal?: AbortSignal): Promise<Found> {
    try {
      const { changes, jobs } = this.#capabilities ??= await this.parts.stash.capabilities();
      const cursors = changes.map((kind) => this.#cursors[kind]);
      await this.#askFirst(cursors.filter((cursor) => cursor.isNew), signal);
      return await this.#ask(cursors, this.parts.waitForScan && jobs, signal);
    } catch (error) {
      // Perhaps another version answers the next time, or in another zone.
      this.#capabilities = null;
      for (const cursor of Object.values(this.#cursors)) cursor.lookFar();
      throw error;
    }
  }

  async #ask(
    cursors: StampCursor[],
    heedScans: boolean,
    signal?: AbortSignal,
    again = false,
  ): Promise<Found> {
    const { stash, runtime } = this.parts;
    const found = { scenes: 0, renames: 0 };
    const nothing = { ...found };
    // While it waits, the one question is whether the scan has ended.
    if (heedScans && this.#hold.holds && await this.#hold.ask()) return nothing;
    const now = runtime.now();
    this.#mend(cursors, now);
    const before = cursors.map((cursor) => cursor.cursor ?? "");
    const asks = cursors.map((cursor) => ({ kind: cursor.kind, after: cursor.begin(now) }));
    let asked = false;
    let isFirst = true;
    for await (const { stamps: round, serverNow } of stash.changes(asks, PAGE_SIZE, signal)) {
      const then = serverNow ?? now;
      // What a clock that was set back hides is asked for at once. Not twice: it may be going back.
      if (isFirst && this.#rewind(cursors, now, then) && !again) {
        return await this.#ask(cursors, heedScans, signal, true);
      }
      isFirst = false;
      const news = [...round].map(([kind, page]) =>
        [kind, this.#cursors[kind].news(page, now, then)] as const
      );
      if (heedScans && !asked && news.some(([, stamps]) => stamps.length > 0)) {
        if (await this.#hold.ask()) return nothing;
        asked = true;
      }
      this.#take(news, found, now);
      for (const [kind, page] of round) {
        this.#sayOdd(kind, this.#cursors[kind].note(page, now, then));
      }
    }
    const gone = cursors.map((cursor) => ({ kind: cursor.kind, count: cursor.end() }));
    await this.#heedVanished(gone.find(({ kind }) => kind === "scene")?.count ?? 0);
    this.#sayZone(before, cursors.map((cursor) => cursor.cursor ?? ""));
    return found;
  }

  /** Sets aside what an earlier process left and nobody can go on from. */
  #mend(cursors: readonly StampCursor[], now: number): void {
    for (const cursor of cursors) {
      const was = cursor.mend(now);
      if (was === null) continue;
      this.parts.log.warning(
        `The place in Stash's ${cursor.kind} time stamps was no time, and is set aside: "${was}"`,
        { event: "watch_cursor", hint: SWEEPS },
      );
      this.#sweepSoon();
    }
  }

  /** @returns whether any cursor was set back */
  #rewind(cursors: readonly StampCursor[], now: number, serverNow: number): boolean {
    const beyond = Math.max(...cursors.map((cursor) => cursor.rewind(now, serverNow)));
    if (beyond > CLOCKS_DIFFER_MS) {
      this.parts.log.warning(
        `Stash's clock is ${formatDuration(beyond)} behind the newest time stamp that it gave ` +
          "before: changes are watched from its own now on",
        { event: "watch_cursor", hint: `Check the clock of Stash's machine. ${SWEEPS}` },
      );
      this.#sweepSoon();
    }
    return beyond > 0;
  }

  #sayOdd(kind: ChangeKind, odd: readonly OddStamp[]): void {
    for (const { id, text, is } of odd.slice(0, ODD_SAID)) {
      const name = isEntity(kind) ? `${kind} ${id}` : `scene ${id}`;
      const whose = kind === "file" ? `A file of ${name}` : name[0]!.toUpperCase() + name.slice(1);
      const why = is === "ahead" ? "that lies ahead of Stash's clock" : "that is no time";
      this.parts.log.warning(
        `${whose} has a time stamp ${why}, so the watcher does not go by it: "${text}"`,
        {
          event: "watch_stamp",
          scene_id: isEntity(kind) ? undefined : id,
          hint: "Nothing is missed by it; saving it in Stash gives it a new one",
        },
      );
    }
    if (odd.length > ODD_SAID) {
      this.parts.log.warning(`${odd.length - ODD_SAID} more have such time stamps`, {
        event: "watch_stamp",
        count: odd.length - ODD_SAID,
      });
    }
  }

  /**
   * Of the scenes that changed last none is listed. Where others are, a backup of Stash was put back:
   * what else went back by it no time stamp shows. Heeded once, until something is listed again.
   */
  async #heedVanished(count: number): Promise<void> {
    const { stash, log } = this.parts;
    const before = this.#vanished;
    if (count === 0 || before === "heeded") {
      this.#vanished = count > 0 ? before : "none";
      return;
    }
    const listsOthers = await stash.newestUpdatedAt() !== null;
    // The backup may come into a Stash that has nothing yet.
    this.#vanished = listsOthers ? "heeded" : "all";
    if (listsOthers) this.#sweepSoon();
    if (count < MANY_VANISHED) return;
    const none = `Stash lists none of the ${count} scenes that changed last`;
    if (listsOthers) {
      const message = `${none}, as after a backup of it was put back: all scenes are walked over`;
      log.info(message, { event: "watch_put_back", count });
    } else if (before !== "all") {
      const message = `${none}: no change is seen until it does`;
      log.warning(message, { event: "watch_empty", count, hint: SWEEPS });
    }
  }

  /** Said once, for all kinds; one of them may find out long after the others. */
  #sayZone(before: readonly string[], after: readonly string[]): void {
    for (const [at, now] of after.entries()) {
      const old = before[at]!;
      if (zoneOf(old) === "" || zoneOf(now) === "" || zoneOf(old) === zoneOf(now)) continue;
      if (zoneOf(now) === this.#zone) continue;
      this.#zone = zoneOf(now);
      this.parts.log.info(
        `Stash writes its time stamps in another zone: ${zoneOf(now)}, it was ${zoneOf(old)}`,
        { event: "watch_zone" },
      );
      // An hour is daylight saving.
      if (Math.abs(zoneOffsetMs(now) - zoneOffsetMs(old)) > HOUR_MS) this.#sweepSoon();
    }
  }

  /** All scenes are compared with what was written: what was missed meanwhile is found. */
  #sweepSoon(): void {
    const { meta } = this.parts.store;
    const state = meta.get(SWEEP);
    if (state !== undefined) meta.set(SWEEP, { ...state, doneAt: 0 });
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

  /**
   * @returns null only without scenes: all that comes later counts as a change then
   * @throws {PlexsyncError} StashUnavailable: it counts scenes and lists none
   */
  async #newest(): Promise<string | null> {
    const { stash } = this.parts;
    const newest = await stash.newestUpdatedAt();
    const count = newest === null ? await stash.sceneCount() : 0;
    if (count === 0) return newest;
    throw new PlexsyncError("StashUnavailable", `Stash counts ${count} scenes and lists none`);
  }

  /** What is there at the very start is no change. */
  async #askFirst(cursors: readonly StampCursor[], signal?: AbortSignal): Promise<void> {
    if (cursors.length === 0) return;
    const { stash, store, runtime } = this.parts;
    const now = runtime.now();
    const newest = await this.#newest();
    const asks = cursors.map((cursor) => {
      cursor.begin(now);
      // All names are learnt, so that the first change of each can be told from a rename.
      return { kind: cursor.kind, after: isEntity(cursor.kind) ? null : firstAfter(newest, now) };
    });
    let then = now;
    for await (const { stamps, serverNow } of stash.changes(asks, PAGE_SIZE, signal)) {
      then = serverNow ?? now;
      for (const [kind, page] of stamps) {
        if (isEntity(kind)) learnNames(kind, page, store);
        this.#sayOdd(kind, this.#cursors[kind].note(page, now, then));
      }
    }
    for (const cursor of cursors) cursor.endFirst(firstCursor(newest, then), then);
  }
}

function isEntity(kind: ChangeKind): kind is EntityKind {
  return kind !== "scene" && kind !== "file";
}
