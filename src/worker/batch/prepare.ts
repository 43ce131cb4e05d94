import { asPlexsyncError, type PlexsyncError } from "../../core/failures/errors.ts";
import { inSlices } from "../../core/in_slices.ts";
import { isCoverRefused, isDoubtful, isOfSource } from "../../core/jobs/doubt.ts";
import { type FieldName, hasMetadata, type ImageField } from "../../core/sync/fields.ts";
import { type Edit, editedFields, type Item, NO_EDIT } from "../../core/sync/item.ts";
import { sparing } from "../../core/journal/collection_guard.ts";
import type { Job } from "../../core/jobs/job.ts";
import { type Plan, planSync } from "../../core/sync/plan.ts";
import { NO_PAST, planRelease } from "../../core/sync/release.ts";
import { storeFault } from "../../core/failures/store_fault.ts";
import type { WorkContext } from "../context.ts";
import { withoutFields } from "./edit_parts.ts";
import { isLost, type Ready } from "./gathered.ts";
import { itemFacts } from "./item_facts.ts";
import { type ImagePlan, noImages, planImages, planWithoutCover } from "../images/image_plan.ts";
import type { Ledger } from "./ledger.ts";
import { pool } from "../pool.ts";
import { planTakingBack } from "./taking_back.ts";
import { watched } from "./watched.ts";

/** A job whose scene has its item, and what is to be written to it. */
export interface Planned {
  job: Job;
  ready: Ready;
  plan: Plan;
}

/** The same with its images, of which is known now what they are. */
export interface Prepared extends Planned {
  images: ImagePlan;
  /** Why the images are not known; all else is written all the same. */
  failure: PlexsyncError | null;
  /** What becomes of the images if only this cover is refused, or they are; null where neither is. */
  withoutCover: ImagePlan | null;
  /** Nothing was tried of its images: they rest until then, epoch ms. */
  restsUntil: number | null;
  /** Fields of which no edit of any item is taken just now, and which are left out of this one. */
  resting: readonly FieldName[];
  /** All that is to be sent, images excepted; null for nothing. */
  edit: Edit | null;
}

/** Plans: fifty held up the writes of the batch before by 9 ms. */
const AT_ONCE = 10;
/** Scenes that are prepared together: while they are written the next ones are prepared. */
const AHEAD = 25;
/** Covers of as many scenes are kept at a time as these bytes hold; twice that with those ahead. */
const COVER_BYTES = 32 * 1024 * 1024;
/** Covers read side by side: reads do not hinder a server as writes do. */
const COVER_LANES = 4;

/** What is to be done for each scene; one that is not identified may need nothing. */
export async function planAll(
  ready: readonly { job: Job; ready: Ready }[],
  ledger: Ledger,
  context: WorkContext,
): Promise<Planned[]> {
  const planned: Planned[] = [];
  // What failed before comes last, so that the others show first whose fault that was.
  const inOrder = [...ready].sort((a, b) =>
    Number(context.unpaid.has(a.job.id)) - Number(context.unpaid.has(b.job.id))
  );
  await inSlices(inOrder, AT_ONCE, context.runtime, (some) => {
    for (const { job, ready: each } of some) {
      const { scene, item } = each;
      const plan = planOne(each, job, ledger, context);
      if (plan === null) continue;
      sayAbsent(plan.absent, item, context);
      if (plan.edit === null && !isLost(each) && !hasMetadata(scene)) {
        ledger.end(job, { to: "done", outcome: "skipped" }, { errorMessage: "no metadata" });
      } else planned.push({ job, ready: each, plan });
    }
  });
  return planned;
}

/** What is to be done on one of the scene's items, or on one that is not its own any more. */
export function planOf(
  ready: Ready,
  { settings, target }: Pick<WorkContext, "settings" | "target">,
): Plan {
  const { scene, item, memory, holds, rows = [], spared = [] } = ready;
  const plan = isLost(ready)
    ? planRelease(item, memory!, target, { ...NO_PAST, rows })
    : planSync(scene, item, memory, settings, target, holds);
  return sparing(plan, item, spared);
}

