/**
 * Asks again, harmlessly, for what was done before for others: whether it is done just now as well
 * tells whose fault a failure is.
 */
import { createHash } from "node:crypto";
import {
  type FieldName,
  IMAGE_FIELDS,
  isImageField,
  isListField,
  TEXT_FIELDS,
  type TextField,
} from "../../core/sync/fields.ts";
import { asPlexsyncError, PlexsyncError } from "../../core/failures/errors.ts";
import { type Edit, editedFields, type Item, NO_EDIT } from "../../core/sync/item.ts";
import type { Memory } from "../../core/sync/memory.ts";
import type { WorkContext } from "../context.ts";
import { UNREADABLE } from "../images/cover.ts";
import { chosen } from "../images/image_plan.ts";
import { readItems } from "../batch/shared_read.ts";

/**
 * What others meet: it works, fails for this reason, fails where other edits of them work, or there is
 * nobody to ask.
 */
export type Control = "works" | "others work" | "unknown" | PlexsyncError;

/** How many known items are looked at to find some that can be asked for. */
const LOOKED_AT = 10;
/** The same for covers, of which those last refused are of no use: this asks the store alone. */
const LOOKED_AT_FOR_COVERS = 200;

/**
 * Whether edits of other items are taken: a lock that stands is set once more, or a text of ours.
 * @param concerned Items that are in doubt themselves
 * @param wanted Edits that have to work
 * @param options.toBeSeen An answer is not enough: the item has to show that it was written to
 * @param options.isRating It is ratings that are in doubt
 * @param options.fields It is edits of these that are in doubt
 * @param options.isUndo Others may have been taken back already: a lock that is open is opened
 */
export function tryEdits(
  concerned: ReadonlySet<string>,
  wanted: number,
  context: WorkContext,
  { toBeSeen = false, isRating = false, isUndo = false, fields = [] }: {
    toBeSeen?: boolean;
    isRating?: boolean;
    isUndo?: boolean;
    fields?: readonly FieldName[];
  } = {},
): Promise<Control> {
  return attempt(context, async () => {
    const { target } = context;
    const memories = others(concerned, context);
    const { found } = await readItems([...memories.keys()], context);
    if (fields.length > 0) return await tryAlike(found, memories, fields, wanted, context);
    const stampOf = (item: Item) => isRating ? item.ratedAt : item.stamp;
    const edits = [...found.values()].flatMap((item) => {
      const known = memories.get(item.id) ?? [];
      const edit = isRating
        ? sameRating(item, known)
        : harmless(item, known) ?? (isUndo ? stillOpen(item) : null);
      return edit === null || toBeSeen && stampOf(item) === undefined ? [] : [{ item, edit }];
    });
    if (edits.length === 0) return "unknown";
    // A stamp has whole seconds: what was written last may not show another write.
    edits.sort((a, b) => (stampOf(a.item) ?? 0) - (stampOf(b.item) ?? 0));
    for (let n = 0; n < wanted; n++) {
      const { item, edit } = edits[n % edits.length]!;
      await target.write(item, edit);
    }
    if (!toBeSeen) return "works";
    const written = edits.slice(0, wanted).map(({ item }) => item);
    const after = await target.read(written.map(({ id }) => id));
    const isSeen = written.some((before) => {
      const now = after.get(before.id);
      return now !== undefined && stampOf(now) !== stampOf(before);
    });
    return isSeen ? "works" : new PlexsyncError("PlexServerDown", "Writes change nothing");
  });
}

/** The same by edits of some fields alone, each of which is set to what stands there. */
async function tryAlike(
  items: ReadonlyMap<string, Item>,
  memories: ReadonlyMap<string, readonly Memory[]>,
  fields: readonly FieldName[],
  wanted: number,
  { target }: WorkContext,
): Promise<Control> {
  const edits = [...items.values()].flatMap((item) => {
    const edit = alike(item, fields);
    return edit === null ? [] : [{ item, edit }];
  }).sort((a, b) => editedFields(b.edit).length - editedFields(a.edit).length);
  if (edits.length === 0) return "unknown";
  try {
    for (let n = 0; n < wanted; n++) {
      const { item, edit } = edits[n % edits.length]!;
      await target.write(item, edit);
    }
    return "works";
  } catch (thrown) {
    for (const item of items.values()) {
      const edit = harmless(item, memories.get(item.id) ?? [], fields);
      if (edit === null) continue;
      await target.write(item, edit);
      return "others work";
    }
    throw thrown;
  }
}

/**
 * Whether images of other items are taken: one that is shown is sent once more, or chosen.
 * @param options.isChoice It is choices that are in doubt: one server may take one, not the other
 */
