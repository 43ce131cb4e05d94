import { asPlexsyncError, type PlexsyncError } from "../../core/failures/errors.ts";
import { COURSE, serverEvent } from "../../core/jobs/course.ts";
import { isDoubtful } from "../../core/jobs/doubt.ts";
import { type FieldName, type ImageField, isImageField } from "../../core/sync/fields.ts";
import { type Edit, type Item, NO_EDIT } from "../../core/sync/item.ts";
import type { Job } from "../../core/jobs/job.ts";
import { type BegunField, begunFields, begunImage } from "../../core/journal/journal.ts";
import type { Left, UndoPlan, UndoSight } from "../../core/journal/undo_field.ts";
import type { JournalRow } from "../../store/journal/journal.ts";
import type { UndoRequest } from "../../store/journal/undo_requests.ts";
import type { WorkContext } from "../context.ts";
import { allSeenIn, chosen } from "../images/image_plan.ts";
import { persist } from "../persist.ts";

/** One request in hand. */
export interface Undoing {
  request: UndoRequest;
  job: Job;
  rows: readonly JournalRow[];
  item: Item;
  images: UndoSight["images"];
  plan: UndoPlan;
  /** The item after the write; the one read before it until it is read again. */
  after: Item;
  /** What the journal was told, once it was. */
  begun: { write: number; fields: readonly BegunField[] } | null;
  /** Images that the target would not choose. */
  refused: Left[];
  /** The same where it is not known yet whose fault that is. */
  unsure: { field: ImageField; error: PlexsyncError }[];
  /** What of the plan did not take. */
  failed: readonly FieldName[];
  /** Its id was given to another film meanwhile. */
  isAnother: boolean;
}

/** The plan within the target's limits: what is too long to come back is left. */
export function fitted(plan: UndoPlan, item: Item, { target }: WorkContext): UndoPlan {
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

/**
 * Notes undos in the journal, as any write: an undo can be taken back too.
 * @returns false when that could not be, and nothing may be written
 */
export async function beginUndos(
  undoings: readonly Undoing[],
  { store, target, runtime, log }: WorkContext,
  stop: AbortSignal,
): Promise<boolean> {
  const meant = undoings.filter(({ plan }) => plan.edit !== null || plan.images.length > 0);
  if (meant.length === 0) return true;
  const writes = meant.map(({ request, item, plan, images }) => ({
    runId: request.run_id,
    sceneId: request.scene_id,
    item,
    fields: [
      ...begunFields(plan.edit ?? NO_EDIT, item, null),
      ...imageFields(plan, item),
      ...lockedImages(plan, item, images),
    ],
  }));
  const shown = meant.flatMap(({ item, images }) => allSeenIn(item, images));
  const note = () => store.of(target.id).beginWrites([], writes, runtime.now(), shown);
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

/** The images that stay, and are locked or left open. */
function lockedImages(
  { edit, images }: UndoPlan,
  item: Item,
  seen: UndoSight["images"],
): BegunField[] {
  const { lock, unlock = [] } = edit ?? NO_EDIT;
  const chosen = images.map(({ field }) => field);
  return [...lock, ...unlock].filter(isImageField).filter((field) => !chosen.includes(field))
    .map((field) => {
      const key = seen[field]?.shownKey ?? null;
      const before = key === null ? [] : [key];
      return {
        ...begunImage(field, "", { before, sure: key !== null }, item),
        sent: before,
        lockedAfter: lock.includes(field),
        origin: null,
      };
    });
}

/**
 * Sends what an undo is to write. An image that the target will not choose sinks nothing else: it is
 * left.
 */
export async function writeUndo(undoing: Undoing, context: WorkContext): Promise<void> {
  const { plan, item } = undoing;
  const { target } = context;
  if (plan.edit !== null) await target.write(item, plan.edit);
  for (const { field, key } of plan.images) {
    try {
      await target.show(item, field, chosen(key));
    } catch (thrown) {
      const error = asPlexsyncError(thrown);
      if (!isDoubtful(error)) throw thrown;
      undoing.unsure.push({ field, error });
    }
  }
}

/** The target chooses images for others: those that it did not choose are left. */
export function leaveUnsure(undoing: Undoing): void {
  for (const { field, error } of undoing.unsure.splice(0)) {
    undoing.refused.push({ field, why: whyRefused(error) });
  }
}

function whyRefused(thrown: unknown): Left["why"] {
  const isGone = asPlexsyncError(thrown).type === "PlexNotFound";
  return isGone ? "the image is no longer there" : "not taken";
}

/** Whether what failed for a request is not tried again; an outage says nothing of that. */
export function isForGood(
  { retry_count }: Pick<UndoRequest, "retry_count">,
  thrown: unknown,
  { target, settings }: Pick<WorkContext, "target" | "settings">,
): boolean {
  if (serverEvent(thrown, target.id) !== null) return false;
  return COURSE[asPlexsyncError(thrown).type] !== "retry" || retry_count >= settings.maxRetries;
}
