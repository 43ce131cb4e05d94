import {
  type Field,
  type FieldName,
  fieldOf,
  type ImageField,
  keysOf,
  sameValues,
  valueKey,
} from "./fields.ts";
import { type Edit, editedFields, type Item, wantedBy } from "./item.ts";
import { type CoverMemory, type FieldMemory, isOwn, mayStandFor, type Memory } from "./memory.ts";
import { pairNames } from "./names.ts";
import type { UndoneField } from "../journal/undo_field.ts";
import type { Ways } from "./ways.ts";

type Forms = Pick<Ways, "isFormOf">;

/**
 * The memory to keep before a write, so that a value whose write nobody saw end (killed, answer
 * lost) is known for ours when it stands there, and can be changed or taken back.
 * @param item As read before the write
 */
export function beginWrite(memory: Memory, edit: Edit, item: Item, ways: Forms): Memory {
  const begun = { ...memory.begun };
  const fields = { ...memory.fields };
  for (const name of editedFields(edit)) {
    const { kind } = fieldOf(name);
    const there = item.values[name];
    const keys = keysOf(kind, there);
    const wanted = wantedBy(edit, name)!;
    const known = fields[name];
    if (known !== undefined) fields[name] = withoutTaken(known, kind, wanted, there);
    const fresh = wanted.filter((value) =>
      !keys.has(valueKey(kind, value)) &&
      // A form of it that stands there already is somebody else's, and would look like ours.
      !there.some((stands) => mayStandFor(name, value, stands, ways))
    );
    begun[name] = [...new Set([...begun[name] ?? [], ...fresh])];
  }
  return { ...memory, begun, fields };
}

/** What is known of a field once a write may have taken away what stood there: it is ours still. */
function withoutTaken(
  known: FieldMemory,
  kind: Field["kind"],
  wanted: readonly string[],
  there: readonly string[],
): FieldMemory {
  if (kind !== "names") return wanted.length > 0 ? known : { ...known, sent: [], stood: [] };
  const left = keysOf(kind, wanted);
  const taken = new Set([...keysOf(kind, there)].filter((key) => !left.has(key)));
  return { ...known, sent: known.sent.filter((name) => !taken.has(valueKey(kind, name))) };
}

/** An image that is about to be sent, and the target's own key of what is shown before. */
export interface ImageToCome {
  field: ImageField;
  before: readonly string[];
}

/**
 * The same for images that were not locked: else the lock that stands after an upload that failed
 * would be taken for a person's choice.
 */
export function beginImages(memory: Memory, images: readonly ImageToCome[]): Memory {
  const begun = { ...memory.begun };
  for (const { field, before } of images) begun[field] ??= before;
  return { ...memory, begun };
}

/** One write, from what was wanted to what stands now. */
export interface SeenWrite {
  /** The scene's values, for the fields that are synced. */
  wanted: Partial<Record<FieldName, readonly string[]>>;
  /** What was sent; null when nothing had to be. */
  edit: Edit | null;
  /** The item before the write, and after it. The same when nothing was written. */
  before: Item;
  after: Item;
  /** Fields that were left as they were undone; default none. */
  undone?: readonly FieldName[];
  /** Fields that were left as a person set them. */
  kept: readonly FieldName[];
  /** Fields in which something else stands than what was sent. */
  failed: readonly FieldName[];
  /** Fields that a person changed between our write and the look at it. */
  theirs: readonly FieldName[];
}

/** The memory to keep once a write was seen to its end. Images are noted by `noteImage`. */
export function endWrite(
  memory: Memory,
  seen: SeenWrite,
  { sceneHash, writtenAt }: Pick<Memory, "sceneHash" | "writtenAt">,
  ways: Forms,
): Memory {
  const fields = { ...memory.fields };
  // What did not take may come yet, from a server that is late: it would be ours.
  const begun = Object.fromEntries(
    (Object.entries(memory.begun) as [FieldName, readonly string[]][]).filter(([name]) =>
      seen.failed.includes(name) || fieldOf(name).kind === "image"
    ),
  );
  for (const name of Object.keys(seen.wanted) as FieldName[]) {
    if (seen.failed.includes(name)) continue;
    const settled = settle(memory, name, seen, ways);
    if (settled !== null) fields[name] = settled;
  }
  return { ...memory, fields, begun, sceneHash, writtenAt };
}

