import {
  type FieldName,
  fieldOf,
  FIELDS,
  type ImageField,
  type ListField,
} from "../sync/fields.ts";
import { type Hold, type Holds, joined, withoutNames } from "./holds.ts";
import { type Edit, editedFields } from "../sync/item.ts";
import { sameEntries } from "./journal.ts";
import {
  lockBefore,
  nowOf,
  stoodOf,
  type UndoneField,
  type UndoPlan,
  type UndoSight,
} from "./undo_field.ts";
import { undoNames } from "./undo_names.ts";
import { chainOf, fieldsOf, type Link, type UndoRow } from "./undo_scope.ts";
import { undoValue } from "./undo_value.ts";

/** What comes back on an item, what is left and why. What was undone already is passed over. */
export function planUndo(sight: UndoSight): UndoPlan {
  const { rows, scope, unread = [] } = sight;
  const plan: UndoPlan = { edit: null, images: [], changes: [], left: [], fields: [] };
  const edit: Edit = { text: {}, names: {}, lock: [], unlock: [] };
  for (const name of fieldsOf(rows, scope)) {
    if (unread.includes(name as ImageField)) {
      plan.left.push({ field: name, why: "which image is shown could not be read" });
      continue;
    }
    const chain = chainOf(rows, name, scope);
    if (scope.kind === "unlock") unlock(sight, name, chain.filter(({ isOver }) => !isOver), edit);
    else if (fieldOf(name).kind === "names") undoNames(sight, name as ListField, chain, plan, edit);
    else undoValue(sight, name, chain, plan, edit);
  }
  const says = editedFields(edit).length + edit.unlock!.length + edit.lock.length > 0;
  if (says) plan.edit = edit;
  return plan;
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
    else if (known !== undefined && (lifted === true || lifted.length > 0)) {
      changes.set(field, lifted === true ? null : withoutNames(known, lifted));
    }
  }
  return changes;
}

/** Fields of which a plan puts back the lock alone. */
export function locksIn({ edit, changes }: Pick<UndoPlan, "edit" | "changes">): FieldName[] {
  const moved = [...edit?.lock ?? [], ...edit?.unlock ?? []];
  return inOrder(moved.filter((name) => !changes.some(({ field }) => field === name)));
}

/**
 * What came back with an undo: what its last attempt changed, and what earlier ones did whose end
 * nobody saw.
 * @param rows Of the item, those of the undo's own run among them
 * @param failed What did not take
 */
export function restoredBy(
  plan: Pick<UndoPlan, "edit" | "changes" | "left">,
  rows: readonly UndoRow[],
  runId: number,
  failed: readonly FieldName[],
): { restored: FieldName[]; locks: FieldName[] } {
  const { changes, left } = plan;
  const earlier = rows.filter((row) => row.runId === runId);
  const values = earlier.filter(({ field, before, sent }) =>
    !sameEntries(before, sent) && !left.some((each) => each.field === field)
  );
  const restored = [...changes, ...values].map(({ field }) => field)
    .filter((field) => !failed.includes(field));
  const locks = [
    ...locksIn(plan),
    ...earlier.filter((row) => row.lockedBefore !== row.lockedAfter).map(({ field }) => field),
  ].filter((field) => !restored.includes(field));
  return { restored: inOrder(restored), locks: inOrder(locks) };
}

/** Each once, as fields are shown. */
function inOrder(fields: readonly FieldName[]): FieldName[] {
  return FIELDS.map(({ name }) => name).filter((name) => fields.includes(name));
}
