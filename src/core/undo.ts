import {
  type FieldName,
  fieldOf,
  FIELDS,
  type ImageField,
  type ListField,
  type TextField,
  valueKey,
} from "./fields.ts";
import { type Hold, type Holds, joined, withoutNames } from "./holds.ts";
import { type Edit, editedFields, type Item } from "./item.ts";
import {
  type BegunField,
  type Entry,
  entryKey,
  leftBy,
  nameOf,
  sameEntries,
  standing,
  toName,
} from "./journal.ts";
import type { Change } from "./plan.ts";
import type { Ways } from "./ways.ts";

/** One field of one write, as the journal has it. */
export interface UndoRow extends BegunField {
  /** Id of the write; a greater one is newer. */
  write: number;
  /** Epoch ms. */
  at: number;
  runId: number | null;
  /** What made the write: the kind of its run; "" when it had none. */
  cause: string;
  sceneId: string;
  /** What our write left there; null while nobody saw what stood after it. */
  stood: readonly Entry[] | null;
  /** When the oldest of the writes came that it stands for; null where it is but one. */
  keptAt: number | null;
  /** The run that took it back; null while it holds. */
  /** The run that took it back; null while it holds. */
  undoneBy: number | null;
}

/** Which of our writes to an item are to be taken back. */
export type UndoScope =
  | { kind: "all" }
  /** What was written at or after a time, epoch ms. */
  | { kind: "since"; at: number }
  | { kind: "run"; run: number }
  | { kind: "scene"; scene: string }
  | { kind: "write"; write: number }
  /** No value comes back: only what we locked is left open again. */
  | { kind: "unlock" };

/** The kind of the runs that take back. */
export const UNDO = "undo";

/** Why something is left as it stands. */
export type LeftWhy =
  | "changed by somebody since"
  | "written again since"
  | "what stood before is not known"
  | "the image is no longer there"
  | "an image cannot be taken away"
  | "a title cannot be taken away"
  | `the year ${string} cannot be put back`
  | "the collection has been edited by somebody and would end with it"
  | "not taken"
  | "the item has other files now";

export interface Left {
  field: FieldName;
  why: LeftWhy;
}

/** Which images an item shows and could show. */
export interface ImageSight {
  shownKey: string | null;
  /** SHA-1 of the one that is shown, if it was uploaded. */
  shown: string | null;
  keys: ReadonlySet<string>;
}

/** What an undo makes of one field. */
export interface UndoneField {
  field: FieldName;
  /** The writes that are taken back with it. */
  writes: readonly number[];
  /** What is held from now on; null for nothing. */
  hold: Hold | null;
  /** Names that are held no longer; true for the whole field. */
  lifted: readonly string[] | true;
  /** Names that are forgotten as ours; true for the whole field. */
  forgotten: readonly string[] | true;
  /** What is ours again, as it was sent and as it stands; null for nothing. */
  recalled: { sent: readonly string[]; stands: readonly string[] } | null;
}

/** What an undo does to one item. */
export interface UndoPlan {
  /** null when nothing has to be written, images aside. */
  edit: Edit | null;
  /** Images to choose, by the target's own key. */
  images: { field: ImageField; key: string }[];
  changes: Change[];
  left: Left[];
  fields: UndoneField[];
}

/** What an undo of one item is planned from. */
export interface UndoSight {
  item: Item;
  /** Of the item, the oldest first. */
  rows: readonly UndoRow[];
  scope: UndoScope;
  images: Partial<Record<ImageField, ImageSight>>;
  ways: Pick<Ways, "isFormOf">;
}

/** The images whose list has to be read for an undo. */
export function imagesToSee(rows: readonly UndoRow[], scope: UndoScope): ImageField[] {
  return FIELDS.filter(({ kind }) => kind === "image").map(({ name }) => name as ImageField)
    .filter((field) => chainOf(rows, field, scope).some(({ isMeant }) => isMeant));
}

/** What comes back on an item, what is left and why. What was undone already is passed over. */
export function planUndo(sight: UndoSight): UndoPlan {
  const plan: UndoPlan = { edit: null, images: [], changes: [], left: [], fields: [] };
  const edit: Edit = { text: {}, names: {}, lock: [], unlock: [] };
  for (const { name } of FIELDS) {
    const chain = chainOf(sight.rows, name, sight.scope);
    if (!chain.some(({ isMeant }) => isMeant)) continue;
    if (sight.scope.kind === "unlock") unlock(sight, name, chain, edit);
    else if (fieldOf(name).kind === "names") undoNames(sight, name as ListField, chain, plan, edit);
    else undoValue(sight, name, chain, plan, edit);
  }
  const says = editedFields(edit).length + edit.unlock!.length + edit.lock.length > 0;
  if (says) plan.edit = edit;
  return plan;
}

