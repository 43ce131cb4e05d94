import { UserError } from "../../core/failures/errors.ts";
import { inSlices } from "../../core/in_slices.ts";
import type { Leaving } from "../../core/journal/collection_guard.ts";
import { ownRows } from "../../core/journal/item_files.ts";
import { locksIn } from "../../core/journal/undo.ts";
import type { FieldName } from "../../core/sync/fields.ts";
import type { Change } from "../../core/sync/plan.ts";
import type { Left } from "../../core/journal/undo_field.ts";
import { undoKind, type UndoScope } from "../../core/journal/undo_scope.ts";
import type { UndoResult, UndoTarget } from "../../store/journal/undo_requests.ts";
import type { JournalRow, JournalRun } from "../../store/journal/journal.ts";
import type { RunKept } from "../../store/queue/runs.ts";
import type { Store } from "../../store/store.ts";
import type { Target } from "../../target/target.ts";
import { type PlannedUndo, planUndoOf, spareCollections } from "../../worker/undo/undo_plans.ts";
import type { LongWork } from "../queue/enqueue.ts";
import type { Installation } from "../installation.ts";
import { lockHolder } from "../data/lock.ts";
import { restNews } from "../reports/rest_news.ts";
import { undosRestBecause } from "../reports/status_report.ts";
import { plexOf } from "../connections/servers.ts";
import { targetNamed } from "../targets.ts";

/** Which writes a person wants to be taken back. */
export type UndoWish = UndoScope | { kind: "last"; scene: string };

/** The items of one target that are meant, and what of each. */
export interface UndoTask {
  target: string;
  items: UndoTarget[];
  scopeOf(item: UndoTarget): UndoScope;
}

/** What an undo would do to one item. */
export interface UndoPreview {
  scene_id: string;
  rating_key: string;
  changes: Change[];
  /** Fields of which only the lock would come back. */
  locks: FieldName[];
  left: Left[];
  /** Why nothing can be done with the item; null when it could be read. */
  error: string | null;
}

const NOTHING = { changes: [], locks: [], left: [] };

type WithStore = Pick<Installation, "store">;

/** What a wish means, target by target. */
export function undoTasks(wish: UndoWish, { store }: WithStore): UndoTask[] {
  return store.targets.map((target) => {
    const { undos } = store.of(target);
    if (wish.kind !== "last") {
      return { target, items: undos.targetsOf(wish), scopeOf: () => wish };
    }
    const items = undos.lastOf(wish.scene);
    return { target, items, scopeOf: ({ write }) => ({ kind: "write", write: write! }) };
  });
}

/**
 * Another text whenever other writes for a scene hold: what would be taken back then is not what
 * somebody saw before.
 */
export function undoMark(sceneId: string, { store }: WithStore): string {
  return store.targets.flatMap((target) =>
    store.of(target).undos.lastOf(sceneId).map(({ item, write }) => `${target} ${item} ${write}`)
  ).join();
}

/** Items in one request. */
const BATCH = 50;

/**
 * What an undo would do, item by item, without writing. Asks Plex alone.
 * @throws {PlexsyncError} it did not answer
 */
export function previewUndo(
  task: UndoTask,
  installation: Installation,
): AsyncGenerator<UndoPreview> {
  const target = plexOf(targetNamed(installation.targets, task.target), installation);
  return previewOn(target, task, installation);
}

/** The same, of the target that is given. */
export async function* previewOn(
  target: Target,
  { target: key, items, scopeOf }: UndoTask,
  { store }: WithStore,
): AsyncGenerator<UndoPreview> {
  const gone: Leaving = new Map();
  for (let at = 0; at < items.length; at += BATCH) {
    const batch = items.slice(at, at + BATCH);
    const ids = batch.map(({ item }) => item);
    const found = await target.read(ids);
    const journal = store.of(key).journal.ofItems(ids);
    const previews: { facts: UndoPreview; undo: PlannedUndo | null }[] = [];
    for (const each of batch) {
      const item = found.get(each.item);
      const rows = ownRows(journal.get(each.item) ?? [], item?.files ?? []);
      const facts = { scene_id: each.scene_id, rating_key: each.item, ...NOTHING };
      const error = item === undefined
        ? "the item is gone"
        : rows.length > 0
        ? null
        : "the item has other files now";
      const undo = error === null ? await planUndoOf(item!, rows, scopeOf(each), target) : null;
      previews.push({ facts: { ...facts, error }, undo });
    }
    await spareCollections(previews.flatMap(({ undo }) => undo ?? []), target, gone);
    for (const { facts, undo } of previews) {
      if (undo === null) {
        yield facts;
        continue;
      }
      const { changes, left } = undo.plan;
      yield { ...facts, changes, left, locks: locksIn(undo.plan) };
    }
  }
}

