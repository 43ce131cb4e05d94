import {
  type Field,
  type FieldName,
  fieldsOn,
  type FieldSwitch,
  hasMetadata,
  type ItemType,
  keysOf,
  type ListField,
  originOf,
  sameValues,
  type TextField,
  valueKey,
} from "./fields.ts";
import {
  type Hold,
  type Holds,
  isHeld,
  isHeldOff,
  isHeldOn,
  NO_HOLDS,
  released,
} from "../journal/holds.ts";
import { type Edit, editedFields, type Item, type NamesEdit, NO_EDIT, wantedBy } from "./item.ts";
import { type FieldMemory, isKnownName, isOwn, type Memory } from "./memory.ts";
import { areSameNames, holdsSpelling, isSameSpelling, pairNames } from "./names.ts";
import { isPersons, verdictOn } from "./person_edits.ts";
import type { Scene } from "./scene.ts";
import type { Omission, Ways } from "./ways.ts";

/** The part of the configuration that decides what is written. */
export interface SyncRules extends Readonly<Record<FieldSwitch, boolean>> {
  preservePlexEdits: boolean;
  tagMode: "merge" | "mirror";
  /** 10..500 */
  maxTags: number;
}

/** One difference, for people and for `changed_fields`. */
export interface Change {
  field: FieldName;
  from: string;
  to: string;
}

export interface Plan {
  /** What has to be written, images excepted; null when the target already has it. */
  edit: Edit | null;
  changes: Change[];
  /** Fields left as a person set them (`preserve_plex_edits`). */
  kept: FieldName[];
  /** Fields in which what a person set goes, as far as that can be told: it was locked, or ours. */
  overwritten: FieldName[];
  /** Fields that were undone, and are left so. */
  undone: FieldName[];
  /** What of the scene is not written, or not in full. */
  omitted: Omission[];
  /** Fields that the scene has a value for and items of this type do not have. */
  absent: FieldName[];
}

/** The scene's values for the fields that are synced, images excepted; [] where it has none. */
export type Wanted = Partial<Record<FieldName, string[]>>;

/**
 * What the scene asks an item of this type to hold. A scene that is not identified asks for
 * nothing: its title is left alone, and of the rest what we wrote for an earlier state of it goes.
 */
export function wantedOf(
  scene: Scene,
  type: ItemType,
  rules: SyncRules,
  fields = textualFields(rules),
): Wanted {
  const identified = hasMetadata(scene);
  const wanted: Wanted = {};
  for (const field of fields) {
    if (!field.types.includes(type) || (!identified && field.name === "title")) continue;
    wanted[field.name] = identified ? field.derive(scene, rules) : [];
  }
  return wanted;
}

function textualFields(rules: SyncRules): Field[] {
  return fieldsOn(rules).filter(({ kind }) => kind !== "image");
}

/**
 * What has to change in the target so that the item equals the scene, and nothing more.
 * @param memory What we wrote to this very item; null for nothing
 */
export function planSync(
  scene: Scene,
  item: Item,
  memory: Memory | null,
  rules: SyncRules,
  ways: Ways,
  holds: Holds = NO_HOLDS,
): Plan {
  const fields = textualFields(rules);
  const wantedValues = wantedOf(scene, item.type, rules, fields);
  const edit: Edit = { text: {}, names: {}, lock: [] };
  const plan: Plan = {
    edit: null,
    changes: [],
    kept: [],
    overwritten: [],
    undone: [],
    omitted: [],
    absent: [],
  };
  const settled: FieldName[] = [];
  const over = released(holds, scene);
  for (const field of fields) {
    const { name, kind } = field;
    const wanted = wantedValues[name];
    if (wanted === undefined) {
      if (!field.types.includes(item.type) && field.derive(scene, rules).length > 0) {
        plan.absent.push(name);
      }
      continue;
    }
    const omits = field.omits(scene, rules);
    if (omits !== null) plan.omitted.push({ field: name, text: omits });
    const hold = over.has(name) ? over.get(name) ?? undefined : holds.get(name);
    if (kind === "names") {
      const left = wanted.filter((each) => !isHeldOff(hold, each));
      const sides = { names: left, isEmpty: wanted.length === 0, hold };
      const planned = planNames(name as ListField, sides, item, memory, rules, ways);
      const { next, kept, overwrites, held } = planned;
      if (kept) plan.kept.push(name);
      if (overwrites) plan.overwritten.push(name);
      if (held || left.length < wanted.length) plan.undone.push(name);
      if (next !== null) edit.names[name as ListField] = next;
      else if (wanted.length > 0 && hold === undefined) settled.push(name);
      continue;
    }
    if (isHeld(hold, originOf(name, scene))) {
      if (!sameValues(kind, wanted, item.values[name])) plan.undone.push(name);
      continue;
    }
    const verdict = verdictOn(field, wanted, item, memory, rules.preservePlexEdits, ways);
    if (verdict === "kept") plan.kept.push(name);
    if (verdict === "same" && wanted.length > 0) settled.push(name);
    if (verdict === "same" && kind === "text" && !sameValues(kind, wanted, item.values[name])) {
      // What stands there is a part of it only: that is to be known as long as it is so.
      const whole = { ...NO_EDIT, text: { [name]: wanted[0] ?? "" } };
      plan.omitted.push(...ways.fit(item, whole).omitted);
    }
    if (verdict !== "change" && verdict !== "overwrite") continue;
    if (verdict === "overwrite") plan.overwritten.push(name);
    if (kind === "rating") edit.rating = wanted.length === 0 ? null : Number(wanted[0]);
    else edit.text[name as TextField] = wanted[0] ?? "";
  }
  const fitted = ways.fit(item, edit);
  plan.omitted.push(...fitted.omitted);
  const edited = editedFields(fitted.edit);
  plan.overwritten = plan.overwritten.filter((field) => edited.includes(field));
  plan.changes = edited.map((field) => ({
    field,
    from: item.values[field].join(", "),
    to: wantedBy(fitted.edit, field)!.join(", "),
  }));
  if (edited.length > 0) {
    const lockable = edited.filter((name) => name !== "rating");
    // Fields that are right already get their lock on the way: it costs nothing in the request that
    // is sent anyway, and without it a refresh by the target's own agent takes the value back.
    const open = lockable.length === 0
      ? []
      : settled.filter((name) => name !== "rating" && !item.locked.includes(name));
    plan.edit = { ...fitted.edit, lock: [...lockable, ...open] };
  }
  return plan;
}

