import { type ListField, valueKey } from "../sync/fields.ts";
import type { Edit } from "../sync/item.ts";
import {
  type Entry,
  entryKey,
  nameOf,
  placeAfter,
  sameEntries,
  standing,
  toName,
} from "./journal.ts";
import {
  changeOf,
  type LeftWhy,
  lockBefore,
  notKept,
  relock,
  stoodOf,
  type UndoneField,
  type UndoPlan,
  type UndoSight,
} from "./undo_field.ts";
import { againAfter, isRedo, isUndo, type Link, type UndoRow } from "./undo_scope.ts";
import type { Ways } from "../sync/ways.ts";

/** What is known of names of a list, by key: whether each is to be there in the end. */
type Wanted = ReadonlyMap<string, { entry: Entry; isThere: boolean }>;

/** What the walk back through the writes to a list comes to. */
interface Walk {
  wanted: Wanted;
  /** The writes of which something is taken back, the newest first. */
  undone: readonly UndoRow[];
  /** Ids of those of which nothing is left to take back. */
  done: readonly number[];
  lock: boolean;
  /** What stood before all of it, in order; null when somebody else had a hand in the list. */
  whole: readonly Entry[] | null;
  /** Names that stay, since more than this item's name would go. */
  spared: readonly string[];
  why: LeftWhy | null;
  /** What comes back, if anything, is not yet what was asked for. */
  isShort: boolean;
}

/** Takes back a list, name by name: each is there or not, and who made it so last decides. */
export function undoNames(
  sight: UndoSight,
  field: ListField,
  chain: readonly Link[],
  plan: UndoPlan,
  edit: Edit,
): void {
  const now = standing(sight.item, field);
  const before = sight.item.locked.includes(field);
  const walk = walkBack(sight, field, chain, now, before);
  const { wanted, undone, done, lock, whole, spared, why, isShort } = walk;
  const names = arranged(now, wanted, undone);
  // The places count where nobody else had a hand in the list, and no other undo took away since
  // what an older write had left there.
  const placed = whole !== null && differing(names, whole).length === 0 ? whole : null;
  const result = placed ?? names;
  const changed = placed === null ? differing(now, names).length > 0 : !sameEntries(now, placed);
  if (why !== null && (isShort || !changed)) plan.left.push({ field, why });
  else if (isRespelt(now, undone, wanted)) {
    plan.left.push({ field, why: "changed by somebody since" });
  }
  for (const name of spared) {
    const why = `the collection ${name} has been edited by somebody and would end with it` as const;
    plan.left.push({ field, why });
  }
  if (changed) {
    plan.changes.push(changeOf(field, now, result));
    const left = new Set(result.map(nameOf));
    edit.names[field] = {
      want: result.map(toName),
      remove: now.map(nameOf).filter((name) => !left.has(name)),
    };
  }
  relock(field, before, lock, edit);
  if (undone.length === 0) return;
  // As long as one of its names stays, the writes are not taken back.
  const writes = spared.length > 0 ? [] : done;
  plan.fields.push({ ...undoneNames(field, undone, wanted, sight), writes });
}

function walkBack(
  sight: UndoSight,
  field: ListField,
  chain: readonly Link[],
  now: readonly Entry[],
  locked: boolean,
): Walk {
  const there = new Set(now.map(keyOf));
  const toSpare = new Set(field === "collection" ? (sight.spared ?? []).map(nameKey) : []);
  /** Names that somebody else, or a write that is not meant, has the last word on. */
  const settled = new Set<string>();
  const wanted = new Map<string, { entry: Entry; isThere: boolean }>();
  const spared = new Set<string>();
  /** Those of them that a write has which is not meant. */
  const newer = new Set<string>();
  const undone: UndoRow[] = [];
  const done: number[] = [];
  let lock = locked;
  let next: readonly Entry[] = now;
  let isWhole = true;
  let isTouched = false;
  let isLockedSince = false;
  let isShort = false;
  let why: LeftWhy | null = null;
  for (const { row, isMeant, isBlurred, isOver } of chain) {
    const stood = stoodOf(row, next, sight)!;
    isWhole &&= sameEntries(stood, next);
    const changed = differing(row.before, stood);
    if (isMeant && row.sure && !isBlurred) {
      // Is as it was before the write, by whomever: that is to be left so.
      for (const { key, entry, isThere } of statesBefore(row, stood, changed)) {
        const isBack = !settled.has(key) && has(next, key) === isThere &&
          isThere === there.has(keyOf(entry));
        if (isBack && !wanted.has(key)) wanted.set(key, { entry, isThere });
      }
    }
    const theirs = differing(stood, next);
    for (const key of theirs) settled.add(key);
    // Whoever changed the list has it locked too: that stays, as it does with a value of theirs.
    isTouched ||= theirs.length > 0;
    const moved = changed.filter((key) => !settled.has(key));
    if (isOver) {
      next = row.before;
      continue;
    }
    if (!isMeant) {
      for (const key of moved) {
        settled.add(key);
        newer.add(key);
      }
      if (moved.length > 0) why = "written again since";
      isWhole &&= moved.length === 0;
      isLockedSince ||= row.lockedAfter;
    } else if (isBlurred || !row.sure) {
      if (changed.length === 0) continue;
      why = isBlurred ? notKept(sight) : "what stood before is not known";
      isShort = true;
      break;
    } else {
      for (const { key, entry, isThere } of statesBefore(row, stood, moved)) {
        if (!isThere && toSpare.has(nameKey(nameOf(entry)))) {
          spared.add(nameOf(entry));
          settled.add(key);
          isWhole = false;
        } else wanted.set(key, { entry, isThere });
      }
      const isPart = changed.some((key) => newer.has(key));
      // What was written since needs the lock: it is opened together with that.
      const staysLocked = isLockedSince && row.lockedAfter && !row.lockedBefore;
      if (!isPart && !staysLocked) done.push(row.write);
      if (!isPart || moved.length > 0) {
        if (!isTouched && !staysLocked) lock = lockBefore(lock, row);
        undone.push(row);
      }
    }
    next = row.before;
  }
  const whole = isWhole && why === null ? [...next] : null;
  if (spared.size > 0) lock = locked;
  return { wanted, undone, done, lock, whole, spared: [...spared], why, isShort };
}

