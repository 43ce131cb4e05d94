import { type FieldName, fieldOf, type ImageField, type TextField } from "../sync/fields.ts";
import type { Edit } from "../sync/item.ts";
import type { Hold } from "./holds.ts";
import { type Entry, nameOf, sameEntries } from "./journal.ts";
import {
  changeOf,
  type LeftWhy,
  lockBefore,
  notKept,
  nowOf,
  relock,
  stoodOf,
  type UndoneField,
  type UndoPlan,
  type UndoSight,
} from "./undo_field.ts";
import { againAfter, isRedo, isUndo, type Link, type UndoRow } from "./undo_scope.ts";

/**
 * Takes back a field with one value or none: walks back write by write as long as what stands is
 * just what the write left there.
 */
export function undoValue(
  sight: UndoSight,
  field: FieldName,
  chain: readonly Link[],
  plan: UndoPlan,
  edit: Edit,
): void {
  const now = nowOf(sight, field);
  const before = sight.item.locked.includes(field);
  let value: readonly Entry[] = now;
  /** What stood there just after the write that is looked at; null once it was somebody's. */
  let next: readonly Entry[] | null = now;
  let lock = before;
  const undone: UndoRow[] = [];
  let isPending = false;
  /** Writes that cannot be taken back, as long as no older one leads on from them. */
  const skipped: UndoRow[] = [];
  /** What came back, if anything, is not yet what was asked for. */
  let isShort = false;
  let why: LeftWhy | null = null;
  for (const [at, { row, isMeant, isBlurred, isOver }] of chain.entries()) {
    const stood = next === null ? null : stoodOf(row, next, sight);
    const isLeft = stood !== null && sameEntries(next!, stood);
    if (skipped.length > 0) {
      // An older write may be the one that locked it.
      if (!isMeant && !isOver) break;
      lock = lockBefore(lock, row);
      if (!isLeft || isBlurred) {
        if (row.stood !== null || isBlurred) next = null;
        continue;
      }
      next = row.sure ? row.before : null;
      if (isOver) continue;
      skipped.push(row);
      if (whyNot(sight, row) !== null || sameEntries(stood, row.before)) continue;
      // What stood before an older one can come back, over that which cannot.
      value = row.before;
      undone.push(...skipped.splice(0));
      why = null;
      isShort = false;
      continue;
    }
    if (isOver) {
      // One whose end nobody saw may never have come there.
      if (isLeft) next = row.before;
      else if (row.stood !== null) next = null;
      continue;
    }
    const fallen = isLeft ? [] : fallenBack(sight, chain.slice(at), value);
    if (fallen.length > 0) {
      lock = fallen.reduce(lockBefore, lock);
      undone.push(...fallen);
      break;
    }
    if (!isLeft) {
      // Never arrived, or taken back by somebody: it is as it was before.
      const isBack = isMeant && !isBlurred && row.sure && sameEntries(value, row.before);
      if (isBack) undone.push(row);
      if (isBack && row.stood === null) {
        if (fieldOf(field).kind === "image") {
          // One that was sent a moment ago may be about to show, if no other came there since. Its
          // lock came with the texts.
          const isNewest = chain.every((each) => each.row.write <= row.write || !each.row.stood);
          isPending ||= isNewest && whyNot(sight, row) === null;
          lock = lockBefore(lock, row);
        }
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
    if (isBlurred) {
      if (!changes) continue;
      why = notKept(sight);
      isShort = true;
      break;
    }
    const cannot = changes ? whyNot(sight, row) : null;
    if (cannot !== null) {
      why = cannot;
      isShort = true;
      // Unless an older one helps the value is ours and stays; what may refresh it is up to the
      // target again.
      skipped.push(row);
      next = row.sure ? row.before : null;
      lock = lockBefore(lock, row);
      continue;
    }
    value = row.before;
    next = value;
    lock = lockBefore(lock, row);
    undone.push(row);
  }
  const changed = !sameEntries(value, now);
  if (why !== null && (isShort || undone.length === 0)) plan.left.push({ field, why });
  if (changed) {
    plan.changes.push(changeOf(field, now, value));
    put(field, value, plan, edit);
    sayAlong(field, undone.at(-1)!, value, plan);
  }
  if (isPending && !changed) put(field, value, plan, edit);
  relock(field, before, lock, edit, plan.images);
  if (undone.length > 0) plan.fields.push(undoneValue(field, undone, value, sight));
  else if (skipped.length > 0 && !lock) plan.fields.push(leftOpen(field, sight));
}

/**
 * The writes that are as good as taken back since the target has lost what the newest of them left,
 * and shows what stood before the oldest. None where it shows something else: a person may have
 * chosen that.
 * @param links The newest first
 */
function fallenBack(
  { images }: UndoSight,
  links: readonly Link[],
  value: readonly Entry[],
): UndoRow[] {
  const { field, stood } = links[0]!.row;
  if (fieldOf(field).kind !== "image" || stood?.[0] === undefined) return [];
  if (images[field as ImageField]?.keys.has(nameOf(stood[0])) ?? true) return [];
  const end = links.findIndex(({ isMeant, isBlurred, isOver }) =>
    !isOver && (!isMeant || isBlurred)
  );
  const meant = links.slice(0, end < 0 ? links.length : end).filter(({ isOver }) => !isOver)
    .map(({ row }) => row);
  const last = meant.findLastIndex(({ sure, before }) => sure && sameEntries(before, value));
  return meant.slice(0, last + 1);
}

/** What stays, and is up to the target again: it is known for ours, and neither locked nor renewed. */
function leftOpen(field: FieldName, { rows }: UndoSight): UndoneField {
  const hold = holdOf(field, rows);
  return { field, writes: [], hold, lifted: [], forgotten: [], recalled: null };
}

/** What Stash had last, also where that was undone before: older values are no news to it. */
function holdOf(field: FieldName, rows: readonly UndoRow[]): Hold | null {
  const origin = rows.findLast((row) => row.field === field && row.origin !== null)?.origin ?? null;
  return origin === null ? null : { field, origin, off: [], on: [] };
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

function undoneValue(
  field: FieldName,
  undone: readonly UndoRow[],
  value: readonly Entry[],
  { rows }: UndoSight,
): UndoneField {
  const writes = undone.map(({ write }) => write);
  const newest = undone[0]!;
  if (isUndo(newest) && !isRedo(newest)) {
    const taken = againAfter(rows, field, newest.runId);
    const isLock = undone.every(({ before, stood }) => sameEntries(before, stood ?? []));
    if (taken === undefined && isLock) {
      // What could not be taken back stayed known for ours.
      return { field, writes, hold: null, lifted: true, forgotten: [], recalled: null };
    }
    const sent = taken?.sent ?? value;
    const recalled = { sent: sent.map(nameOf), stands: value.map(nameOf) };
    return { field, writes, hold: null, lifted: true, forgotten: [], recalled };
  }
  const again = isUndo(newest) ? broughtBack(rows, newest) : [];
  return {
    field,
    writes: [...writes, ...again.map(({ write }) => write)],
    hold: holdOf(field, rows),
    lifted: [],
    forgotten: true,
    recalled: null,
  };
}

/** The writes that an undo of an undo made hold again, the newest first. */
function broughtBack(rows: readonly UndoRow[], redo: UndoRow): UndoRow[] {
  const holding = rows.filter((row) =>
    row.field === redo.field && row.write < redo.write && row.undoneBy === null && !isUndo(row)
  ).reverse();
  const last = holding.findLastIndex(({ before }) => sameEntries(before, redo.before));
  return holding.slice(0, last + 1);
}
