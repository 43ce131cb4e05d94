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
import type { KnownMatch } from "../match/match.ts";
import type { SceneFile } from "./scene.ts";
import { isSameFolded, pairNames } from "./names.ts";
import type { UndoneField } from "../journal/undo_field.ts";
import type { Ways } from "./ways.ts";

/**
 * What plexsync knows of its own writes to one field of one item, as lists of values: one of a text
 * or a rating, any number of names, of an image the digest of its bytes.
 */
export interface FieldMemory {
  /** What was last wanted there and was seen to stand; [] when it was cleared, or began to be. */
  sent: readonly string[];
  /** What stood there after that write, in the target's own form: all of it, foreign names too. */
  stood: readonly string[];
  /** What of it is ours, in the target's own form, and may be taken away again. */
  ours: readonly string[];
}

/** What was last seen of the cover that an image was made of; saves asking for it again. */
export interface CoverMemory {
  /** The source's ETag of the bytes, or null. */
  etag: string | null;
  /** SHA-1 of the bytes, lower-case hex; "" when they could not be read. */
  digest: string;
  /** `updated_at` of the scene for which the cover was last looked at. */
  sceneUpdatedAt: string;
  /** False while the cover may have changed again within the second of that stamp. */
  sure: boolean;
  /** Why this cover is not written, and not tried again until it changes; null when it is. */
  refused: string | null;
  /** False until the target was seen to show what it was sent. */
  shown: boolean;
  /** The target's own key of the image, as it was seen to be shown; null where it was not. */
  key: string | null;
}

/** How the item was found to be the scene's. */
export interface MatchMemory extends Omit<KnownMatch, "item"> {
  /** All files of the scene at that time: by them it is known again, whatever its id is. */
  files: readonly SceneFile[];
}

/** The third side of every decision: what plexsync itself wrote for a scene on one item. */
export interface Memory {
  sceneId: string;
  /** Id of the item in its target. */
  item: string;
  /** null in what was read of a damaged row: then it is no evidence. */
  match: MatchMemory | null;
  fields: Partial<Record<FieldName, FieldMemory>>;
  /**
   * What was sent since by writes whose end nobody saw: it may stand there too. Of an image, what
   * was shown before: its lock is set with the texts, and ours although the image may not follow.
   */
  begun: Partial<Record<FieldName, readonly string[]>>;
  covers: Partial<Record<ImageField, CoverMemory>>;
  /** Digest of the scene's synced content at that time; "" when no write was seen to its end. */
  sceneHash: string;
  /** Epoch ms; 0 when no write was seen to its end. */
  writtenAt: number;
}

export function emptyMemory(sceneId: string, item: string): Memory {
  return {
    sceneId,
    item,
    match: null,
    fields: {},
    begun: {},
    covers: {},
    sceneHash: "",
    writtenAt: 0,
  };
}

/**
 * What is known of an item on which other scenes wrote before: an item has one owner, and what they
 * left there is for the owner to change or to take away.
 * @param own Of the owner
 * @param others The newest first
 */
export function takeOver(own: Memory, others: readonly Memory[]): Memory {
  const fields = { ...own.fields };
  const begun = { ...own.begun };
  for (const other of others) {
    for (const [name, theirs] of Object.entries(other.fields) as [FieldName, FieldMemory][]) {
      const known = fields[name];
      // Of an image only the bytes that are shown count.
      fields[name] = known === undefined || fieldOf(name).kind === "image"
        ? known ?? theirs
        : { ...known, ours: [...new Set([...known.ours, ...theirs.ours])] };
    }
    for (const [name, theirs] of Object.entries(other.begun) as [FieldName, string[]][]) {
      begun[name] = [...new Set([...begun[name] ?? [], ...theirs])];
    }
  }
  return { ...own, fields, begun };
}

type Forms = Pick<Ways, "isFormOf">;

/** Whether a value that stands there is ours, or one that we began to write. */
export function isOwn(
  memory: Memory | null,
  name: FieldName,
  stands: string,
  ways: Forms,
): boolean {
  const { kind } = fieldOf(name);
  const key = valueKey(kind, stands);
  if (keysOf(kind, memory?.fields[name]?.ours ?? []).has(key)) return true;
  return (memory?.begun[name] ?? []).some((sent) =>
    valueKey(kind, sent) === key || ways.isFormOf(name, sent, stands)
  );
}

/** Whether the field stands as our last seen write left it. */
export function standsAsWritten(
  memory: Memory | null,
  name: FieldName,
  now: readonly string[],
): boolean {
  const known = memory?.fields[name];
  return known !== undefined && sameValues(fieldOf(name).kind, known.stood, now);
}

/** Whether what stands there is what the target is known to make of just these wanted values. */
export function isKnownForm(
  memory: Memory | null,
  name: FieldName,
  wanted: readonly string[],
  now: readonly string[],
): boolean {
  const known = memory?.fields[name];
  return known !== undefined && sameValues(fieldOf(name).kind, known.sent, wanted) &&
    standsAsWritten(memory, name, now);
}

/** The same of one name of a list. */
export function isKnownName(
  memory: Memory | null,
  name: FieldName,
  wanted: string,
  stands: string,
  ways: Forms,
): boolean {
  const known = memory?.fields[name];
  return known !== undefined && keysOf("names", known.sent).has(valueKey("names", wanted)) &&
    keysOf("names", known.stood).has(valueKey("names", stands)) &&
    ways.isFormOf(name, wanted, stands);
}

/**
 * Whether what stood there before a write may be all that the target makes of the value: cut, or
 * rounded, or a name in its own spelling. Then that it still stands is no failure, and proves
 * nothing about whose it is. A text in another letter case is none: targets keep that as it is.
 */
export function mayStandFor(
  name: FieldName,
  sent: string,
  stands: string,
  ways: Forms,
): boolean {
  const isName = fieldOf(name).kind === "names";
  return ways.isFormOf(name, sent, stands) && (isName || !isSameFolded(sent, stands));
}

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

/** Whether the lock of an image is a person's, who chose what is shown with it. */
export function isLockTheirs(memory: Memory | null, name: ImageField, shown: readonly string[]) {
  const before = memory?.begun[name];
  return before === undefined || !sameValues("image", before, shown);
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

/** Whether anything may stand there that we wrote, title and images aside. */
export function holdsOurs(memory: Memory | null): boolean {
  if (memory === null) return false;
  const counts = (name: string) => name !== "title" && fieldOf(name as FieldName).kind !== "image";
  return Object.entries(memory.fields).some(([name, { ours }]) =>
    counts(name) && ours.length > 0
  ) ||
    Object.entries(memory.begun).some(([name, values]) => counts(name) && values.length > 0);
}
