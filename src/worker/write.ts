import { type DoubtfulWork, isDoubtful, isOfSource } from "../core/doubt.ts";
import { asPlexsyncError, type PlexsyncError } from "../core/errors.ts";
import { type FieldName, hasMetadata, IMAGE_FIELDS, type ImageField } from "../core/fields.ts";
import { released } from "../core/holds.ts";
import { type Edit, type Item, NO_EDIT } from "../core/item.ts";
import type { Job } from "../core/job.ts";
import { type BegunField, begunFields, begunImage } from "../core/journal.ts";
import { beginWrite, emptyMemory } from "../core/memory.ts";
import { storeFault } from "../core/store_fault.ts";
import { type Plan, planSync } from "../core/plan.ts";
import { planRelease } from "../core/release.ts";
import type { Omission } from "../core/ways.ts";
import { transaction } from "../store/database.ts";
import type { WorkContext } from "./context.ts";
import { isLost, type Ready } from "./gather.ts";
import { type ImagePlan, isRefusal, noImages, planImages, refuse } from "./image_plan.ts";
import type { AttemptFacts, Ledger } from "./ledger.ts";
import { persist } from "./persist.ts";
import { pool } from "./pool.ts";

/** A job whose scene has its item, and what is to be written to it. */
export interface Planned {
  job: Job;
  ready: Ready;
  plan: Plan;
}

/** The same with its images, of which is known now what they are, and with its place in the journal. */
interface Prepared extends Planned {
  images: ImagePlan;
  /** Why the images are not known; all else is written all the same. */
  failure: PlexsyncError | null;
  /** Nothing was tried of its images: they rest until then, epoch ms. */
  restsUntil: number | null;
  /** All that is to be sent, images excepted; null for nothing. */
  edit: Edit | null;
  /** null when nothing is to be written. */
  journal: { write: number; fields: readonly BegunField[] } | null;
}

/** One scene that was written, or needed no write. */
export interface Writing extends Omit<Prepared, "failure" | "edit"> {
  /** What was sent, or null when nothing had to be. */
  sent: Edit | null;
  /** True when anything at all was written. */
  wrote: boolean;
  /** What of the scene was not written, or not in full. */
  omitted: Omission[];
  /** Why the images are not done; the rest is settled all the same. */
  imageFailure: PlexsyncError | null;
  /** Fields in which something else stands than what was sent. */
  failed: readonly FieldName[];
  /** Fields that a person changed between our write and the look at it, and keeps. */
  theirs: readonly FieldName[];
  /** The item after the write; the one read before it until it is read again. */
  after: Item;
  /** Time spent on it, in ms. */
  durationMs: number;
}

export interface WriteOptions {
  /** Writes side by side. */
  limit: number;
  stop: AbortSignal;
  /** Called between items, so that a long batch keeps its lease. */
  alive: () => void;
}

/** Covers of as many scenes are kept at a time as these bytes hold. */
const COVER_BYTES = 64 * 1024 * 1024;
/** Covers read side by side: reads do not hinder a server as writes do. */
const COVER_LANES = 4;

/** The second stage of a batch: writes what is to be written, several items side by side. */
export async function writeStage(
  ready: readonly { job: Job; ready: Ready }[],
  ledger: Ledger,
  context: WorkContext,
  { limit, stop, alive }: WriteOptions,
): Promise<Writing[]> {
  const { runtime } = context;
  const isOver = () => stop.aborted || ledger.isHopeless;
  const writings: Writing[] = [];
  let open: readonly Planned[] = planAll(ready, ledger, context);
  while (open.length > 0 && !isOver()) {
    const prepared = await prepare(
      open,
      ledger,
      context,
      Math.max(limit, COVER_LANES),
      isOver,
      alive,
    );
    open = open.slice(prepared.length);
    if (!await release(prepared, context, stop) || !await begin(prepared, context, stop)) break;
    const share = ledger.share();
    await pool(prepared, limit, isOver, async (each) => {
      const started = runtime.now();
      try {
        const writing = await writeScene(each, ledger, context);
        writings.push({ ...writing, durationMs: share + runtime.now() - started });
        if (writing.wrote) ledger.noteAnswer();
      } catch (thrown) {
        failWriting(each, "edit", asPlexsyncError(thrown), share + runtime.now() - started, ledger);
      }
      alive();
    });
  }
  return writings;
}

/**
 * Plans the images of the first scenes, of as many as there is room for their covers: what they
 * are has to be known before the journal can say what is about to change.
 */
