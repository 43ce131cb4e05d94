import { type DoubtfulWork, isDoubtful } from "../../core/jobs/doubt.ts";
import { asPlexsyncError, type PlexsyncError } from "../../core/failures/errors.ts";
import { type FieldName, isImageField } from "../../core/sync/fields.ts";
import { released } from "../../core/journal/holds.ts";
import { type Edit, type Item, NO_EDIT } from "../../core/sync/item.ts";
import { type BegunField, begunFields, begunImage } from "../../core/journal/journal.ts";
import { emptyMemory } from "../../core/sync/memory.ts";
import { beginImages, beginWrite, type ImageToCome } from "../../core/sync/remember.ts";
import type { Omission } from "../../core/sync/ways.ts";
import { transaction } from "../../store/database/database.ts";
import { BegunGroups } from "./begun_groups.ts";
import type { WorkContext } from "../context.ts";
import { isLost } from "./gathered.ts";
import { itemFacts } from "./item_facts.ts";
import { type ImagePlan, type ImageStep, isRefusal, refuse } from "../images/image_plan.ts";
import type { AttemptFacts, Doubt, Ledger } from "./ledger.ts";
import { persist } from "../persist.ts";
import { poolOf } from "../pool.ts";
import type { Planned, Prepared, PreparedGroups } from "./prepare.ts";
import { refusedFields, withoutFields } from "./edit_parts.ts";
import { type Refused, sendEdit, type Sent } from "./send_edit.ts";

/** A scene whose write is in the journal. */
interface Begun extends Prepared {
  /** null when nothing is to be written. */
  journal: { write: number; fields: readonly BegunField[] } | null;
}

/** One scene that was written, or needed no write. */
export interface Writing extends Omit<Begun, "failure" | "edit"> {
  /** What was sent and not refused, or null when nothing was. */
  sent: Edit | null;
  /** What was refused of the edit; the rest is settled all the same. */
  refused: Refused | null;
  /** True when anything at all was written. */
  wrote: boolean;
  /** What of the scene was not written, or not in full. */
  omitted: Omission[];
  /** Why the images are not done; the rest is settled all the same. */
  imageFailure: PlexsyncError | null;
  /** It was to be chosen, for the target has it. */
  isChoice: boolean;
  /** Fields in which something else stands than what was sent. */
  failed: readonly FieldName[];
  /** Fields that a person changed between our write and the look at it, and keeps. */
  theirs: readonly FieldName[];
  /** The item after the write; the one read before it until it is read again. */
  after: Item;
  /** Nothing of the edit was heard, and not all of its parts were tried by themselves. */
  isUntried: boolean;
  /** Time spent on it, in ms. */
  durationMs: number;
}

export interface WriteOptions {
  stop: AbortSignal;
  /** False once the rest has to be left. */
  mayGoOn: () => boolean;
  /** Called after each item that was dealt with. */
  advanced: () => void;
  /** Called before the last group. */
  nearlyOver: () => void;
  /** Called when the last items are being written. */
  allSent: () => void;
}

/** The second stage of a batch: writes what is to be written, several items side by side. */
export class WriteStage {
  readonly #begun: BegunGroups<{ each: Begun; share: number }>;

  constructor(
    private readonly groups: PreparedGroups,
    private readonly ledger: Ledger,
    private readonly context: WorkContext,
    private readonly options: WriteOptions,
  ) {
    this.#begun = new BegunGroups(() => this.#beginNext(), options.allSent, context.runtime);
  }

  /** Notes what the first group is to be written; the target is not written to. */
  async begin(): Promise<void> {
    await this.#begun.ready();
  }

  /**
   * To be called once. Rejects when no write is under way any more.
   * @param limit Writes side by side
   */
  async run(limit: number): Promise<Writing[]> {
    const { ledger, context, options: { advanced } } = this;
    const { runtime } = context;
    const writings: Writing[] = [];
    const next = async () => {
      const given = this.#isOver() ? null : await this.#begun.next(limit);
      return this.#isOver() ? null : given;
    };
    try {
      await poolOf(next, limit, async ({ each, share }) => {
        const started = runtime.now();
        try {
          const writing = await writeScene(each, ledger, context);
          const durationMs = share + runtime.now() - started;
          const { refused, wrote, sent } = writing;
          if (refused !== null && !wrote) failRefused(each, refused, durationMs, ledger);
          else writings.push({ ...writing, durationMs });
          if (wrote && sent === null && refused !== null) ledger.noteRefusal();
          else if (wrote) ledger.noteAnswer();
        } catch (thrown) {
          const durationMs = share + runtime.now() - started;
          failWriting(each, "edit", asPlexsyncError(thrown), durationMs, ledger);
        }
        advanced();
      });
    } finally {
      await this.close();
    }
    return writings;
  }

