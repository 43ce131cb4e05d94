import { type FieldName, fieldOf, originOf, valueKey } from "../sync/fields.ts";
import type { Scene } from "../sync/scene.ts";
import { foldKey } from "../text/sanitize.ts";

/** What of a field was undone, and stays so until what Stash has for it changes. */
export interface Hold {
  field: FieldName;
  /**
   * What Stash had for it then, as far as it was written; of a list it only tells whether a name
   * that is on was there in another spelling.
   */
  origin: readonly string[];
  /** Names, as Stash spells them, that are not to be added while Stash has them. */
  off: readonly string[];
  /** Names that are not to be taken away while Stash lacks them, or has them as it had then. */
  on: readonly string[];
}

/** What was undone on one item. */
export type Holds = ReadonlyMap<FieldName, Hold>;

export const NO_HOLDS: Holds = new Map();

/** Whether a field that holds one value is still as it was undone. */
export function isHeld(hold: Hold | undefined, origin: readonly string[]): boolean {
  return hold !== undefined && hold.origin.length === origin.length &&
    hold.origin.every((value, at) => value === origin[at]);
}

/** Whether a name of a list is not to be added. */
export function isHeldOff(hold: Hold | undefined, name: string): boolean {
  return hold !== undefined && has(hold.off, name);
}

/** Whether a name of a list is not to be taken away. */
export function isHeldOn(hold: Hold | undefined, name: string): boolean {
  return hold !== undefined && hasFolded(hold.on, name);
}

/**
 * What of the holds is over, because Stash has something else now. Of images only who reads the
 * cover can tell.
 * @returns what is left of each hold that changed: null for nothing
 */
export function released(holds: Holds, scene: Scene): Map<FieldName, Hold | null> {
  const changed = new Map<FieldName, Hold | null>();
  for (const [field, hold] of holds) {
    const { kind } = fieldOf(field);
    if (kind === "image") continue;
    const origin = originOf(field, scene);
    if (kind !== "names") {
      if (!isHeld(hold, origin)) changed.set(field, null);
      continue;
    }
    const off = hold.off.filter((name) => has(origin, name));
    // One that Stash had then too is another spelling of what it has: it is held in both.
    const had = [...hold.origin, ...hold.off];
    const on = hold.on.filter((name) => hasFolded(origin, name) === hasFolded(had, name));
    if (off.length === hold.off.length && on.length === hold.on.length) continue;
    changed.set(field, off.length + on.length === 0 ? null : { ...hold, off, on });
  }
  return changed;
}

/** Both holds of one field together; of a name the newer decides. */
export function joined(older: Hold | undefined, newer: Hold): Hold {
  if (older === undefined) return newer;
  const isNew = (name: string) => has(newer.off, name) || has(newer.on, name);
  return {
    ...newer,
    off: [...newer.off, ...older.off.filter((name) => !isNew(name))],
    on: [...newer.on, ...older.on.filter((name) => !isNew(name))],
  };
}

/** The hold without names that an undo of the undo brought back, or took away again. */
export function withoutNames(hold: Hold, names: readonly string[]): Hold | null {
  const off = hold.off.filter((name) => !has(names, name));
  const on = hold.on.filter((name) => !has(names, name));
  return off.length + on.length === 0 ? null : { ...hold, off, on };
}

function has(names: readonly string[], name: string): boolean {
  const key = valueKey("names", name);
  return names.some((each) => valueKey("names", each) === key);
}

/** The same where a name may stand as a server spells it: "ß" as "SS". */
function hasFolded(names: readonly string[], name: string): boolean {
  const key = foldKey(name);
  return names.some((each) => foldKey(each) === key);
}