async function prepare(
  planned: readonly Planned[],
  ledger: Ledger,
  context: WorkContext,
  lanes: number,
  isOver: () => boolean,
  alive: () => void,
): Promise<Prepared[]> {
  const prepared: Prepared[] = [];
  let bytes = 0;
  await pool(planned, lanes, () => isOver() || bytes >= COVER_BYTES, async (each) => {
    const at = planned.indexOf(each);
    const { plan = each.plan, images, failure, restsUntil } = isLost(each.ready)
      ? await planTakingBack(each, context)
      : await planCover(each.ready, ledger, context);
    bytes += images.steps.reduce((sum, { bytes }) => sum + bytes, 0);
    const fields = images.steps.map(({ field }) => field);
    const edit = withImageLocks(plan.edit, fields, each.ready.item);
    prepared[at] = { ...each, plan, images, failure, restsUntil, edit, journal: null };
    alive();
  });
  return prepared;
}

/** What is to be done for each scene; one that is not identified may need nothing. */
function planAll(
  ready: readonly { job: Job; ready: Ready }[],
  ledger: Ledger,
  context: WorkContext,
): Planned[] {
  const planned: Planned[] = [];
  // What failed before comes last, so that the others show first whose fault that was.
  const inOrder = [...ready].sort((a, b) =>
    Number(context.unpaid.has(a.job.id)) - Number(context.unpaid.has(b.job.id))
  );
  for (const { job, ready: each } of inOrder) {
    const { scene, item } = each;
    const plan = planOne(each, job, ledger, context);
    if (plan === null) continue;
    sayAbsent(plan.absent, item, context);
    if (plan.edit === null && !isLost(each) && !hasMetadata(scene)) {
      ledger.end(job, { to: "done", outcome: "skipped" }, { errorMessage: "no metadata" });
    } else planned.push({ job, ready: each, plan });
  }
  return planned;
}

/** What is to be done on one of the scene's items, or on one that is not its own any more. */
export function planOf(
  ready: Ready,
  { settings, target }: Pick<WorkContext, "settings" | "target">,
): Plan {
  const { scene, item, memory, holds } = ready;
  return isLost(ready)
    ? planRelease(item, memory!, target)
    : planSync(scene, item, memory, settings, target, holds);
}

/** A plan that nobody can make is its own job's failure, and keeps no other from being written. */
function planOne(ready: Ready, job: Job, ledger: Ledger, context: WorkContext): Plan | null {
  try {
    return planOf(ready, context);
  } catch (thrown) {
    if (storeFault(thrown) !== null) throw thrown;
    const { scene, item } = ready;
    ledger.fail(job, asPlexsyncError(thrown), scene.files, { items: [item.id] });
    return null;
  }
}

/** No failure, and nothing that anybody could change: said once for each library. */
function sayAbsent(absent: readonly FieldName[], item: Item, { once, log }: WorkContext): void {
  const key = `absent ${item.section} ${item.type}`;
  if (absent.length === 0 || once.has(key)) return;
  once.add(key);
  log.info(
    `Library ${item.section}: ${item.type === "episode" ? "episodes" : `a ${item.type}`} ` +
      `cannot hold ${absent.join(", ")}; all else is written`,
    { event: "fields_absent", section: item.section, fields: absent, said: ["section", "fields"] },
  );
}

/** Ends the job of a scene that could not be written, or not all of it. */
export function failWriting(
  { job, ready }: Planned,
  at: DoubtfulWork,
  error: PlexsyncError,
  durationMs: number,
  ledger: Ledger,
  facts: AttemptFacts = {},
): void {
  ledger.doubt(job, at === "edit" && error.part === "rating" ? "rating" : at, error, {
    confidence: ready.confidence,
    items: [ready.item.id],
    path: ready.item.files[0]?.path ?? null,
    durationMs,
    ...facts,
  });
}

/** Ends the holds of what is another in Stash now: they held until then. */
async function release(
  prepared: readonly Prepared[],
  { store, target, runtime, log }: WorkContext,
  stop: AbortSignal,
): Promise<boolean> {
  const changed = prepared.flatMap(({ ready: { scene, item, holds }, images }) => {
    const changes = released(holds, scene);
    for (const field of images.released) changes.set(field, null);
    return changes.size === 0 ? [] : [{ scene, item, changes }];
  });
  if (changed.length === 0) return true;
  const note = () => {
    transaction(store.database, () => {
      for (const { scene, item, changes } of changed) {
        store.of(target.id).holds.change(item, scene.id, changes, runtime.now());
      }
    });
    return true;
  };
  return await persist("end what was held", note, false, { runtime, log, stop });
}

/**
 * Notes what is about to be written: else what a kill or a lost answer leaves there would be
 * taken for a person's, and stay when Stash no longer has it; and nobody could take it back.
 * @returns false when stopped before the database could take it
 */