  /** Waits for what is under way, which nobody is to have. */
  async close(): Promise<void> {
    await this.#begun.close();
    await this.groups.close();
  }

  #isOver(): boolean {
    const { stop, mayGoOn } = this.options;
    return stop.aborted || this.ledger.isHopeless || !mayGoOn();
  }

  async #beginNext(): Promise<{ each: Begun; share: number }[] | null> {
    const { groups, ledger, context, options: { stop, nearlyOver } } = this;
    const group = await groups.next();
    if (group === null) return null;
    if (groups.areOut) nearlyOver();
    if (this.#isOver() || !await release(group, context, stop)) return null;
    const begun = await begin(group, context, stop);
    const share = ledger.share();
    return begun?.map((each) => ({ each, share })) ?? null;
  }
}

/** Ends the job of a scene of whose edit something was refused. @param facts None if that was all */
export function failRefused(
  writing: Planned,
  { edit, error, isUntried }: Refused,
  durationMs: number,
  ledger: Ledger,
  facts: AttemptFacts = {},
): void {
  failWriting({ ...writing, edit }, "edit", error, durationMs, ledger, facts, { isUntried });
}

/**
 * Ends the job of a scene that could not be written, or not all of it.
 * @param more As in `Doubt`
 */
export function failWriting(
  { job, ready, edit = null }: Planned & { edit?: Edit | null },
  at: DoubtfulWork,
  error: PlexsyncError,
  durationMs: number,
  ledger: Ledger,
  facts: AttemptFacts = {},
  more: Partial<Pick<Doubt, "settle" | "isUntried" | "fields">> = {},
): void {
  const isRating = at === "edit" && error.part === "rating";
  ledger.doubt(job, isRating ? "rating" : at, error, {
    confidence: ready.confidence,
    ...itemFacts(ready),
    durationMs,
    ...facts,
  }, {
    fields: error.fields ?? (edit === null ? [] : refusedFields(edit)),
    isRestTaken: isRating && edit !== null && withoutFields(edit, ["rating"]) !== null,
    ...more,
  });
}

/**
 * Ends the holds of what is another in Stash now: they held until then. Notes which images are shown
 * of those whose write nobody saw end: what stands later cannot tell it.
 */
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
  const seen = prepared.flatMap(({ images }) => images.seen);
  if (changed.length + seen.length === 0) return true;
  const note = () => {
    transaction(store.database, () => {
      for (const { scene, item, changes } of changed) {
        store.of(target.id).holds.change(item, scene.id, changes, runtime.now());
      }
      store.of(target.id).journal.shown(seen);
    });
    return true;
  };
  return await persist("note what is held and shown", note, false, { runtime, log, stop });
}

/**
 * Notes what is about to be written: else what a kill or a lost answer leaves there would be
 * taken for a person's, and stay when Stash no longer has it; and nobody could take it back.
 * @returns null when stopped before the database could take it
 */
async function begin(
  prepared: readonly Prepared[],
  { store, target, runtime, log }: WorkContext,
  stop: AbortSignal,
): Promise<Begun[] | null> {
  const begun: Begun[] = prepared.map((each) => ({ ...each, journal: null }));
  const meant = begun.filter(({ edit, images }) => edit !== null || images.steps.length > 0);
  if (meant.length === 0) return begun;
  // Where all is taken back nothing of ours comes.
  const memories = meant.filter(({ ready }) => !isLost(ready))
    .map(({ ready: { scene, item, memory, match }, edit, images }) => ({
      ...beginImages(
        beginWrite(memory ?? emptyMemory(scene.id, item.id), edit ?? NO_EDIT, item, target),
        toCome(images.steps.map(({ field, before }) => ({ field, ...before })), item),
      ),
      match,
    }));
  const writes = meant.map(({ job, ready, ready: { scene, item }, edit, images }) => ({
    runId: job.run_id,
    sceneId: scene.id,
    item,
    fields: [
      ...begunFields(edit ?? NO_EDIT, item, isLost(ready) ? null : scene),
      ...images.steps.map(({ field, look, before }) => {
        const begun = begunImage(field, look.digest, before, item);
        if (!isLost(ready)) return begun;
        const lockedAfter = begun.lockedBefore && !edit?.unlock?.includes(field);
        return { ...begun, lockedAfter, origin: null };
      }),
    ],
  }));
  const note = () => store.of(target.id).beginWrites(memories, writes, runtime.now());
  const ids = await persist("note what is to be written", note, null, { runtime, log, stop });
  ids?.forEach((write, at) => {
    meant[at]!.journal = { write, fields: writes[at]!.fields };
  });
  return ids === null ? null : begun;
}

