import {
  COURSE,
  serverEvent,
  sharedEvent,
  wishedDelayMs,
  type WorkEvent,
} from "../core/jobs/course.ts";
import { retryDelayMs } from "../core/jobs/backoff.ts";
import { asPlexsyncError, type PlexsyncError } from "../core/failures/errors.ts";
import type { FieldName } from "../core/sync/fields.ts";
import { shareFile } from "../core/journal/holds.ts";
import { type Edit, type Item, NO_EDIT } from "../core/sync/item.ts";
import type { Job } from "../core/jobs/job.ts";
import { type BegunField, begunFields, begunImage, seenFields } from "../core/journal/journal.ts";
import type { Left, UndoPlan } from "../core/journal/undo_field.ts";
import { shortfall } from "../core/sync/verify.ts";
import type { JournalRow } from "../store/journal.ts";
import type { UndoRequest } from "../store/undo_requests.ts";
import type { WorkContext } from "./context.ts";
import { chosen, SHOWN_WITHIN_MS } from "./image_plan.ts";
import { persist } from "./persist.ts";
import { pool } from "./pool.ts";
import { readItems } from "./shared_read.ts";
import { type PlannedUndo, planUndoOf, spareCollections } from "./undo_plans.ts";
import { settleUndos, type UndoEnd } from "./undo_settle.ts";

/** One request in hand. */
export interface Undoing {
  request: UndoRequest;
  job: Job;
  rows: readonly JournalRow[];
  item: Item;
  plan: UndoPlan;
  /** The item after the write; the one read before it until it is read again. */
  after: Item;
  /** What the journal was told, once it was. */
  begun: { write: number; fields: readonly BegunField[] } | null;
  /** What of the plan did not take. */
  failed: readonly FieldName[];
}

export interface UndoTurnOptions {
  /** Names the process in leases. */
  owner: string;
  leaseMs: number;
  /** Writes side by side. */
  limit: number;
  stop: AbortSignal;
  /** Called between items, so that a long turn keeps its lease. */
  alive: () => void;
}

/** So many processes may die over a request. */
const MOST_DEATHS = 3;
/** An item that was read long ago may be another server's. */
const STALE_MS = 10 * 60_000;
/** A list that stays as it is after so many ways to change it stays for good. */
const MAX_ROUNDS = 8;

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
  const { owner, leaseMs, stop } = options;
  const { undos } = store.of(target.id);
  if (!undos.hasDue(runtime.now())) return null;
  const claim = () => undos.claim(owner, runtime.now(), settings.batchSize, leaseMs);
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
  await pool(open, options.limit, () => options.stop.aborted, async ({ request, job }) => {
    const item = read.found.get(request.item);
    const error = read.failed.get(request.item);
    const known = rows.get(request.item) ?? [];
    if (error !== undefined) ends.set(request.id, again(request, error, context));
    else if (item === undefined) ends.set(request.id, failed(`Item ${request.item} is gone`));
    else if (!known.some(({ files }) => shareFile(files, item.files))) {
      ends.set(request.id, failed(`Item ${request.item} has other files now`));
    } else {
      try {
        const undo = await planUndoOf(item, known, request.scope, target);
        planned.push({ ...undo, request, job, rows: known });
      } catch (thrown) {
        meet(request, thrown, ends, events, context);
      }
    }
    options.alive();
  });
  // Who asked first leaves first, whatever was read first.
  planned.sort((a, b) => a.request.id - b.request.id);
  await spareCollections(planned, target);
  const undoings = planned.map(({ sight: { item }, plan, ...each }): Undoing => ({
    ...each,
    item,
    plan: fitted(plan, item, context),
    after: item,
    begun: null,
    failed: [],
  }));
  if (!await begin(undoings, context, options.stop)) return;
  const isOver = () => options.stop.aborted || events.some(({ kind }) => kind !== "answered");
  await pool(undoings, options.limit, isOver, async (undoing) => {
    try {
      await write(undoing, context);
      if (undoing.begun !== null) {
        events.push({ kind: "answered", server: target.id, work: "write" });
      }
    } catch (thrown) {
      meet(undoing.request, thrown, ends, events, context);
    }
    options.alive();
  });
  const written = undoings.filter(({ request }) => !ends.has(request.id));
  if (isOver() && !options.stop.aborted) return;
  await confirm(written, context);
  for (const undoing of written) ends.set(undoing.request.id, ended(undoing, context));
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
  { retry_count }: UndoRequest,
  error: PlexsyncError,
  { runtime, settings }: WorkContext,
  isPaid = true,
): UndoEnd {
  const now = runtime.now();
  if (!isPaid) return { kind: "again", at: now + wishedDelayMs(error), isPaid };
  const course = COURSE[error.type];
  if (course === "dead" || course === "waiting" || retry_count >= settings.maxRetries) {
    return failed(error.message);
  }
  const delay = retryDelayMs(retry_count + 1, runtime.random());
  return { kind: "again", at: now + Math.max(delay, wishedDelayMs(error)), isPaid };
}

function failed(error: string): UndoEnd {
  return { kind: "ended", result: { restored: [], left: [], error }, undoing: null };
}