function planNames(
  name: ListField,
  { names, isEmpty, hold }: {
    names: readonly string[];
    /** Stash has no names for it, also none that are held. */
    isEmpty: boolean;
    hold: Hold | undefined;
  },
  item: Item,
  memory: Memory | null,
  rules: SyncRules,
  ways: Ways,
): { next: NamesEdit | null; kept: boolean; overwrites: boolean; held: boolean } {
  const key = (value: string) => valueKey("names", value);
  const now = item.values[name];
  // Most are so, and whatever is remembered, nothing is to be done then.
  if (areSameNames(names, now)) return { next: null, kept: false, overwrites: false, held: false };
  const last = memory?.fields[name];
  const touched = isPersons(name, item, memory);
  const held = rules.preservePlexEdits && touched;
  const pairs = pairNames(
    names,
    now,
    (wanted, stands) => isKnownName(memory, name, wanted, stands, ways),
  );
  // Stood there after our write and is gone now: a person took it away.
  const sent = keysOf("names", last?.sent ?? []);
  const wanted = held ? names.filter((each) => pairs.has(each) || !sent.has(key(each))) : names;
  let kept = wanted.length < names.length;
  let overwrites = touched && wanted.some((each) => !pairs.has(each) && sent.has(key(each)));

  const respelt = new Set<string>();
  for (const [each, stands] of pairs) {
    if (isSpeltAsKnown(each, stands, last)) continue;
    const isTheirs = touched && !holdsSpelling(last?.stood ?? [], stands);
    if (held && isTheirs) kept = true;
    else respelt.add(each);
    overwrites ||= isTheirs;
  }

  const paired = new Set(pairs.values());
  const wantedKeys = keysOf("names", wanted);
  // An empty list may be one that nobody filled in yet: it takes no foreign name away.
  const mirrors = rules.tagMode === "mirror" && name !== "collection" && !isEmpty;
  const isMirrored = mirrors && !held;
  let isUndone = false;
  const remove = now.filter((each) => {
    if (paired.has(each)) return false;
    // The same name in two spellings: which of them is a person's cannot be told.
    const goes = isMirrored || (!wantedKeys.has(key(each)) && isOwn(memory, name, each, ways));
    if (!goes || !isHeldOn(hold, each)) return goes;
    isUndone = true;
    return false;
  });
  const mirrorKept = mirrors && held &&
    now.some((each) => !paired.has(each) && !remove.includes(each));
  if (mirrorKept) kept = true;
  overwrites ||= touched && remove.some((each) => !isOwn(memory, name, each, ways));
  const adds = wanted.some((each) => !pairs.has(each));
  if (!adds && remove.length === 0 && respelt.size === 0) {
    return { next: null, kept, overwrites: false, held: isUndone };
  }

  // The target's own spelling of a known name: another letter case may become a second one.
  const first = wanted.map((each) => ({
    name: respelt.has(each) ? each : pairs.get(each) ?? each,
    role: roleOf(name, pairs.get(each), item),
  }));
  const rest = now.filter((each) => !paired.has(each) && !remove.includes(each))
    .map((each) => ({ name: each, role: roleOf(name, each, item) }));
  const want = [...first, ...rest].map(({ name, role }) =>
    role === undefined ? { name } : { name, role }
  );
  const gone = [...remove, ...[...respelt].map((n) => pairs.get(n)!)];
  return {
    next: { want, remove: gone },
    kept,
    overwrites: overwrites && !held,
    held: isUndone,
  };
}

/** Whether a standing name needs no respelling: it is spelt as wanted, or as the target spells it. */
function isSpeltAsKnown(wanted: string, stands: string, last: FieldMemory | undefined): boolean {
  return isSameSpelling(wanted, stands) ||
    (last !== undefined && holdsSpelling(last.sent, wanted) && holdsSpelling(last.stood, stands));
}

/** The role that is restated with a standing name, which a target would lose otherwise. */
export function roleOf(
  name: ListField,
  stands: string | undefined,
  item: Item,
): string | undefined {
  return name === "performers" && stands !== undefined ? item.roles[stands] : undefined;
}