/** Images whose lock is ours, since none was there before. */
export function toCome(images: readonly Pick<BegunField, "field" | "before">[], item: Item) {
  return images.flatMap(({ field, before }): ImageToCome[] =>
    isImageField(field) && !item.locked.includes(field)
      ? [{ field, before: before.map(String) }]
      : []
  );
}

/** One write for all text and names, then the images: the failure of each is its own. */
async function writeScene(
  { failure, edit, ...planned }: Begun,
  ledger: Ledger,
  context: WorkContext,
): Promise<Omit<Writing, "durationMs">> {
  const { ready: { item }, plan, images } = planned;
  const { taken, refused }: Sent = edit === null
    ? { taken: null, refused: null }
    : await sendEdit(item, edit, {
      target: context.target,
      turn: context.unpaid.turnOf(planned.job.id, "refusals"),
    });
  const shown = await showImages(item, images, ledger, context);
  const wrote = taken !== null || images.steps.length > 0;
  return {
    ...planned,
    sent: taken?.edit ?? null,
    refused,
    wrote,
    omitted: [...plan.omitted, ...images.omitted, ...taken?.omitted ?? []],
    imageFailure: failure ?? shown.failure,
    isChoice: failure === null && shown.isChoice,
    withoutCover: failure === null ? shown.withoutCover : planned.withoutCover,
    restsUntil: planned.restsUntil ?? shown.restsUntil,
    after: item,
    failed: [],
    theirs: [],
    isUntried: false,
  };
}

interface ShownImages extends Pick<Prepared, "failure" | "restsUntil" | "withoutCover"> {
  isChoice: boolean;
}

/**
 * Brings the planned images to the target. What is too large to be sent leaves the plan's steps; what
 * the target refuses does so where it takes the images of others.
 */
async function showImages(
  item: Item,
  images: ImagePlan,
  ledger: Ledger,
  { target, imageRest, runtime }: WorkContext,
): Promise<ShownImages> {
  const steps = images.steps;
  images.steps = [];
  const refused: { step: ImageStep; error: PlexsyncError }[] = [];
  const end = (failure: PlexsyncError | null, isChoice = false): ShownImages => ({
    failure,
    isChoice,
    restsUntil: null,
    withoutCover: failure === null ? null : withoutRefused(images, refused),
  });
  for (const step of steps) {
    // Those before it failed since it was planned.
    if (imageRest.isResting) {
      return { ...end(null), restsUntil: imageRest.until ?? runtime.now() };
    }
    const isChoice = step.image.key !== undefined;
    try {
      await target.show(item, step.field, step.image);
      images.steps.push(step);
      ledger.noteImage(isChoice ? "choice" : "image");
    } catch (thrown) {
      const error = asPlexsyncError(thrown);
      if (isDoubtful(error)) imageRest.failed(error, "write");
      else if (isRefusal(error)) {
        refuse(images, step.field, step.look, error.message);
        continue;
      }
      if (!isRefusal(error)) return { ...end(error, isChoice), withoutCover: null };
      refused.push({ step, error });
    }
  }
  const [first] = refused;
  return first === undefined ? end(null) : end(first.error, first.step.image.key !== undefined);
}

/** The same images, if it is these alone that are refused. */
function withoutRefused(
  images: ImagePlan,
  refused: readonly { step: ImageStep; error: PlexsyncError }[],
): ImagePlan {
  const plan = { ...images, refused: [...images.refused], omitted: [] };
  for (const { step, error } of refused) refuse(plan, step.field, step.look, error.message);
  return plan;
}