/** How some names stood before a write. */
function statesBefore(
  { before }: UndoRow,
  stood: readonly Entry[],
  keys: readonly string[],
): { key: string; entry: Entry; isThere: boolean }[] {
  const old = new Map(before.map((entry) => [entryKey(entry), entry]));
  return keys.map((key) => ({
    key,
    entry: old.get(key) ?? stood.find((each) => entryKey(each) === key)!,
    isThere: old.has(key),
  }));
}

function undoneNames(
  field: ListField,
  undone: readonly UndoRow[],
  wanted: Wanted,
  { rows, ways }: UndoSight,
): Omit<UndoneField, "writes"> {
  const newest = undone[0]!;
  const moved = [...wanted.values()];
  const names = moved.map(({ entry }) => nameOf(entry));
  const standing = (isThere: boolean) =>
    moved.filter((each) => each.isThere === isThere).map(({ entry }) => nameOf(entry));
  if (isUndo(newest) && !isRedo(newest)) {
    const known = againAfter(rows, field, newest.runId)?.sent.map(nameOf) ?? [];
    const spelt = (name: string) => spelling(known, name, field, ways);
    const lifted = [...names, ...names.map(spelt)];
    const stands = standing(true);
    const recalled = { sent: stands.map(spelt), stands };
    return { field, hold: null, lifted, forgotten: [], recalled };
  }
  const ours = isUndo(newest) ? rows.filter((row) => row.field === field && !isUndo(row)) : undone;
  const origins = ours.flatMap(({ origin }) => origin ?? []);
  const spelt = (name: string) => spelling(origins, name, field, ways);
  const off = standing(false).map(spelt);
  const origin = rows.findLast((row) => row.field === field && row.origin !== null)?.origin ?? [];
  const hold = { field, origin, off, on: standing(true).map(spelt) };
  return { field, hold, lifted: [], forgotten: [...names, ...off], recalled: null };
}

/** Keys of the entries that just one of two lists has. */
function differing(a: readonly Entry[], b: readonly Entry[]): string[] {
  return [...new Set(a.map(entryKey)).symmetricDifference(new Set(b.map(entryKey)))];
}

function has(entries: readonly Entry[], key: string): boolean {
  return entries.some((entry) => entryKey(entry) === key);
}

function nameKey(name: string): string {
  return valueKey("names", name);
}

function keyOf(entry: Entry): string {
  return nameKey(nameOf(entry));
}

/** The name in the spelling that Stash, or a write, has for it. */
function spelling(
  names: readonly string[],
  stands: string,
  field: ListField,
  ways: Pick<Ways, "isFormOf">,
): string {
  return names.find((name) => name === stands) ??
    names.find((name) => ways.isFormOf(field, name, stands)) ?? stands;
}

/** Whether a name that we added stands there in somebody else's spelling. */
function isRespelt(now: readonly Entry[], undone: readonly UndoRow[], wanted: Wanted): boolean {
  const there = new Set(now.map(entryKey));
  const names = new Set(now.map(keyOf));
  return undone.some(({ before, stood }) => {
    const old = new Set(before.map(entryKey));
    return (stood ?? []).some((entry) => {
      const key = entryKey(entry);
      return !old.has(key) && !there.has(key) && !wanted.has(key) && names.has(keyOf(entry));
    });
  });
}

/** What stands there without what goes, and with what comes back at its old place. */
function arranged(
  now: readonly Entry[],
  wanted: Wanted,
  undone: readonly UndoRow[],
): readonly Entry[] {
  const list = now.filter((entry) => wanted.get(entryKey(entry))?.isThere !== false);
  const order = undone.at(-1)?.before ?? [];
  for (const { entry, isThere } of wanted.values()) {
    if (!isThere || has(list, entryKey(entry))) continue;
    // Somebody has it there in another spelling: one of both is enough, unless both stood there.
    const another = list.find((each) => keyOf(each) === keyOf(entry));
    if (another !== undefined && !stoodTogether(entry, another, undone)) continue;
    const place = order.findIndex((each) => entryKey(each) === entryKey(entry));
    list.splice(placeAfter(order.slice(0, Math.max(0, place)), list), 0, entry);
  }
  return list;
}

/** Whether two entries stood in the list before one of the writes. */
function stoodTogether(one: Entry, other: Entry, undone: readonly UndoRow[]): boolean {
  const keys = [entryKey(one), entryKey(other)];
  return undone.some(({ before }) => keys.every((key) => has(before, key)));
}
