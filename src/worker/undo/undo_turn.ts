import { serverEvent, sharedEvent, wishedDelayMs, type WorkEvent } from "../../core/jobs/course.ts";
import { retryDelayMs } from "../../core/jobs/backoff.ts";
import { asItemsOwn, FAILURES_IN_A_ROW, isDoubtful } from "../../core/jobs/doubt.ts";
import { asPlexsyncError, type PlexsyncError } from "../../core/failures/errors.ts";
import type { Item } from "../../core/sync/item.ts";
import { MINUTE_MS } from "../../core/time/duration.ts";
import { ownRows } from "../../core/journal/item_files.ts";
import type { Job } from "../../core/jobs/job.ts";
import type { UndoRequest } from "../../store/journal/undo_requests.ts";
import type { WorkContext } from "../context.ts";
import { meetOthers } from "../index/other_films.ts";
import { persist } from "../persist.ts";
import { pool } from "../pool.ts";
import { readItems } from "../batch/shared_read.ts";
import { type PlannedUndo, planUndoOf, spareCollections } from "./undo_plans.ts";
import { confirmUndos, endOf } from "./undo_confirm.ts";
import { settleUndos, type UndoEnd } from "./undo_settle.ts";
import { judgeUndos, type UndoDoubt } from "./undo_doubts.ts";
import {
  beginUndos,
  fitted,
  isForGood,
  leaveUnsure,
  type Undoing,
  writeUndo,
} from "./undo_write.ts";

export interface UndoTurnOptions {
  /** Names the process in leases. */
  owner: string;
  leaseMs: number;
  /** Writes side by side. */
  limit: number;
  /** Requests at once; default `batchSize`. */
  most?: number | undefined;
  stop: AbortSignal;
  /** Called between items, so that a long turn keeps its lease. */
  alive: () => void;
}

/** So many processes may die over a request. */
const MOST_DEATHS = 3;
/** An item that was read long ago may be another server's. */
const STALE_MS = 10 * 60_000;
/**
 * Takes back what persons asked for on some items: reads them, plans from the journal, notes it
 * there, writes, reads again, and settles. Stash is asked nothing. Never rejects.
 * @returns what was met on the way; null when there was nothing to do
 */
export async function undoTurn(
  context: WorkContext,
  options: UndoTurnOptions,
): Promise<WorkEvent[] | null> {
  const { store, target, runtime, log, settings } = context;
  const { owner, leaseMs, stop, most = settings.batchSize } = options;
  const { undos } = store.of(target.id);
  if (!undos.hasDue(runtime.now())) return null;
  const claim = () => undos.claim(owner, runtime.now(), most, leaseMs);
  const taken = await persist("take undo requests", claim, [], { runtime, log, stop });
  if (taken.length === 0) return null;
  const events: WorkEvent[] = [];
  const ends = new Map<number, UndoEnd>();
  try {
    await work(taken, ends, events, context, options);
  } catch (thrown) {
    const event = sharedEvent(thrown, target.id);
    if (event !== null) events.push(event);
    const error = asPlexsyncError(thrown);
    for (const { request } of taken) {
      if (!ends.has(request.id)) {
        ends.set(request.id, again(request, error, context, event === null));
      }
    }
  }
  await settleUndos(taken, ends, context, stop);
  return events;
}

