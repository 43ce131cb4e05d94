import { asPlexsyncError, type PlexsyncError } from "../core/errors.ts";
import type { ImageField } from "../core/fields.ts";
import { type Edit, type Item, NO_EDIT } from "../core/item.ts";
import type { Job } from "../core/job.ts";
import { beginWrite, emptyMemory } from "../core/memory.ts";
import { type Plan, planSync } from "../core/plan.ts";
import type { WorkContext } from "./context.ts";
import type { Ready } from "./gather.ts";
import { applyImages, type ImagePlan, planImages } from "./cover.ts";
import type { Ledger } from "./ledger.ts";
import { persist } from "./persist.ts";
import { pool } from "./pool.ts";

/** A job whose scene has its item, and what is to be written to it. */
export interface Planned {
  job: Job;
  ready: Ready;
  plan: Plan;
}

/** One scene that was written, or needed no write. */
export interface Writing extends Planned {
  images: ImagePlan;
  /** What was sent, or null when nothing had to be. */
  sent: Edit | null;
  /** True when anything at all was written. */
  wrote: boolean;
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

/** The second stage of a batch: writes what is to be written, several items side by side. */
export async function writeStage(
  ready: readonly { job: Job; ready: Ready }[],
  ledger: Ledger,
  context: WorkContext,
  { limit, stop, alive }: WriteOptions,
): Promise<Writing[]> {
  const { runtime, settings } = context;
  const planned: Planned[] = ready.map(({ job, ready }) => ({
    job,
    ready,
    plan: planSync(ready.scene, ready.item, ready.memory, settings),
  }));
  if (planned.length === 0 || !await begin(planned, context, stop)) return [];
  const share = ledger.share();
  const writings: Writing[] = [];
  await pool(planned, limit, () => stop.aborted || ledger.isHopeless, async (each) => {
    const started = runtime.now();
    try {
      const writing = await writeScene(each, context);
      writings.push({ ...writing, durationMs: share + runtime.now() - started });
      if (writing.wrote) ledger.noteWork();
    } catch (thrown) {
      failWriting(each, asPlexsyncError(thrown), share + runtime.now() - started, ledger);
    }
    alive();
  });
  return writings;
}

/** Ends the job of a scene that could not be written. */
export function failWriting(
  { job, ready }: Planned,
  error: PlexsyncError,
  durationMs: number,
  ledger: Ledger,
): void {
  ledger.doubt(job, error, {
    confidence: ready.confidence,
    items: [ready.item.id],
    path: ready.item.files[0]?.path ?? null,
    durationMs,
  });
}

/**
 * Notes what is about to be written: else what a kill or a lost answer leaves there would be
 * taken for a person's, and stay when Stash no longer has it.
 * @returns false when stopped before the database could take it
 */
async function begin(
  planned: readonly Planned[],
  { store, target, runtime, log }: WorkContext,
  stop: AbortSignal,
): Promise<boolean> {
  const begun = planned.flatMap(({ ready: { scene, item, memory, match }, plan }) =>
    plan.edit === null
      ? []
      : [{ ...beginWrite(memory ?? emptyMemory(scene.id, item.id), plan.edit, item), match }]
  );
  if (begun.length === 0) return true;
  const note = () => {
    store.written.begin(begun, target.id);
    return true;
  };
  return await persist("note what is to be written", note, false, { runtime, log, stop });
}

/** One write for all text and names, then the images. */
async function writeScene(
  { job, ready, plan }: Planned,
  context: WorkContext,
): Promise<Omit<Writing, "durationMs">> {
  const { item, scene, memory } = ready;
  const images = await planImages(scene, item, memory, context);
  const sent = withImageLocks(plan.edit, images.steps.map(({ field }) => field), item);
  if (sent !== null) await context.target.write(item, sent);
  await applyImages(item, images.steps, context);
  const wrote = sent !== null || images.steps.length > 0;
  return { job, ready, plan, images, sent, wrote, after: item };
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
