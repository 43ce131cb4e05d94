import { type FieldName, FIELDS, type ImageField } from "../sync/fields.ts";
import type { BegunField, Entry } from "./journal.ts";

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
  /** Scenes beside its own that wrote them. */
  keptOf: readonly string[];
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
const UNDO = "undo";
/** The kind of the runs that take back what such a run did. */
const REDO = "redo";

/** What a run of an undo is, given what the run that it takes back is. */
export function undoKind(of: string | null): typeof UNDO | typeof REDO {
  return of === UNDO ? REDO : UNDO;
}

/** One write to a field, and whether the scope means it. */
export interface Link {
  row: UndoRow;
  isMeant: boolean;
  /** It stands for several writes, of which only some are meant: these cannot be told apart. */
  isBlurred: boolean;
  /** It was undone, or is an undo that is not to be undone: both together changed nothing. */
  isOver: boolean;
}

/**
 * The writes to a field, the newest first, as far back as the scope means one.
 * @param rows Of one item, the oldest first
 */
export function chainOf(rows: readonly UndoRow[], field: FieldName, scope: UndoScope): Link[] {
  const owner = ownerOf(rows);
  const links = rows.filter((row) => row.field === field).map((row): Link => {
    const isOver = row.undoneBy !== null ||
      (isUndo(row) && !(scope.kind === "run" && row.runId === scope.run));
    const isOurs = !isOver && isMeant(row, scope, owner);
    return { row, isMeant: isOurs, isBlurred: isOurs && isBlurred(row, scope, owner), isOver };
  });
  const first = links.findIndex(({ isMeant }) => isMeant);
  return first < 0 ? [] : links.slice(first).reverse();
}

/** The scene that wrote last. */
export function ownerOf(rows: readonly UndoRow[]): string | undefined {
  return rows.at(-1)?.sceneId;
}

function isMeant(row: UndoRow, scope: UndoScope, owner: string | undefined): boolean {
  switch (scope.kind) {
    case "all":
    case "unlock":
      return true;
    case "since":
      return row.at >= scope.at;
    case "run":
      return row.runId === scope.run;
    case "scene":
      // Who wrote last owns the item, with all that others left there.
      return [row.sceneId, owner, ...row.keptOf].includes(scope.scene);
    case "write":
      return row.write === scope.write;
  }
}

/** Whether a scope that means a row means only some of what it stands for. */
function isBlurred(
  { keptAt, keptOf }: UndoRow,
  scope: UndoScope,
  owner: string | undefined,
): boolean {
  if (keptAt === null) return false;
  if (scope.kind === "scene") return keptOf.length > 0 && owner !== scope.scene;
  return scope.kind === "since"
    ? keptAt < scope.at
    : scope.kind === "run" || scope.kind === "write";
}

/** Fields that a scope means anything of, in the order in which they are shown. */
export function fieldsOf(rows: readonly UndoRow[], scope: UndoScope): FieldName[] {
  return FIELDS.map(({ name }) => name)
    .filter((field) => chainOf(rows, field, scope).length > 0);
}

/** The images whose list has to be read for an undo. */
export function imagesToSee(rows: readonly UndoRow[], scope: UndoScope): ImageField[] {
  const fields = fieldsOf(rows, scope);
  return FIELDS.filter(({ name, kind }) => kind === "image" && fields.includes(name))
    .map(({ name }) => name as ImageField);
}

/** What stands for several writes is none of an undo alone, whatever the last of them was. */
export function isUndo({ cause, keptAt }: UndoRow): boolean {
  return (cause === UNDO || cause === REDO) && keptAt === null;
}

/**
 * Whether a write brought our own values back: who takes back what it wrote wants to be without them
 * again.
 */
export function isRedo(row: UndoRow): boolean {
  return isUndo(row) && row.cause === REDO;
}

/** The newest write of a field that holds again once a run is taken back, as Stash had it if known. */
export function againAfter(
  rows: readonly UndoRow[],
  field: FieldName,
  runId: number | null,
): UndoRow | undefined {
  const undone = rows.filter((row) => row.field === field && row.undoneBy === runId);
  return undone.findLast((row) => !isUndo(row)) ?? undone.at(-1);
}