/** @returns null where what was known before still holds */
function settle(
  memory: Memory,
  name: FieldName,
  seen: SeenWrite,
  ways: Forms,
): FieldMemory | null {
  const { edit, before, after, kept, theirs } = seen;
  const wanted = seen.wanted[name]!;
  const stood = after.values[name];
  const written = edit !== null && editedFields(edit).includes(name);
  // Ours stood there for a moment; that what stands now is another's shows by comparison.
  if (theirs.includes(name)) return { sent: wanted, stood: wanted, ours: wanted };
  if (fieldOf(name).kind === "names") {
    if (!written && wanted.length === 0) return null;
    return settleNames(memory, name, wanted, written ? before : null, stood, ways);
  }
  const isNew = written && !sameValues(fieldOf(name).kind, before.values[name], stood);
  if (isNew) return { sent: wanted, stood, ours: stood };
  // Nobody's edit, and no form of what is wanted: once it is held no longer that is to be written.
  if (!written && seen.undone?.includes(name)) return { sent: [], stood, ours: [] };
  // Nothing wanted and nothing written says nothing; what a person set is theirs.
  if (!written && (wanted.length === 0 || kept.includes(name))) return null;
  return { sent: wanted, stood, ours: stood.filter((value) => isOwn(memory, name, value, ways)) };
}

/** @param before The item before the write; null when its names were not written */
function settleNames(
  memory: Memory,
  name: FieldName,
  wanted: readonly string[],
  before: Item | null,
  stood: readonly string[],
  ways: Forms,
): FieldMemory {
  const key = (value: string) => valueKey("names", value);
  const there = before?.values[name] ?? stood;
  const old = keysOf("names", there);
  const isNew = (stands: string) => !old.has(key(stands));
  const pairs = pairNames(wanted, stood, (sent, stands) => ways.isFormOf(name, sent, stands));
  const paired = new Set(pairs.values());
  const lastSent = keysOf("names", memory.fields[name]?.sent ?? []);
  return {
    // One that was there once and is not now was taken away by a person, and stays known for that.
    sent: wanted.filter((value) => pairs.has(value) || lastSent.has(key(value))),
    stood,
    ours: stood.filter((stands) =>
      isOwn(memory, name, stands, ways) || (isNew(stands) && paired.has(stands))
    ),
  };
}

/**
 * Notes which image stands in a field.
 * @param after The item as read after that
 */
export function noteImage(
  memory: Memory,
  name: ImageField,
  look: CoverMemory,
  after: Item,
): Memory {
  const { digest } = look;
  const known: FieldMemory = { sent: [digest], stood: after.values[name], ours: [digest] };
  const { [name]: _, ...begun } = memory.begun;
  return { ...noteCover(memory, name, look), begun, fields: { ...memory.fields, [name]: known } };
}

/** Notes what is known of the cover, the image itself being as it was. */
export function noteCover(memory: Memory, name: ImageField, look: CoverMemory): Memory {
  return { ...memory, covers: { ...memory.covers, [name]: look } };
}

/**
 * The memory after an undo of some fields: what was taken back is ours no longer, so that nobody
 * takes it for a person's edit; what came back by the undo of an undo is ours again.
 * @param after The item as read after that
 */
export function memoryAfterUndo(
  memory: Memory,
  undone: readonly Pick<UndoneField, "field" | "forgotten" | "recalled">[],
  after: Item,
): Memory {
  const fields = { ...memory.fields };
  const begun = { ...memory.begun };
  for (const { field, forgotten, recalled } of undone) {
    const { kind } = fieldOf(field);
    const stood = after.values[field];
    const known = fields[field];
    if (kind !== "names") {
      if (forgotten !== true && recalled === null) continue;
      delete begun[field];
      delete fields[field];
      if (recalled === null) continue;
      const { sent, stands } = recalled;
      fields[field] = { sent, stood, ours: kind === "image" ? sent : stands };
      continue;
    }
    const gone = keysOf("names", forgotten === true ? [] : forgotten);
    const kept = (names: readonly string[]) =>
      names.filter((name) => forgotten !== true && !gone.has(valueKey("names", name)));
    begun[field] = kept(begun[field] ?? []);
    if (known === undefined && recalled === null) continue;
    const joined = (names: readonly string[], more: readonly string[] = []) => [
      ...new Set([...kept(names), ...more]),
    ];
    fields[field] = {
      sent: joined(known?.sent ?? [], recalled?.sent),
      stood,
      ours: joined(known?.ours ?? [], recalled?.stands),
    };
  }
  return { ...memory, fields, begun };
}
