import type { FieldName } from "../../../src/core/sync/fields.ts";
import type { Entry } from "../../../src/core/journal/journal.ts";
import { planUndo } from "../../../src/core/journal/undo.ts";
import type { UndoSight } from "../../../src/core/journal/undo_field.ts";
import type { UndoRow, UndoScope } from "../../../src/core/journal/undo_scope.ts";
import { changed, type FlatItem, item, WAYS } from "../samples.ts";

/** One write; what is not told is as `historyOf` has it. */
export interface Written extends Partial<Omit<UndoRow, "before" | "stood">> {
  before: readonly Entry[];
  /** null where nobody saw what stood. */
  stood: readonly Entry[] | null;
}

/** Writes to one field of an item, the oldest first; the run of each is its number, from 1. */
export function historyOf(field: FieldName, writes: readonly Written[]): UndoRow[] {
  return writes.map((each, at): UndoRow => ({
    field,
    sure: true,
    sent: each.stood ?? [],
    lockedBefore: at > 0,
    lockedAfter: true,
    origin: null,
    along: null,
    write: at + 1,
    at: (at + 1) * 1_000,
    runId: at + 1,
    cause: "hook",
    sceneId: "7",
    keptAt: null,
    keptOf: [],
    undoneBy: null,
    ...each,
  }));
}

/** What an undo of that history comes to, where this stands now. */
export function undoOf(
  rows: readonly UndoRow[],
  now: FlatItem,
  scope: UndoScope = { kind: "all" },
  seen: UndoSight["images"] = {},
) {
  const sight = { item: changed(item(), now), rows, scope, images: seen, ways: WAYS };
  const { edit, images, left, fields } = planUndo(sight);
  return {
    edit,
    images,
    left: left.map(({ why }) => why),
    writes: fields.flatMap(({ writes }) => writes),
    holds: fields.flatMap(({ hold }) => hold ?? []),
  };
}