async function begin(
  prepared: readonly Prepared[],
  { store, target, runtime, log }: WorkContext,
  stop: AbortSignal,
): Promise<boolean> {
  const meant = prepared.filter(({ edit, images }) => edit !== null || images.steps.length > 0);
  if (meant.length === 0) return true;
  // Where all is taken back nothing of ours comes.
  const memories = meant.filter(({ ready, plan }) => plan.edit !== null && !isLost(ready))
    .map(({ ready: { scene, item, memory, match }, plan }) => ({
      ...beginWrite(memory ?? emptyMemory(scene.id, item.id), plan.edit!, item, target),
      match,
    }));
  const writes = meant.map(({ job, ready: { scene, item }, edit, images }) => ({
    runId: job.run_id,
    sceneId: scene.id,
    item,
    fields: [
      ...begunFields(edit ?? NO_EDIT, item, scene),
      ...images.steps.map(({ field, look, before }) =>
        begunImage(field, look.digest, before, item)
      ),
    ],
  }));
  const note = () => store.of(target.id).beginWrites(memories, writes, runtime.now());
  const ids = await persist("note what is to be written", note, null, { runtime, log, stop });
  ids?.forEach((write, at) => {
    meant[at]!.journal = { write, fields: writes[at]!.fields };
  });
  return ids !== null;
}

/** One write for all text and names, then the images, whose failure is theirs alone. */
async function writeScene(
  { failure, edit, ...planned }: Prepared,
  ledger: Ledger,
  context: WorkContext,
): Promise<Omit<Writing, "durationMs">> {
  const { ready: { item }, plan, images } = planned;
  const fitted = edit === null ? null : await context.target.write(item, edit);
  const shown = await showImages(item, images, ledger, context);
  return {
    ...planned,
    sent: fitted?.edit ?? null,
    wrote: fitted !== null || images.steps.length > 0,
    omitted: [...plan.omitted, ...images.omitted, ...fitted?.omitted ?? []],
    imageFailure: failure ?? shown.failure,
    restsUntil: planned.restsUntil ?? shown.restsUntil,
    after: item,
    failed: [],
    theirs: [],
  };
}

interface Covered {
  /** In place of the plan so far. */
  plan?: Plan;
  images: ImagePlan;
  failure: PlexsyncError | null;
  restsUntil: number | null;
}

/** Of an item that is not the scene's any more: which of its images are ours, and stay. */
async function planTakingBack(
  { plan, ready: { item, memory } }: Planned,
  { target }: WorkContext,
): Promise<Covered> {
  try {
    const shown: ImageField[] = [];
    for (const field of IMAGE_FIELDS) {
      const digest = memory!.fields[field]?.sent[0];
      if (digest === undefined || !item.locked.includes(field)) continue;
      if ((await target.images(item, field)).shown === digest) shown.push(field);
    }
    const whole = planRelease(item, memory!, target, shown);
    return { plan: whole, images: noImages(), failure: null, restsUntil: null };
  } catch (thrown) {
    return { plan, images: noImages(), failure: asPlexsyncError(thrown), restsUntil: null };
  }
}

/** The images' plan; a cover that cannot be read now keeps nothing else from being written. */
async function planCover(
  { scene, item, memory, holds }: Ready,
  ledger: Ledger,
  context: WorkContext,
): Promise<Covered> {
  const { imageRest, runtime } = context;
  let restsUntil: number | null = null;
  const aboutToAsk = () => {
    if (imageRest.admits()) return;
    restsUntil = imageRest.until ?? runtime.now();
    throw imageRest.reason;
  };
  try {
    const images = await planImages(scene, item, memory, context, holds, aboutToAsk);
    if (images.isCoverRead) ledger.noteImage("cover");
    return { images, failure: null, restsUntil };
  } catch (thrown) {
    if (restsUntil !== null) return { images: noImages(), failure: null, restsUntil };
    const failure = asPlexsyncError(thrown);
    if (isDoubtful(failure)) imageRest.failed(failure, isOfSource(failure) ? "read" : "write");
    return { images: noImages(), failure, restsUntil: null };
  }
}

/** Brings the planned images to the target. What it refuses for good leaves the plan's steps. */
async function showImages(
  item: Item,
  images: ImagePlan,
  ledger: Ledger,
  { target, imageRest, runtime }: WorkContext,
): Promise<{ failure: PlexsyncError | null; restsUntil: number | null }> {
  const steps = images.steps;
  images.steps = [];
  for (const step of steps) {
    // Those before it failed since it was planned.
    if (imageRest.isResting) return { failure: null, restsUntil: imageRest.until ?? runtime.now() };
    try {
      await target.show(item, step.field, step.image);
      images.steps.push(step);
      ledger.noteImage("image");
    } catch (thrown) {
      const error = asPlexsyncError(thrown);
      if (!isRefusal(error)) {
        if (isDoubtful(error)) imageRest.failed(error, "write");
        return { failure: error, restsUntil: null };
      }
      refuse(images, step.field, step.look, error.message);
    }
  }
  return { failure: null, restsUntil: null };
}

/** Adds the locks of new images to the write: unlocked, an agent would choose again. */
function withImageLocks(
  edit: Edit | null,
  fields: readonly ImageField[],
  item: Item,
): Edit | null {
  const open = fields.filter((field) => !item.locked.includes(field));
  if (open.length === 0) return edit;
  const base = edit ?? NO_EDIT;
  return { ...base, lock: [...base.lock, ...open] };
}