async function work(
  taken: readonly { request: UndoRequest; job: Job }[],
  ends: Map<number, UndoEnd>,
  events: WorkEvent[],
  context: WorkContext,
  options: UndoTurnOptions,
): Promise<void> {
  const { store, target, keeper } = context;
  for (const { request, job } of taken.filter(({ job }) => job.deaths >= MOST_DEATHS)) {
    ends.set(request.id, failed(`The process died ${job.deaths} times while it was at it`));
  }
  // Ids of items mean nothing on another server: this notices it.
  await keeper.refresh(STALE_MS);
  const open = taken.filter(({ request }) => !ends.has(request.id));
  const ids = open.map(({ request }) => request.item);
  const rows = store.of(target.id).journal.ofItems(ids);
  const read = await readItems(ids, context);
  events.push({ kind: "answered", server: target.id, work: "read" });
  const planned: (PlannedUndo & Pick<Undoing, "request" | "job" | "rows">)[] = [];
  const unlisted: (Unlisted & UndoDoubt)[] = [];
  await pool(open, options.limit, () => options.stop.aborted, async ({ request, job }) => {
    const item = read.found.get(request.item);
    const error = read.failed.get(request.item);
    const known = ownRows(rows.get(request.item) ?? [], item?.files ?? []);
    if (error !== undefined) ends.set(request.id, again(request, error, context));
    else if (item === undefined) ends.set(request.id, lost(`Item ${request.item} is gone`));
    else if (known.length === 0) {
      ends.set(request.id, lost(`Item ${request.item} has other files now`));
    } else {
      try {
        const undo = await planUndoOf(item, known, request.scope, target);
        planned.push({ ...undo, request, job, rows: known });
      } catch (thrown) {
        const error = asPlexsyncError(thrown);
        if (isDoubtful(error)) {
          unlisted.push({ request, job, rows: known, about: item, item: item.id, error });
        } else meet(request, thrown, ends, events, context);
      }
    }
    options.alive();
  });
  const listed = planned.filter(({ sight }) => Object.keys(sight.images).length > 0).length;
  planned.push(...await planUnlisted(unlisted, listed, ends, events, context));
  // Who asked first leaves first, whatever was read first.
  planned.sort((a, b) => a.request.id - b.request.id);
  await spareCollections(planned, target);
  const undoings = planned.map(({ sight: { item, images }, plan, ...each }): Undoing => ({
    ...each,
    item,
    images,
    plan: fitted(plan, item, context),
    after: item,
    begun: null,
    refused: [],
    unsure: [],
    failed: [],
    isAnother: false,
  }));
  if (!await beginUndos(undoings, context, options.stop)) return;
  const unwritten: (UndoDoubt & { undoing: Undoing })[] = [];
  const tried = new Set<Undoing>();
  let done = 0;
  let inARow = 0;
  const isOver = () =>
    options.stop.aborted || inARow >= FAILURES_IN_A_ROW ||
    events.some(({ kind }) => kind !== "answered");
  await pool(undoings, options.limit, isOver, async (undoing) => {
    tried.add(undoing);
    try {
      await writeUndo(undoing, context);
      if (undoing.begun !== null) {
        events.push({ kind: "answered", server: target.id, work: "write" });
        if (undoing.plan.edit !== null) done++;
        inARow = 0;
      }
    } catch (thrown) {
      const error = asPlexsyncError(thrown);
      if (isDoubtful(error)) {
        inARow++;
        unwritten.push({ undoing, item: undoing.item.id, error });
      } else meet(undoing.request, thrown, ends, events, context);
    }
    options.alive();
  });
  await settleUnwritten(unwritten, done, ends, events, context);
  await settleUnsure([...tried], ends, events, context);
  const isStopped = options.stop.aborted || events.some(({ kind }) => kind !== "answered");
  const written = [...tried].filter(({ request }) => !ends.has(request.id));
  if (isStopped && !options.stop.aborted) return;
  await confirmUndos(written, context);
  for (const undoing of written) {
    const { request, item, isAnother } = undoing;
    ends.set(
      request.id,
      isAnother ? lost(`Item ${item.id} has other files now`) : endOf(undoing, context),
    );
  }
  meetOthers(written.filter(({ isAnother }) => isAnother).map(({ after }) => after), context);
}

/** One whose images could not be listed. */
interface Unlisted extends Pick<Undoing, "request" | "job" | "rows"> {
  about: Item;
}

