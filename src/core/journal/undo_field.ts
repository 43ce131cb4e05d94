import { type FieldName, fieldOf, type ImageField } from "../sync/fields.ts";
import type { Hold } from "./holds.ts";
import { type Edit, editedFields, type Item } from "../sync/item.ts";
import { type Entry, leftBy, nameOf, standing } from "./journal.ts";
import type { Change } from "../sync/plan.ts";
import { ownerOf, type UndoRow, type UndoScope } from "./undo_scope.ts";
import type { Ways } from "../sync/ways.ts";

/** Of what was written so long ago that only what stood before all of it is known. */
export const NOT_KEPT =
  "no longer kept step by step: undo --scene or --all goes back to before plexsync";

/** The same of what a scene wrote to an item that another one wrote to later. */
const NOT_KEPT_APART = "kept only together with what scene ";

/** Why an undo cannot tell apart what it is to take back. */
export function notKept({ rows, scope }: Pick<UndoSight, "rows" | "scope">): LeftWhy {
  if (scope.kind !== "scene") return NOT_KEPT;
  const owner = ownerOf(rows);
  const rest = `wrote later: undo --scene ${owner} goes back to before plexsync` as const;
  return `${NOT_KEPT_APART}${owner} ${rest}`;
}

export function isNotKept({ why }: Left): boolean {
  return why === NOT_KEPT || why.startsWith(NOT_KEPT_APART);
}

/** Why something is left as it stands. */
export type LeftWhy =
  | "changed by somebody since"
  | "written again since"
  | "what stood before is not known"
  | typeof NOT_KEPT
  | `${typeof NOT_KEPT_APART}${string}`
  | "the image is no longer there"
  | "which image is shown could not be read"
  | "an image cannot be taken away"
  | "a title cannot be taken away"
  | `the year ${string} cannot be put back`
  | `the collection ${string} has been edited by somebody and would end with it`
  | "its names stand in another order"
  | "not taken";

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
  /** Keys of uploads by the SHA-1 of their bytes. */
  known: ReadonlyMap<string, string>;
}

/** What an undo of one item is planned from. */
export interface UndoSight {
  item: Item;
  /** Of the item, the oldest first. */
  rows: readonly UndoRow[];
  scope: UndoScope;
  images: Partial<Record<ImageField, ImageSight>>;
  /** Images that could not be listed: they are left. */
  unread?: readonly ImageField[];
  /** Collections that would end with what somebody made of them if this item left. */
  spared?: readonly string[];
  ways: Pick<Ways, "isFormOf">;
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

/** What stands in a field now; of an image the target's key of the one that is shown. */
export function nowOf({ item, images }: UndoSight, field: FieldName): Entry[] {
  if (fieldOf(field).kind !== "image") return standing(item, field);
  const key = images[field as ImageField]?.shownKey ?? null;
  return key === null ? [] : [key];
}

/**
 * What a write left in its field, told from what stood there next where nobody saw it end.
 * @returns null when what stands is another's
 */
export function stoodOf(
  row: UndoRow,
  next: readonly Entry[],
  { images, ways }: UndoSight,
): readonly Entry[] | null {
  if (row.stood !== null) return row.stood;
  if (fieldOf(row.field).kind !== "image") return leftBy(row, next, ways);
  // Of an undo the key was sent, of a cover its bytes: a target tells the keys of uploads by these.
  const sent = row.sent[0];
  const key = next[0];
  if (sent === undefined || key === undefined) return null;
  const known = images[row.field as ImageField]?.known.get(nameOf(sent));
  return nameOf(key) === nameOf(sent) || nameOf(key) === known ? next : null;
}

/** Takes back the lock that a write gave, unless somebody changed it since. */
export function lockBefore(lock: boolean, { lockedBefore, lockedAfter }: UndoRow): boolean {
  return lock === lockedAfter ? lockedBefore : lock;
}

/**
 * Brings a field's lock from what it is to what it is to be: an edit locks unless told otherwise, and
 * so may the choice of an image.
 */
export function relock(
  field: FieldName,
  before: boolean,
  after: boolean,
  edit: Edit,
  images: UndoPlan["images"] = [],
): void {
  // There is no lock for stars.
  if (field === "rating") return;
  const locks = editedFields(edit).includes(field) || images.some((each) => each.field === field);
  if (!after && (before || locks)) edit.unlock!.push(field);
  if (after && !before) edit.lock.push(field);
}

/** One line for people. */
export function changeOf(
  field: FieldName,
  from: readonly Entry[],
  to: readonly Entry[],
): Change {
  const text = (entries: readonly Entry[]) => entries.map(nameOf).join(", ");
  return { field, from: text(from), to: text(to) };
}