interface Link {
  row: UndoRow;
  isMeant: boolean;
}

/** The writes to a field that still hold, the newest first, and which of them are meant. */
function chainOf(rows: readonly UndoRow[], field: FieldName, scope: UndoScope): Link[] {
  const owner = rows.at(-1)?.sceneId;
  const isMeant = (row: UndoRow): boolean => {
    switch (scope.kind) {
      case "all":
      case "unlock":
        return true;
      case "since":
        return (row.keptAt ?? row.at) >= scope.at;
      case "run":
        return row.keptAt === null && row.runId === scope.run;
      case "scene":
        // Who wrote last owns the item, with all that others left there.
        return row.sceneId === scope.scene || owner === scope.scene;
      case "write":
        return row.write === scope.write;
    }
  };
  const isPassed = (row: UndoRow) =>
    row.undoneBy !== null || (isUndo(row) && !(scope.kind === "run" && row.runId === scope.run));
  return rows.filter((row) => row.field === field && !isPassed(row)).reverse()
    .map((row) => ({ row, isMeant: isMeant(row) }));
}

/** What stands for several writes is none of an undo alone, whatever the last of them was. */
function isUndo({ cause, keptAt }: UndoRow): boolean {
  return cause === UNDO && keptAt === null;
}

function nowOf({ item, images }: UndoSight, field: FieldName): Entry[] {
  if (fieldOf(field).kind !== "image") return standing(item, field);
  const key = images[field as ImageField]?.shownKey ?? null;
  return key === null ? [] : [key];
}

/** What a write left that nobody saw end; null when what stands is another's. */
function stoodOf(
  row: UndoRow,
  next: readonly Entry[],
  { images, ways }: UndoSight,
): readonly Entry[] | null {
  if (row.stood !== null) return row.stood;
  if (fieldOf(row.field).kind !== "image") return leftBy(row, next, ways);
  const sent = row.sent[0];
  const seen = images[row.field as ImageField];
  return sent !== undefined && (seen?.shown === sent || seen?.shownKey === sent) ? next : null;
}

/** Takes back the lock that a write gave, unless somebody changed it since. */
function lockBefore(lock: boolean, { lockedBefore, lockedAfter }: UndoRow): boolean {
  return lock === lockedAfter ? lockedBefore : lock;
}

/** A field with one value or none. */
function undoValue(
  sight: UndoSight,
  field: FieldName,
  chain: readonly Link[],
  plan: UndoPlan,
  edit: Edit,
): void {
  const now = nowOf(sight, field);
  const before = sight.item.locked.includes(field);
  let value: readonly Entry[] = now;
  let lock = before;
  const undone: UndoRow[] = [];
  let isPending = false;
  let why: LeftWhy | null = null;
  for (const { row, isMeant } of chain) {
    const stood = stoodOf(row, value, sight);
    if (stood === null || !sameEntries(value, stood)) {
      // Never arrived, or taken back by somebody: it is as it was before.
      const isBack = isMeant && row.sure && sameEntries(value, row.before);
      if (isBack) undone.push(row);
      if (isBack && row.stood === null) {
        // An image that was sent a moment ago may be about to show.
        isPending ||= fieldOf(field).kind === "image" && whyNot(sight, row) === null;
        continue;
      }
      if (!isBack) why = "changed by somebody since";
      break;
    }
    const changes = !sameEntries(stood, row.before);
    if (!isMeant) {
      if (!changes) continue;
      why = "written again since";
      break;
    }
    const cannot = changes ? whyNot(sight, row) : null;
    if (cannot !== null) {
      why = cannot;
      // The value is ours and stays; what may refresh it is up to the target again.
      lock = lockBefore(lock, row);
      break;
    }
    value = row.before;
    lock = lockBefore(lock, row);
    undone.push(row);
  }
  const changed = !sameEntries(value, now);
  if (why !== null && undone.length === 0) plan.left.push({ field, why });
  if (changed) {
    const text = (entries: readonly Entry[]) => entries.map(nameOf).join(", ");
    plan.changes.push({ field, from: text(now), to: text(value) });
    put(field, value, plan, edit);
    sayAlong(field, undone.at(-1)!, value, plan);
  }
  if (isPending && !changed) put(field, value, plan, edit);
  relock(field, before, lock, edit);
  if (undone.length > 0) plan.fields.push(undoneValue(field, undone, value, sight));
}