/** Whether what was taken back is put again by it. */
export function isPutAgain(wish: UndoWish, { store }: WithStore): boolean {
  return kindOf(wish, store) === "redo";
}

function kindOf(wish: UndoWish, store: Store) {
  return undoKind(wish.kind === "run" ? store.jobs.runs.kindOf(wish.run) : null);
}

/**
 * How much of what a wish means is kept step by step, as far as that is known of the whole; of each
 * field its result says so.
 * @throws {UserError} there never was such a run
 */
export function keptOf(wish: UndoWish, { store }: WithStore): RunKept {
  if (wish.kind !== "run") return "all";
  const kept = store.jobs.runs.keptOf(wish.run);
  if (kept !== null) return kept;
  throw new UserError(
    `There is no run ${wish.run}`,
    "failed",
    "plexsync history lists the runs that wrote something",
  );
}

/** Requests that are queued in one go: 10,000 of them held up all else for 0.4 s. */
const SLICE = 250;

/**
 * Queues the undo; at its end it outlives a power cut. The first requests are queued before anything
 * else has a turn, which is all of them where a person saw what is meant.
 * @returns its run
 */
export async function requestUndo(
  wish: UndoWish,
  tasks: readonly UndoTask[],
  name: string,
  { store, runtime }: Pick<Installation, "store" | "runtime">,
): Promise<number> {
  const run = store.jobs.runs.begin(kindOf(wish, store), runtime.now(), name);
  for (const { target, items, scopeOf } of tasks) {
    const { undos } = store.of(target);
    await inSlices(items, SLICE, runtime, (slice) => {
      undos.request(slice, scopeOf, run, runtime.now());
    });
  }
  return run;
}

const LOOK_MS = 200;

/** How a wait for an undo is shown. */
export interface UndoWait extends Pick<LongWork, "progress"> {
  /** Called when it begins to rest, with why; the wait goes on. */
  resting(problems: string[]): void;
}

/**
 * Waits until the daemon has taken back what a run asks for.
 * @returns false when the daemon ended first
 */
export async function waitForUndo(
  run: number,
  installation: Pick<Installation, "store" | "runtime" | "files" | "stop" | "targets">,
  { progress, resting }: UndoWait,
): Promise<boolean> {
  const { store, runtime, files, stop } = installation;
  const look = restNews(resting);
  for (;;) {
    const all = store.targets.map((target) => ({
      target,
      ...store.of(target).undos.progress(run),
    }));
    const sum = (key: "items" | "ended") => all.reduce((n, each) => n + each[key], 0);
    progress(sum("ended"), sum("items"));
    if (sum("ended") === sum("items")) return true;
    if (lockHolder(files.lock) === null || stop?.aborted) return false;
    const open = all.filter(({ items, ended }) => ended < items);
    look(undosRestBecause(open.map(({ target }) => target), installation));
    await runtime.sleep(LOOK_MS, stop);
  }
}

/** What came of an undo, item by item. */
export function undoResults(
  run: number,
  { store }: WithStore,
): { scene_id: string; item: string; result: UndoResult }[] {
  return store.targets.flatMap((target) => store.of(target).undos.results(run));
}

/** What was written for a scene and to its items, the newest first. */
export function historyOf(
  sceneId: string,
  limit: number,
  { store }: WithStore,
): (JournalRow & { target: string })[] {
  return store.targets.flatMap((target) =>
    store.of(target).journal.ofScene(sceneId, limit).map((row) => ({ ...row, target }))
  );
}

/** The last runs that wrote something, the newest first. */
export function writingRuns(limit: number, { store }: WithStore): JournalRun[] {
  return store.targets.flatMap((target) => store.of(target).journal.runs(limit));
}