export function tryImages(
  concerned: ReadonlySet<string>,
  wanted: number,
  context: WorkContext,
  { isChoice = false }: { isChoice?: boolean } = {},
): Promise<Control> {
  return attempt(context, async () => {
    const { target, stash } = context;
    let done = 0;
    for (const memory of [...others(concerned, context).values()].flat()) {
      for (const field of IMAGE_FIELDS) {
        const look = memory.covers[field];
        if (look === undefined || !look.shown || look.refused !== null) continue;
        const item = { id: memory.item };
        const { shown, shownKey } = await target.images(item, field);
        if (isChoice && shownKey !== null) {
          while (done++ < wanted) await target.show(item, field, chosen(shownKey));
          return "works";
        }
        if (shown !== look.digest) continue;
        const shot = await stash.screenshot(memory.sceneId);
        if (shot.status !== "image") continue;
        if (createHash("sha1").update(shot.bytes).digest("hex") !== look.digest) continue;
        while (done < wanted) {
          await target.show(item, field, {
            digest: look.digest,
            bytes: () => Promise.resolve(shot),
          });
          done++;
        }
        return "works";
      }
    }
    return "unknown";
  });
}

/** Whether covers of other scenes can be read. */
export function tryCovers(
  concerned: ReadonlySet<string>,
  wanted: number,
  context: WorkContext,
): Promise<Control> {
  return attempt(context, async () => {
    const scenes = [
      ...new Set(
        [...others(concerned, context, LOOKED_AT_FOR_COVERS).values()].flat()
          .filter(({ covers }) => Object.values(covers).some(({ digest }) => digest !== UNREADABLE))
          .map(({ sceneId }) => sceneId),
      ),
    ];
    if (scenes.length === 0) return "unknown";
    for (let n = 0; n < wanted; n++) {
      await context.stash.screenshot(scenes[n % scenes.length]!);
    }
    return "works";
  });
}

/** What was written last on other items, by item. */
export function others(
  concerned: ReadonlySet<string>,
  { store, target }: WorkContext,
  most = LOOKED_AT,
): Map<string, Memory[]> {
  const { written } = store.of(target.id);
  const known = written.latest(most + concerned.size)
    .filter((item) => !concerned.has(item)).slice(0, most);
  return written.onItems(known);
}

/**
 * An edit that changes nothing on an item: what it sets stands there, and is ours.
 * @param apartFrom Fields that it leaves alone
 */
export function harmless(
  item: Item,
  memories: readonly Memory[],
  apartFrom: readonly FieldName[] = [],
): Edit | null {
  const lock = item.locked.find((field) => !apartFrom.includes(field));
  if (lock !== undefined) return { ...NO_EDIT, lock: [lock] };
  const isOurs = (field: TextField) =>
    memories.some(({ fields }) =>
      fields[field]?.ours.length === 1 && fields[field]?.stood[0] === item.values[field][0]
    );
  const field = TEXT_FIELDS.find((each) => isOurs(each) && !apartFrom.includes(each));
  return field === undefined
    ? null
    : { ...NO_EDIT, text: { [field]: item.values[field][0] ?? "" } };
}

/** An edit of some fields that changes nothing: what stands there once more, locked or open as it is. */
export function alike(item: Item, fields: readonly FieldName[]): Edit | null {
  const edit: Edit = { text: {}, names: {}, lock: [], unlock: [] };
  for (const field of fields) {
    const stands = item.values[field];
    if (stands.length === 0 || field === "rating" || isImageField(field)) continue;
    if (isListField(field)) {
      const want = stands.map((name) => {
        const role = field === "performers" ? item.roles[name] : undefined;
        return role === undefined ? { name } : { name, role };
      });
      edit.names[field] = { want, remove: [] };
    } else edit.text[field] = stands[0]!;
    if (!item.locked.includes(field)) edit.unlock!.push(field);
  }
  return editedFields(edit).length === 0 ? null : edit;
}

/** A field that is not locked is unlocked. */
function stillOpen(item: Item): Edit | null {
  const field = TEXT_FIELDS.find((each) => !item.locked.includes(each));
  return field === undefined ? null : { ...NO_EDIT, unlock: [field] };
}

/** The rating that stands on an item and is ours, once more. */
function sameRating(item: Item, memories: readonly Memory[]): Edit | null {
  const [stands] = item.values.rating;
  const isOurs = stands !== undefined &&
    memories.some(({ fields }) => fields.rating?.ours.includes(stands));
  return isOurs ? { ...NO_EDIT, rating: Number(stands) } : null;
}

async function attempt(
  { log, target }: WorkContext,
  ask: () => Promise<Control>,
): Promise<Control> {
  try {
    return await ask();
  } catch (thrown) {
    const error = asPlexsyncError(thrown);
    log.debug(`Others fare no better: ${error.message}`, { event: "probe", server: target.id });
    return error;
  }
}