/** Why the value before a write cannot come back; null when it can. */
function whyNot({ images }: UndoSight, { field, before, sure }: UndoRow): LeftWhy | null {
  if (!sure) return "what stood before is not known";
  const value = before[0];
  if (field === "title" && value === undefined) return "a title cannot be taken away";
  if (fieldOf(field).kind !== "image") return null;
  if (value === undefined) return "an image cannot be taken away";
  const isThere = images[field as ImageField]?.keys.has(nameOf(value)) ?? false;
  return isThere ? null : "the image is no longer there";
}

function put(field: FieldName, value: readonly Entry[], plan: UndoPlan, edit: Edit): void {
  const text = value[0] === undefined ? "" : nameOf(value[0]);
  const { kind } = fieldOf(field);
  if (kind === "image") plan.images.push({ field: field as ImageField, key: text });
  else if (kind === "rating") edit.rating = text === "" ? null : Number(text);
  else edit.text[field as TextField] = text;
}

/** What the target changed along with the field, and loses with its value. */
function sayAlong(
  field: FieldName,
  { along }: UndoRow,
  value: readonly Entry[],
  plan: UndoPlan,
): void {
  if (field !== "date" || value.length > 0 || along === null) return;
  plan.left.push({ field, why: `the year ${along} cannot be put back` });
}

/** An edit of a value locks it unless told otherwise. */
function relock(field: FieldName, before: boolean, after: boolean, edit: Edit): void {
  const isEdited = editedFields(edit).includes(field);
  if (field === "rating") return;
  if (!after && (before || isEdited)) edit.unlock!.push(field);
  if (after && !before) edit.lock.push(field);
}

function undoneValue(
  field: FieldName,
  undone: readonly UndoRow[],
  value: readonly Entry[],
  { rows, scope }: UndoSight,
): UndoneField {
  const writes = undone.map(({ write }) => write);
  const newest = undone[0]!;
  if (isUndo(newest)) {
    const sent = againIn(rows, field, scope)?.sent ?? value;
    const recalled = { sent: sent.map(nameOf), stands: value.map(nameOf) };
    return { field, writes, hold: null, lifted: true, forgotten: [], recalled };
  }
  const { origin } = newest;
  const hold = origin === null ? null : { field, origin, off: [], on: [] };
  return { field, writes, hold, lifted: [], forgotten: true, recalled: null };
}

/** The newest write that is no longer undone once an undo is taken back. */
function againIn(
  rows: readonly UndoRow[],
  field: FieldName,
  scope: UndoScope,
): UndoRow | undefined {
  return scope.kind === "run"
    ? rows.findLast((row) => row.field === field && row.undoneBy === scope.run)
    : undefined;
}

/** What is known of one name of a list: whether it is to be there in the end. */
type Wanted = ReadonlyMap<string, { entry: Entry; isThere: boolean }>;

/** A list, name by name: each is there or not, and who made it so decides. */
function undoNames(
  sight: UndoSight,
  field: ListField,
  chain: readonly Link[],
  plan: UndoPlan,
  edit: Edit,
): void {
  const now = standing(sight.item, field);
  const before = sight.item.locked.includes(field);
  let lock = before;
  let next: readonly Entry[] = now;
  /** Names that somebody else, or a write that is not meant, has the last word on. */
  const settled = new Set<string>();
  const wanted = new Map<string, { entry: Entry; isThere: boolean }>();
  const undone: UndoRow[] = [];
  let isWhole = true;
  let why: LeftWhy | null = null;
  for (const { row, isMeant } of chain) {
    const stood = stoodOf(row, next, sight)!;
    isWhole &&= sameEntries(stood, next);
    for (const key of differing(stood, next)) settled.add(key);
    const moved = differing(row.before, stood).filter((key) => !settled.has(key));
    if (!isMeant) {
      for (const key of moved) settled.add(key);
      if (moved.length > 0) why = "written again since";
      isWhole &&= moved.length === 0;
    } else if (!row.sure) {
      why = "what stood before is not known";
      break;
    } else {
      const there = new Map(row.before.map((entry) => [entryKey(entry), entry]));
      for (const key of moved) {
        const entry = there.get(key) ?? stood.find((each) => entryKey(each) === key)!;
        wanted.set(key, { entry, isThere: there.has(key) });
      }
      lock = lockBefore(lock, row);
      undone.push(row);
    }
    next = row.before;
  }
  const result = isWhole && why === null ? [...next] : arranged(now, wanted, undone);
  const changed = differing(now, result).length > 0;
  if (why !== null && !changed) plan.left.push({ field, why });
  else if (isRespelt(now, undone, wanted)) {
    plan.left.push({ field, why: "changed by somebody since" });
  }
  if (changed) {
    const text = (entries: readonly Entry[]) => entries.map(nameOf).join(", ");
    plan.changes.push({ field, from: text(now), to: text(result) });
    const names = new Set(result.map(nameOf));
    edit.names[field] = {
      want: result.map(toName),
      remove: now.map(nameOf).filter((name) => !names.has(name)),
    };
  }
  relock(field, before, lock, edit);
  if (undone.length > 0) plan.fields.push(undoneNames(field, undone, wanted, sight));
}

