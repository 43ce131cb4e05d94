import {
  type Field,
  type FieldName,
  fieldsOn,
  type FieldSwitch,
  keysOf,
  type ListField,
  type TextField,
  valueKey,
} from "./fields.ts";
import { type Edit, editedFields, type Item, type NamesEdit } from "./item.ts";
import { isFormOf, type Memory, ownKeys, standsAsWritten } from "./memory.ts";
import type { Scene } from "./scene.ts";

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
}

/** The scene's values for the fields that are switched on, images excepted; [] where it has none. */
export type Wanted = Partial<Record<FieldName, string[]>>;

/** What the scene asks the target to hold. */
export function wantedOf(scene: Scene, rules: SyncRules): Wanted {
  return Object.fromEntries(
    textualFields(rules).map((field) => [
      field.name,
      field.derive(scene, rules),
    ]),
  );
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
): Plan {
  const edit: Edit = { text: {}, names: {}, lock: [] };
  const plan: Plan = { edit: null, changes: [], kept: [] };
  const settled: FieldName[] = [];
  for (const field of textualFields(rules)) {
    const { name, kind } = field;
    const wanted = field.derive(scene, rules);
    const now = item.values[name];
    if (kind === "names") {
      const { next, kept } = planNames(name as ListField, wanted, item, memory, rules);
      if (kept) plan.kept.push(name);
      if (next === null) {
        if (wanted.length > 0) settled.push(name);
        continue;
      }
      edit.names[name as ListField] = next;
    } else {
      const verdict = planOne(field, wanted, item, memory, rules.preservePlexEdits);
      if (verdict === "kept") plan.kept.push(name);
      if (verdict === "same" && wanted.length > 0) settled.push(name);
      if (verdict !== "change") continue;
      if (kind === "rating") edit.rating = wanted.length === 0 ? null : Number(wanted[0]);
      else edit.text[name as TextField] = wanted[0] ?? "";
    }
    const next = kind === "names" ? edit.names[name as ListField]!.want.map((n) => n.name) : wanted;
    plan.changes.push({ field: name, from: now.join(", "), to: next.join(", ") });
  }
  const edited = editedFields(edit);
  if (edited.length > 0) {
    const lockable = edited.filter((name) => name !== "rating");
    // Fields that are right already get their lock on the way: it costs nothing in the request that
    // is sent anyway, and without it a refresh by the target's own agent takes the value back.
    const open = lockable.length === 0
      ? []
      : settled.filter((name) => name !== "rating" && !item.locked.includes(name));
    plan.edit = { ...edit, lock: [...lockable, ...open] };
  }
  return plan;
}

type Verdict = "same" | "change" | "kept";

/** A field that holds one value or none. */
function planOne(
  { name, kind }: Field,
  wanted: readonly string[],
  item: Item,
  memory: Memory | null,
  preserve: boolean,
): Verdict {
  const [value] = wanted;
  const [now] = item.values[name];
  const same = value === undefined || now === undefined
    ? value === now
    : valueKey(kind, value) === valueKey(kind, now);
  if (same) return "same";
  // The target holds its own form of just this value (it trims, cuts or folds): to write it again
  // would go on for ever.
  if (value !== undefined && isFormOf(memory, name, wanted, item.values[name])) return "same";
  const untouched = standsAsWritten(memory, name, item.values[name]) ||
    (now !== undefined && ownKeys(memory, name).has(valueKey(kind, now)));
  // What we did not write, we do not remove.
  if (value === undefined) return untouched ? "change" : "same";
  const byPerson = memory?.fields[name] !== undefined || item.locked.includes(name);
  return preserve && now !== undefined && !untouched && byPerson ? "kept" : "change";
}

function planNames(
  name: ListField,
  names: readonly string[],
  item: Item,
  memory: Memory | null,
  rules: SyncRules,
): { next: NamesEdit | null; kept: boolean } {
  const key = (value: string) => valueKey("names", value);
  const now = item.values[name];
  const nowKeys = keysOf("names", now);
  const last = memory?.fields[name];
  if (isFormOf(memory, name, names, now)) return { next: null, kept: false };
  let wanted = names;
  let kept = false;
  if (rules.preservePlexEdits && last !== undefined) {
    // Stood there after our write and is gone now: a person took it away.
    const stood = keysOf("names", last.stood);
    wanted = names.filter((each) => nowKeys.has(key(each)) || !stood.has(key(each)));
    kept = wanted.length < names.length;
  }
  const wantedKeys = keysOf("names", wanted);
  const removable = rules.tagMode === "mirror" && name !== "collection"
    ? nowKeys
    : ownKeys(memory, name);
  const remove = now.filter((each) => !wantedKeys.has(key(each)) && removable.has(key(each)));
  const adds = wanted.some((each) => !nowKeys.has(key(each)));
  if (!adds && remove.length === 0) return { next: null, kept };

  const gone = keysOf("names", remove);
  const spelt = new Map(now.map((each) => [key(each), each]));
  // The target's own spelling of a known name: another letter case may become a second one.
  const first = wanted.map((each) => spelt.get(key(each)) ?? each);
  const rest = now.filter((each) => !wantedKeys.has(key(each)) && !gone.has(key(each)));
  const want = [...first, ...rest].map((each) => {
    const role = name === "performers" ? item.roles[each] : undefined;
    return role === undefined ? { name: each } : { name: each, role };
  });
  return { next: { want, remove }, kept };
}