/** The plan within the target's limits: what is too long to come back is left. */
function fitted(plan: UndoPlan, item: Item, { target }: WorkContext): UndoPlan {
  if (plan.edit === null) return plan;
  const { edit, omitted } = target.fit(item, plan.edit);
  if (omitted.length === 0) return plan;
  const left = omitted.map(({ field }): Left => ({ field, why: "not taken" }));
  const isLeft = (field: FieldName) => omitted.some((each) => each.field === field);
  for (const { field } of omitted) {
    delete edit.text[field as keyof Edit["text"]];
    delete edit.names[field as keyof Edit["names"]];
  }
  return {
    ...plan,
    edit: { ...edit, unlock: (edit.unlock ?? []).filter((field) => !isLeft(field)) },
    left: [...plan.left, ...left],
    changes: plan.changes.filter(({ field }) => !isLeft(field)),
    fields: plan.fields.filter(({ field }) => !isLeft(field)),
  };
}

/** Into the journal, as any write: an undo can be taken back too. */
async function begin(
  undoings: readonly Undoing[],
  { store, target, runtime, log }: WorkContext,
  stop: AbortSignal,
): Promise<boolean> {
  const meant = undoings.filter(({ plan }) => plan.edit !== null || plan.images.length > 0);
  if (meant.length === 0) return true;
  const writes = meant.map(({ request, item, plan }) => ({
    runId: request.run_id,
    sceneId: request.scene_id,
    item,
    fields: [
      ...begunFields(plan.edit ?? NO_EDIT, item, null),
      ...imageFields(plan, item),
    ],
  }));
  const note = () => store.of(target.id).beginWrites([], writes, runtime.now());
  const ids = await persist("note what is to be taken back", note, null, { runtime, log, stop });
  ids?.forEach((write, at) => {
    meant[at]!.begun = { write, fields: writes[at]!.fields };
  });
  return ids !== null;
}

/** The images that are chosen. */
function imageFields({ images, changes, edit }: UndoPlan, item: Item): BegunField[] {
  return images.map(({ field, key }) => {
    const from = changes.find((change) => change.field === field)?.from ?? key;
    const shown = { before: from === "" ? [] : [from], sure: true };
    const begun = begunImage(field, key, shown, item);
    const locked = begun.lockedBefore || (edit?.lock.includes(field) ?? false);
    const unlocked = edit?.unlock?.includes(field) ?? false;
    return { ...begun, lockedAfter: locked && !unlocked, origin: null };
  });
}

async function write({ plan, item }: Undoing, { target }: WorkContext): Promise<void> {
  if (plan.edit !== null) await target.write(item, plan.edit);
  for (const { field, key } of plan.images) {
    await target.show(item, field, chosen(key));
  }
}

/** Reads what was written again, and mends it in another way each round. */
async function confirm(undoings: readonly Undoing[], context: WorkContext): Promise<void> {
  const { target } = context;
  const judgement = { ways: target, memory: null };
  let open = undoings.filter(({ plan }) => plan.edit !== null);
  for (let round = 0; open.length > 0; round++) {
    const { found, failed } = await readItems(open.map(({ item }) => item.id), context);
    const short: Undoing[] = [];
    for (const undoing of open) {
      const { item, plan } = undoing;
      const error = failed.get(item.id);
      if (error !== undefined) throw error;
      undoing.after = found.get(item.id) ?? item;
      const rest = shortfall(plan.edit!, item, undoing.after, judgement);
      const locked = (plan.edit!.unlock ?? []).filter((name) =>
        undoing.after.locked.includes(name)
      );
      undoing.failed = rest?.fields ?? [];
      if (round >= MAX_ROUNDS) continue;
      if (rest !== null && await target.repair(item, rest, round)) short.push(undoing);
      else if (locked.length > 0 && round < 2) {
        await target.write(item, { ...NO_EDIT, text: {}, names: {}, lock: [], unlock: locked });
        short.push(undoing);
      }
    }
    open = short;
  }
  await confirmImages(undoings.filter(({ plan }) => plan.images.length > 0), context);
}

/** A chosen image may take a moment to show: looked at once more, all together. */
async function confirmImages(undoings: readonly Undoing[], context: WorkContext): Promise<void> {
  const { target, runtime } = context;
  let open = undoings.flatMap((undoing) =>
    undoing.plan.images.map((image) => ({ undoing, image }))
  );
  for (let look = 0; open.length > 0 && look < 3; look++) {
    if (look > 0) await runtime.sleep(SHOWN_WITHIN_MS);
    const unseen: typeof open = [];
    for (const each of open) {
      const { shownKey } = await target.images(each.undoing.item, each.image.field);
      if (shownKey !== each.image.key) unseen.push(each);
    }
    open = unseen;
  }
  for (const { undoing, image } of open) undoing.failed = [...undoing.failed, image.field];
}

function ended(undoing: Undoing, { target }: WorkContext): UndoEnd {
  const { plan, failed, begun, after } = undoing;
  const left = failed.map((field): Left => ({ field, why: "not taken" }));
  const images = plan.images.filter(({ field }) => !failed.includes(field));
  const seen = begun === null ? [] : [
    ...seenFields(begun.write, begun.fields, after, failed, target),
    ...images.map(({ field, key }) => ({
      write: begun.write,
      field,
      stood: [key],
      locked: after.locked.includes(field),
    })),
  ];
  return {
    kind: "ended",
    undoing,
    seen,
    result: {
      restored: plan.changes.map(({ field }) => field).filter((field) => !failed.includes(field)),
      left: [...plan.left, ...left],
      error: null,
    },
  };
}
