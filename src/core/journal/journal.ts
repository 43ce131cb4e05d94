import {
  type FieldName,
  fieldOf,
  FIELDS,
  type ImageField,
  LIST_FIELDS,
  type ListField,
  originOf,
} from "../sync/fields.ts";
import { type Edit, editedFields, type Item, type Name, wantedBy } from "../sync/item.ts";
import type { Scene } from "../sync/scene.ts";
import type { Ways } from "../sync/ways.ts";

/** One value of a field; a name with the role that stands with it, if there is one. */
export type Entry = string | readonly [name: string, role: string];

/** What a write is about to change in one field, as it is kept before the request is sent. */
export interface BegunField {
  field: FieldName;
  /** What stood there, in order; of an image the target's key of the one that was shown. */
  before: readonly Entry[];
  /** False where it could not be told what stood there: then nothing leads back to it. */
  sure: boolean;
  /** What is sent; of an image the SHA-1 of its bytes. */
  sent: readonly Entry[];
  lockedBefore: boolean;
  lockedAfter: boolean;
  /** What Stash had for the field, as Stash has it; null where the write is none of a scene. */
  origin: readonly string[] | null;
  /** What the target changes along with it, such as the year with the date; null for nothing. */
  along: string | null;
}

/** What stood in one field after a write. */
export interface SeenField {
  /** Id of the write. */
  write: number;
  field: FieldName;
  stood: readonly Entry[];
  locked: boolean;
}

/** What Stash has for a field of an item now, where nothing was written for that. */
export interface ItemOrigin {
  item: string;
  field: FieldName;
  origin: readonly string[];
}

/** One write to an item, as it is kept before the first request. */
export interface BegunWrite {
  /** What caused it. */
  runId: number | null;
  sceneId: string;
  /** As read before it: an undo knows it again by its files. */
  item: Pick<Item, "id" | "section" | "files">;
  fields: readonly BegunField[];
}

/**
 * What Stash has for the fields with one value that a sync left alone: an undo holds by it. Names are
 * held each by itself, images by their bytes.
 * @param written Fields of the write, which has it already
 */
export function originsOf(
  scene: Scene,
  item: string,
  written: readonly BegunField[],
): ItemOrigin[] {
  return FIELDS.filter(({ name, kind }) =>
    kind !== "names" && kind !== "image" && !written.some(({ field }) => field === name)
  ).map(({ name }) => ({ item, field: name, origin: originOf(name, scene) }));
}

/** The values of a field as they stand on an item, names with their roles. */
export function standing(item: Item, field: FieldName): Entry[] {
  const values = item.values[field];
  return field === "performers"
    ? values.map((name) => entryOf(name, item.roles[name]))
    : [...values];
}

export function entryOf(name: string, role: string | undefined): Entry {
  return role === undefined || role === "" ? name : [name, role];
}

export function nameOf(entry: Entry): string {
  return typeof entry === "string" ? entry : entry[0];
}

export function toName(entry: Entry): Name {
  return typeof entry === "string" ? { name: entry } : { name: entry[0], role: entry[1] };
}

/** What an edit is about to change, each field that it writes or only locks. */
export function begunFields(edit: Edit, item: Item, scene: Scene | null): BegunField[] {
  const edited = editedFields(edit);
  const unlock = edit.unlock ?? [];
  const names = new Set<FieldName>([...edited, ...edit.lock, ...unlock]);
  return [...names].filter((name) => fieldOf(name).kind !== "image").map((field) => {
    const lockedBefore = item.locked.includes(field);
    const locked = edit.lock.includes(field) || lockedBefore;
    return {
      field,
      before: standing(item, field),
      sure: true,
      sent: edited.includes(field) ? sentIn(edit, field) : standing(item, field),
      lockedBefore,
      lockedAfter: field !== "rating" && locked && !unlock.includes(field),
      origin: scene === null ? null : originOf(field, scene),
      along: item.along[field] ?? null,
    };
  });
}

/** What the write of an image is about to change. */
export function begunImage(
  field: ImageField,
  digest: string,
  { before, sure }: Pick<BegunField, "before" | "sure">,
  item: Item,
): BegunField {
  const lockedBefore = item.locked.includes(field);
  return {
    field,
    before,
    sure,
    sent: [digest],
    lockedBefore,
    lockedAfter: true,
    // The cover is what Stash had: it is known by its bytes.
    origin: [digest],
    along: null,
  };
}