function undoneNames(
  field: ListField,
  undone: readonly UndoRow[],
  wanted: Wanted,
  { rows, scope, ways }: UndoSight,
): UndoneField {
  const writes = undone.map(({ write }) => write);
  const moved = [...wanted.values()];
  const names = moved.map(({ entry }) => nameOf(entry));
  const standing = (isThere: boolean) =>
    moved.filter((each) => each.isThere === isThere).map(({ entry }) => nameOf(entry));
  if (isUndo(undone[0]!)) {
    const known = againIn(rows, field, scope)?.sent.map(nameOf) ?? [];
    const spelt = (name: string) => spelling(known, name, field, ways);
    const lifted = [...names, ...names.map(spelt)];
    const stands = standing(true);
    const recalled = { sent: stands.map(spelt), stands };
    return { field, writes, hold: null, lifted, forgotten: [], recalled };
  }
  const origins = undone.flatMap(({ origin }) => origin ?? []);
  const spelt = (name: string) => spelling(origins, name, field, ways);
  const off = standing(false).map(spelt);
  const hold = { field, origin: undone[0]!.origin ?? [], off, on: standing(true).map(spelt) };
  return { field, writes, hold, lifted: [], forgotten: [...names, ...off], recalled: null };
}

/** Keys of the entries that just one of two lists has. */
function differing(a: readonly Entry[], b: readonly Entry[]): string[] {
  return [...new Set(a.map(entryKey)).symmetricDifference(new Set(b.map(entryKey)))];
}

/** The name in the spelling that Stash, or a write, has for it. */
function spelling(
  names: readonly string[],
  stands: string,
  field: FieldName,
  ways: Pick<Ways, "isFormOf">,
): string {
  return names.find((name) => name === stands) ??
    names.find((name) => ways.isFormOf(field, name, stands)) ?? stands;
}

/** Whether a name that we added stands there in somebody else's spelling. */
function isRespelt(now: readonly Entry[], undone: readonly UndoRow[], wanted: Wanted): boolean {
  const there = new Set(now.map(entryKey));
  const names = new Set(now.map((entry) => valueKey("names", nameOf(entry))));
  return undone.some(({ before, stood }) => {
    const old = new Set(before.map(entryKey));
    return (stood ?? []).some((entry) => {
      const key = entryKey(entry);
      return !old.has(key) && !there.has(key) && !wanted.has(key) &&
        names.has(valueKey("names", nameOf(entry)));
    });
  });
}

/** What stands there without what goes, and with what comes back at its old place. */
function arranged(now: readonly Entry[], wanted: Wanted, undone: readonly UndoRow[]): Entry[] {
  const list = now.filter((entry) => wanted.get(entryKey(entry))?.isThere !== false);
  const order = (undone.at(-1)?.before ?? []).map(entryKey);
  for (const { entry, isThere } of wanted.values()) {
    const key = valueKey("names", nameOf(entry));
    // Somebody has it there in another spelling: one of both is enough.
    if (!isThere || list.some((each) => valueKey("names", nameOf(each)) === key)) continue;
    const earlier = new Set(order.slice(0, Math.max(0, order.indexOf(entryKey(entry)))));
    const at = list.findLastIndex((each) => earlier.has(entryKey(each)));
    list.splice(at + 1, 0, entry);
  }
  return list;
}

/** Leaves open what we locked and nobody changed; no value is touched. */
function unlock(sight: UndoSight, field: FieldName, chain: readonly Link[], edit: Edit): void {
  if (!sight.item.locked.includes(field)) return;
  const now = nowOf(sight, field);
  const stood = stoodOf(chain[0]!.row, now, sight);
  const isNames = fieldOf(field).kind === "names";
  if (stood === null || (!isNames && !sameEntries(now, stood))) return;
  if (!chain.reduce((lock, { row }) => lockBefore(lock, row), true)) edit.unlock!.push(field);
}

/** How the holds of an item change with an undo of some of its fields; null ends one. */
export function heldAfter(
  holds: Holds,
  fields: readonly UndoneField[],
): Map<FieldName, Hold | null> {
  const changes = new Map<FieldName, Hold | null>();
  for (const { field, hold, lifted } of fields) {
    const known = holds.get(field);
    if (hold !== null) changes.set(field, joined(known, hold));
    else if (known !== undefined) {
      changes.set(field, lifted === true ? null : withoutNames(known, lifted));
    }
  }
  return changes;
}