/** A plan that nobody can make is its own job's failure, and keeps no other from being written. */
function planOne(ready: Ready, job: Job, ledger: Ledger, context: WorkContext): Plan | null {
  try {
    return planOf(ready, context);
  } catch (thrown) {
    if (storeFault(thrown) !== null) throw thrown;
    ledger.fail(job, asPlexsyncError(thrown), [], itemFacts(ready));
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

export interface PrepareOptions {
  /** Writes side by side. */
  limit: number;
  isOver: () => boolean;
  /** Called after each scene. */
  alive: () => void;
}

/**
 * The scenes in groups, each ready to be written: the first is prepared at once, each further one
 * while the caller writes the one before.
 */
export class PreparedGroups {
  #open: readonly Planned[];
  #ahead: Promise<Prepared[]>;

  constructor(
    planned: readonly Planned[],
    private readonly ledger: Ledger,
    private readonly context: WorkContext,
    private readonly options: PrepareOptions,
  ) {
    this.#open = planned;
    this.#ahead = this.#begun();
  }

  /** Resolves when the next group is ready. Rejects if it cannot be prepared. */
  async ready(): Promise<void> {
    await this.#ahead;
  }

  /** The next group; null once there is none, or it is over. */
  async next(): Promise<Prepared[] | null> {
    const group = await this.#ahead;
    if (group.length === 0) return null;
    this.#open = this.#open.slice(group.length);
    this.#ahead = this.#begun();
    return group;
  }

  /** No other group comes after the one that was given out last. */
  get areOut(): boolean {
    return this.#open.length === 0;
  }

  /** Waits for what is under way, which nobody is to have. */
  async close(): Promise<void> {
    await this.#ahead.catch(() => {});
  }

  #begun(): Promise<Prepared[]> {
    return watched(prepare(this.#open, this.ledger, this.context, this.options));
  }
}

/**
 * Plans the images of the first scenes, of as many as there is room for their covers: what they
 * are has to be known before the journal can say what is about to change.
 */
async function prepare(
  planned: readonly Planned[],
  ledger: Ledger,
  context: WorkContext,
  { limit, isOver, alive }: PrepareOptions,
): Promise<Prepared[]> {
  const prepared: Prepared[] = [];
  let bytes = 0;
  const isFull = () => isOver() || bytes >= COVER_BYTES;
  const group = planned.slice(0, AHEAD).entries().toArray();
  await pool(group, Math.max(limit, COVER_LANES), isFull, async ([at, each]) => {
    const { plan = each.plan, images, ...rest } = isLost(each.ready)
      ? await planTakingBack(each.plan, each.ready, context)
      : await planCover(each.ready, ledger, context);
    bytes += images.steps.reduce((sum, { bytes }) => sum + bytes, 0);
    const fields = isLost(each.ready)
      ? []
      : [...images.steps.map(({ field }) => field), ...openOf(plan, images, each.ready, context)];
    const whole = withImageLocks(plan.edit, fields, each.ready.item);
    const { fieldRest } = context.unpaid;
    const resting = whole === null || isLost(each.ready)
      ? []
      : fieldRest.of(editedFields(whole), context.runtime.now(), each.job.id);
    const edit = whole === null ? null : withoutFields(whole, resting);
    prepared[at] = { ...each, ...rest, plan, images, edit, resting };
    alive();
  });
  return prepared;
}

/** What is known of an item once its images are looked at. */
export interface Covered
  extends Pick<Prepared, "images" | "failure" | "withoutCover" | "restsUntil"> {
  /** In place of the plan so far. */
  plan?: Plan;
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
    return { images, failure: null, withoutCover: null, restsUntil };
  } catch (thrown) {
    const images = noImages();
    if (restsUntil !== null) return { images, failure: null, withoutCover: null, restsUntil };
    const failure = asPlexsyncError(thrown);
    if (isDoubtful(failure)) imageRest.failed(failure, isOfSource(failure) ? "read" : "write");
    const withoutCover = isCoverRefused(failure)
      ? planWithoutCover(scene, item, memory, context, holds, failure.message)
      : null;
    return { images, failure, withoutCover, restsUntil: null };
  }
}

/** Images of ours that somebody left open: like texts they get their lock with what is sent anyway. */
function openOf(
  { edit }: Plan,
  { settled }: ImagePlan,
  { item }: Ready,
  { store, target }: WorkContext,
): ImageField[] {
  if (edit === null) return [];
  return settled.map(({ field }) => field).filter((field) =>
    !item.locked.includes(field) && store.of(target.id).journal.hasLocked(item.id, field)
  );
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
