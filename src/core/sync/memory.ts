import {
  type FieldName,
  fieldOf,
  type ImageField,
  keysOf,
  sameValues,
  valueKey,
} from "./fields.ts";
import type { KnownMatch } from "../match/match.ts";
import type { SceneFile } from "./scene.ts";
import { isSameFolded } from "./names.ts";
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

/** Whether the lock of an image is a person's, who chose what is shown with it. */
export function isLockTheirs(memory: Memory | null, name: ImageField, shown: readonly string[]) {
  const before = memory?.begun[name];
  return before === undefined || !sameValues("image", before, shown);
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
