import {
  type FieldName,
  fieldOf,
  type ImageField,
  keysOf,
  sameValues,
  valueKey,
} from "./fields.ts";
import { type Edit, editedFields, type Item, wantedBy } from "./item.ts";
import type { KnownMatch } from "./match.ts";
import type { SceneFile } from "./scene.ts";

/**
 * What plexsync knows of its own writes to one field of one item, as lists of values: one of a text
 * or a rating, any number of names, of an image the digest of its bytes.
 */
export interface FieldMemory {
  /** What was last wanted there; [] when it was cleared. */
  sent: readonly string[];
  /** What stood there after that write, in the target's own form: all of it, foreign names too. */
  stood: readonly string[];
  /** What of it is ours, and may be taken away again. */
  ours: readonly string[];
}

/** What was last seen of the cover that an image was made of; saves asking for it again. */
export interface CoverLook {
  /** The source's ETag of the bytes, or null. */
  etag: string | null;
  /** `updated_at` of the scene for which the cover was last looked at. */
  sceneUpdatedAt: string;
  /** False while the cover may have changed again within the second of that stamp. */
  sure: boolean;
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
  /** What was sent since by writes whose end nobody saw: it may stand there too. */
  begun: Partial<Record<FieldName, readonly string[]>>;
  looks: Partial<Record<ImageField, CoverLook>>;
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
    looks: {},
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

/** Keys of the values that are ours, or that we began to write. */
export function ownKeys(memory: Memory | null, name: FieldName): Set<string> {
  const values = [...memory?.fields[name]?.ours ?? [], ...memory?.begun[name] ?? []];
  return keysOf(fieldOf(name).kind, values);
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

/** Whether what stands there is the target's own form of just these wanted values. */
export function isFormOf(
  memory: Memory | null,
  name: FieldName,
  wanted: readonly string[],
  now: readonly string[],
): boolean {
  const known = memory?.fields[name];
  return known !== undefined && sameValues(fieldOf(name).kind, known.sent, wanted) &&
    standsAsWritten(memory, name, now);
}

/**
 * The memory to keep before a write, so that a value whose write nobody saw end (killed, answer
 * lost) is known for ours when it stands there, and can be changed or taken back.
 * @param item As read before the write
 */
export function beginWrite(memory: Memory, edit: Edit, item: Item): Memory {
  const begun = { ...memory.begun };
  for (const name of editedFields(edit)) {
    const { kind } = fieldOf(name);
    const there = keysOf(kind, item.values[name]);
    const fresh = wantedBy(edit, name)!.filter((value) => !there.has(valueKey(kind, value)));
    begun[name] = [...new Set([...begun[name] ?? [], ...fresh])];
  }
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
}

/** The memory to keep once a write was seen to its end. Images are noted by `noteImage`. */
export function endWrite(
  memory: Memory,
  { wanted, edit, before, after }: SeenWrite,
  { sceneHash, writtenAt }: Pick<Memory, "sceneHash" | "writtenAt">,
): Memory {
  const fields = { ...memory.fields };
  const written = new Set<FieldName>(edit === null ? [] : editedFields(edit));
  // What an unseen write left is settled now, even if nothing had to be written again.
  const unseen = Object.keys(memory.begun) as FieldName[];
  for (const name of new Set([...written, ...unseen])) {
    const settled = settle(memory, name, written.has(name), wanted[name] ?? [], before, after);
    if (settled !== null) fields[name] = settled;
  }
  return { ...memory, fields, begun: {}, sceneHash, writtenAt };
}

function settle(
  memory: Memory,
  name: FieldName,
  written: boolean,
  wanted: readonly string[],
  before: Item,
  after: Item,
): FieldMemory | null {
  const { kind } = fieldOf(name);
  const stood = after.values[name];
  const own = ownKeys(memory, name);
  if (kind === "names") {
    const old = keysOf(kind, before.values[name]);
    const isOurs = (value: string) =>
      own.has(valueKey(kind, value)) || (written && !old.has(valueKey(kind, value)));
    return { sent: wanted, stood, ours: wanted.filter(isOurs) };
  }
  if (written) return { sent: wanted, stood, ours: stood };
  // Whether the unseen write took effect: if not, what is known stays.
  const isOurs = stood.length > 0 && keysOf(kind, memory.begun[name] ?? [])
    .has(valueKey(kind, stood[0]!));
  return isOurs ? { sent: stood, stood, ours: stood } : null;
}

/**
 * Notes which image stands in a field.
 * @param digest SHA-1 of its bytes, lower-case hex
 * @param after The item as read after that
 */
export function noteImage(
  memory: Memory,
  name: ImageField,
  digest: string,
  look: CoverLook,
  after: Item,
): Memory {
  const known: FieldMemory = { sent: [digest], stood: after.values[name], ours: [digest] };
  return {
    ...memory,
    fields: { ...memory.fields, [name]: known },
    looks: { ...memory.looks, [name]: look },
  };
}