/** Where the images of others are listed, those of these are left, or looked for once more. */
async function planUnlisted(
  unlisted: readonly (Unlisted & UndoDoubt)[],
  listed: number,
  ends: Map<number, UndoEnd>,
  events: WorkEvent[],
  context: WorkContext,
) {
  const planned: (PlannedUndo & Pick<Undoing, "request" | "job" | "rows">)[] = [];
  const verdict = await judgeUndos(unlisted, listed, "images", context);
  events.push(...verdict.events);
  for (const { request, job, rows, about, error } of unlisted) {
    if (!verdict.isOwn) ends.set(request.id, held(error, context));
    else {
      const mayLack = (thrown: unknown) =>
        isForGood(request, asItemsOwn(asPlexsyncError(thrown)), context);
      try {
        const undo = await planUndoOf(about, rows, request.scope, context.target, mayLack);
        planned.push({ ...undo, request, job, rows });
      } catch (thrown) {
        ends.set(request.id, again(request, asItemsOwn(asPlexsyncError(thrown)), context));
      }
    }
  }
  return planned;
}

async function settleUnwritten(
  doubts: readonly (UndoDoubt & { undoing: Undoing })[],
  done: number,
  ends: Map<number, UndoEnd>,
  events: WorkEvent[],
  context: WorkContext,
): Promise<void> {
  const verdict = await judgeUndos(doubts, done, "edit", context);
  events.push(...verdict.events);
  const isTold = verdict.events.length > 0;
  for (const { undoing: { request }, error } of doubts) {
    ends.set(
      request.id,
      verdict.isOwn
        ? again(request, asItemsOwn(error), context)
        // The gate says when.
        : isTold
        ? again(request, error, context, false)
        : held(error, context),
    );
  }
}

/** Images that were not chosen. */
async function settleUnsure(
  undoings: readonly Undoing[],
  ends: Map<number, UndoEnd>,
  events: WorkEvent[],
  context: WorkContext,
): Promise<void> {
  const unsure = undoings.filter((each) => each.unsure.length > 0);
  const doubts = unsure.map(({ item, unsure: [first] }) => ({
    item: item.id,
    error: first!.error,
  }));
  const done =
    undoings.filter(({ plan, unsure, request }) =>
      plan.images.length > 0 && unsure.length === 0 && !ends.has(request.id)
    ).length;
  const verdict = await judgeUndos(doubts, done, "images", context);
  events.push(...verdict.events);
  for (const [n, undoing] of unsure.entries()) {
    const { error } = doubts[n]!;
    const { request } = undoing;
    if (!verdict.isOwn) ends.set(request.id, held(error, context));
    else if (isForGood(request, asItemsOwn(error), context)) leaveUnsure(undoing);
    else ends.set(request.id, again(request, asItemsOwn(error), context));
  }
}

/** It waits for better times, and has not failed. */
function held(error: PlexsyncError, { runtime }: WorkContext): UndoEnd {
  const at = runtime.now() + Math.max(MINUTE_MS, wishedDelayMs(error));
  return { kind: "again", at, isPaid: false };
}

/** A request that failed for its own reasons is tried again, or ends; an outage ends none. */
function meet(
  request: UndoRequest,
  thrown: unknown,
  ends: Map<number, UndoEnd>,
  events: WorkEvent[],
  context: WorkContext,
): void {
  const event = serverEvent(thrown, context.target.id);
  if (event !== null) events.push(event);
  ends.set(request.id, again(request, asPlexsyncError(thrown), context, event === null));
}

function again(
  request: UndoRequest,
  error: PlexsyncError,
  context: WorkContext,
  isPaid = true,
): UndoEnd {
  const { runtime } = context;
  const now = runtime.now();
  if (!isPaid) return { kind: "again", at: now + wishedDelayMs(error), isPaid };
  if (isForGood(request, error, context)) return failed(error.message);
  const delay = retryDelayMs(request.retry_count + 1, runtime.random());
  return { kind: "again", at: now + Math.max(delay, wishedDelayMs(error)), isPaid };
}

function failed(error: string): Extract<UndoEnd, { kind: "ended" }> {
  const result = { restored: [], locks: [], left: [], error };
  return { kind: "ended", result, undoing: null };
}

function lost(error: string): UndoEnd {
  return { ...failed(error), isLost: true };
}