function sentIn(edit: Edit, field: FieldName): Entry[] {
  const names = isList(field) ? edit.names[field] : undefined;
  if (names === undefined) return wantedBy(edit, field)!;
  return names.want.map(({ name, role }) => entryOf(name, role));
}

function isList(name: FieldName): name is ListField {
  return (LIST_FIELDS as readonly string[]).includes(name);
}

/**
 * What our write left in a field, told from what stands there now: what another put there
 * meanwhile is none of it.
 * @returns null when what stands there cannot come of what was sent
 */
export function leftBy(
  { field, before, sent }: Pick<BegunField, "field" | "before" | "sent">,
  now: readonly Entry[],
  ways: Pick<Ways, "isFormOf">,
): Entry[] | null {
  if (fieldOf(field).kind !== "names") {
    const fits = now.length === sent.length &&
      now.every((each, at) => isForm(field, sent[at]!, each, ways));
    return fits ? [...now] : null;
  }
  const old = new Set(before.map(entryKey));
  return now.filter((each) =>
    old.has(entryKey(each)) || sent.some((one) => isForm(field, one, each, ways))
  );
}

/**
 * What stood after a write, field by field.
 * @param untold Fields in which something else stands, or of which nothing is known
 */
export function seenFields(
  write: number,
  begun: readonly BegunField[],
  after: Item,
  untold: readonly FieldName[],
  ways: Pick<Ways, "isFormOf">,
): SeenField[] {
  return begun.flatMap((each): SeenField[] => {
    const { field } = each;
    const { kind } = fieldOf(field);
    if (kind === "image" || untold.includes(field)) return [];
    const now = standing(after, field);
    const stood = kind === "names" ? leftBy(each, now, ways)! : now;
    return [{ write, field, stood, locked: after.locked.includes(field) }];
  });
}

/**
 * What stood after earlier writes whose end nobody saw, told from an item as it was read before the
 * next one. An image is told by its own key alone.
 */
export function leftEarlier(
  writes: readonly (BegunField & { write: number })[],
  item: Item,
  ways: Pick<Ways, "isFormOf">,
): SeenField[] {
  return writes.flatMap((row) => {
    const { field, write } = row;
    if (fieldOf(field).kind === "image") return [];
    const stood = leftBy(row, standing(item, field), ways);
    return stood === null ? [] : [{ write, field, stood, locked: item.locked.includes(field) }];
  });
}

/** A list without what a write changed in it; what others changed since stays. */
export function reverted(
  list: readonly Entry[],
  before: readonly Entry[],
  stood: readonly Entry[],
): Entry[] {
  const old = new Set(before.map(entryKey));
  const left = new Set(stood.map(entryKey));
  const result = list.filter((each) => old.has(entryKey(each)) || !left.has(entryKey(each)));
  const there = new Set(list.map(entryKey));
  before.forEach((each, at) => {
    if (left.has(entryKey(each)) || there.has(entryKey(each))) return;
    result.splice(placeAfter(before.slice(0, at), result), 0, each);
  });
  return result;
}

/** Where in a list something belongs that stood behind these before. */
export function placeAfter(earlier: readonly Entry[], list: readonly Entry[]): number {
  const keys = new Set(earlier.map(entryKey));
  return list.findLastIndex((each) => keys.has(entryKey(each))) + 1;
}

function isForm(
  field: FieldName,
  sent: Entry,
  stands: Entry,
  ways: Pick<Ways, "isFormOf">,
): boolean {
  return nameOf(sent) === nameOf(stands) || ways.isFormOf(field, nameOf(sent), nameOf(stands));
}

/** Two entries with one key are just the same: letter case and roles count. */
export function entryKey(entry: Entry): string {
  return typeof entry === "string" ? entry : `${entry[0]}\u0000${entry[1]}`;
}

export function sameEntries(a: readonly Entry[], b: readonly Entry[]): boolean {
  return a.length === b.length && a.every((each, at) => entryKey(each) === entryKey(b[at]!));
}
