import type { FieldName } from "../../core/sync/fields.ts";
import {
  type ItemOrigin,
  leftEarlier,
  originsOf,
  type SeenField,
  seenFields,
} from "../../core/journal/journal.ts";
import { editedFields } from "../../core/sync/item.ts";
import { emptyMemory, type Memory } from "../../core/sync/memory.ts";
import { wantedOf } from "../../core/sync/plan.ts";
import { beginImages, endWrite, noteCover, noteImage } from "../../core/sync/remember.ts";
import { sceneHash } from "../../core/sync/scene_hash.ts";
import type { WorkContext } from "../context.ts";
import type { AttemptFacts } from "./ledger.ts";
import { toCome, type Writing } from "./write.ts";

/**
 * What is to be kept of an attempt.
 * @param known.isSeen The item was read again
 * @param known.isWhole All of the scene is settled with this
 */
export function factsOf(
  writing: Writing,
  { isSeen, isWhole }: { isSeen: boolean; isWhole: boolean },
  context: WorkContext,
): AttemptFacts {
  return {
    changedFields: changedFields(writing),
    leftOut: writing.omitted.map(({ field, text }) => `${field}: ${text}`),
    written: isSeen ? [remembered(writing, isWhole, context)] : [],
    seen: isSeen ? seen(writing, context) : [],
    origins: isSeen ? origins(writing) : [],
  };
}

/** What was changed on the item. */
export function changedFields(writing: Writing): FieldName[] {
  const { plan, images, failed, theirs } = writing;
  const missed = [...failed, ...theirs, ...untaken(writing)];
  return [
    ...plan.changes.map(({ field }) => field).filter((name) => !missed.includes(name)),
    ...images.steps.map(({ field }) => field),
  ];
}

/** What was refused, or not even sent for being refused of all items. */
function untaken({ sent, refused, resting }: Writing): FieldName[] {
  if (refused === null) return [...resting];
  const taken = sent === null ? [] : editedFields(sent);
  return [...resting, ...editedFields(refused.edit).filter((name) => !taken.includes(name))];
}

/** For the journal: what stood after this write, and after earlier ones that nobody saw end. */
export function seen(
  { ready: { item, memory }, journal, after, failed, theirs }: Writing,
  { store, target }: WorkContext,
): SeenField[] {
  const write = journal?.write ?? null;
  const entries = journal === null
    ? []
    : seenFields(journal.write, journal.fields, after, [...failed, ...theirs], target);
  if (memory === null || Object.keys(memory.begun).length === 0) return entries;
  const earlier = store.of(target.id).journal.unseenOf(item.id, write);
  return [...leftEarlier(earlier, item, target), ...entries];
}

/** What of the scene changed since it was synced last, and is not written. */
function origins({ ready: { scene, item, memory }, images, journal }: Writing): ItemOrigin[] {
  // Before our first write there is nothing to hold by. One without a hash may be another scene's.
  if (memory === null || isEmpty(memory)) return [];
  // The hash says nothing of a cover.
  if (memory.sceneHash === sceneHash(scene)) return images.origins;
  return [...originsOf(scene, item.id, journal?.fields ?? []), ...images.origins];
}

function isEmpty({ fields, begun }: Memory): boolean {
  return Object.keys(fields).length + Object.keys(begun).length === 0;
}

/** @param whole Whether all of the scene is settled with this */
function remembered(writing: Writing, whole: boolean, context: WorkContext): Memory {
  const { ready: { scene, item, memory, match }, plan, images, after, sent, failed, theirs } =
    writing;
  const { runtime, settings, target } = context;
  const written = {
    wanted: wantedOf(scene, item.type, settings),
    edit: sent,
    before: item,
    after,
    kept: plan.kept,
    undone: plan.undone,
    // What stands there instead is nobody's answer to it.
    failed: [...failed, ...untaken(writing)],
    theirs,
  };
  const known = beginImages(
    memory ?? emptyMemory(scene.id, item.id),
    toCome(writing.journal?.fields ?? [], item),
  );
  const ended = endWrite(known, written, {
    sceneHash: whole ? sceneHash(scene) : known.sceneHash,
    writtenAt: runtime.now(),
  }, target);
  const shown = [...images.settled, ...images.steps].reduce(
    (noted: Memory, { field, look }) => noteImage(noted, field, look, after),
    { ...ended, match },
  );
  return [...images.refused, ...images.undone].reduce(
    (noted, { field, look }) => noteCover(noted, field, look),
    shown,
  );
}
