import {
  type FieldName,
  fieldOf,
  keysOf,
  LIST_FIELDS,
  type ListField,
  sameValues,
  valueKey,
} from "./fields.ts";
import { type Edit, editedFields, type Item, wantedBy } from "./item.ts";
import { isKnownForm, mayStandFor, type Memory } from "./memory.ts";
import { pairNames } from "./names.ts";
import type { Ways } from "./ways.ts";

/** What a write did not achieve, told by reading the item again. */
export interface Shortfall {
  /** The rest of the edit: what has to be sent again. */
  edit: Edit;
  /** Names that should be gone and are not. */
  surplus: Partial<Record<ListField, string[]>>;
  fields: FieldName[];
  /** Those of them that hold a new value that is not ours: somebody else wrote there. */
  foreign: FieldName[];
  /** Something of the edit stands there that did not before: it was heard, if not all taken. */
  isHeard: boolean;
}

/** How it is told what counts as taken. */
export interface Judgement {
  ways: Pick<Ways, "isFormOf">;
  /** Of the item, from before the write. */
  memory: Memory | null;
}

/**
 * What of `edit` is missing in the item after the write, or null when all took. An answer that says
 * "done" proves nothing, so this comparison is the proof. Only a value that can be derived from
 * what was sent counts as taken; one that stood there before counts only if it is just what was
 * sent, or all that the target makes of it.
 */
export function shortfall(
  edit: Edit,
  before: Item,
  after: Item,
  judgement: Judgement,
): Shortfall | null {
  const rest: Edit = { ...edit, text: {}, names: {} };
  delete rest.rating;
  const surplus: Shortfall["surplus"] = {};
  const foreign: FieldName[] = [];
  const fields = editedFields(edit).filter((name) => {
    if (isList(name)) return missesNames(name, edit, after, judgement, rest, surplus);
    const wanted = wantedBy(edit, name)!;
    const now = after.values[name];
    const moved = !sameValues(fieldOf(name).kind, now, before.values[name]);
    if (hasTaken(name, wanted, now, moved, judgement)) return false;
    if (moved) foreign.push(name);
    if (name === "rating") rest.rating = edit.rating!;
    else Object.assign(rest.text, { [name]: wanted[0] ?? "" });
    return true;
  });
  if (fields.length === 0) return null;
  return { edit: rest, surplus, fields, foreign, isHeard: isHeard(edit, before, after) };
}

/** Its stamp says nothing: an image that came beside the edit moves it too. */
function isHeard(edit: Edit, before: Item, after: Item): boolean {
  return editedFields(edit).some((name) =>
    !sameValues(fieldOf(name).kind, after.values[name], before.values[name])
  ) ||
    edit.lock.some((name) => after.locked.includes(name) !== before.locked.includes(name));
}

/** The shortfall without some of its fields; null when nothing is left of it. */
export function without(rest: Shortfall, names: readonly FieldName[]): Shortfall | null {
  const fields = rest.fields.filter((name) => !names.includes(name));
  if (fields.length === 0) return null;
  const kept = ([name]: [string, unknown]) => !names.includes(name as FieldName);
  const { rating, ...edit } = rest.edit;
  return {
    ...rest,
    fields,
    foreign: rest.foreign.filter((name) => !names.includes(name)),
    surplus: Object.fromEntries(Object.entries(rest.surplus).filter(kept)),
    edit: {
      ...edit,
      text: Object.fromEntries(Object.entries(edit.text).filter(kept)),
      names: Object.fromEntries(Object.entries(edit.names).filter(kept)),
      ...(rating === undefined || names.includes("rating") ? {} : { rating }),
    },
  };
}

function hasTaken(
  name: FieldName,
  wanted: readonly string[],
  now: readonly string[],
  moved: boolean,
  { ways, memory }: Judgement,
): boolean {
  if (sameValues(fieldOf(name).kind, now, wanted)) return true;
  const [sent] = wanted;
  const [stands] = now;
  if (sent === undefined || stands === undefined) return false;
  if (moved) return ways.isFormOf(name, sent, stands);
  return isKnownForm(memory, name, wanted, now) || mayStandFor(name, sent, stands, ways);
}

function isList(name: FieldName): name is ListField {
  return (LIST_FIELDS as readonly string[]).includes(name);
}

function missesNames(
  name: ListField,
  edit: Edit,
  after: Item,
  { ways }: Judgement,
  rest: Edit,
  surplus: Shortfall["surplus"],
): boolean {
  const { want, remove } = edit.names[name]!;
  const pairs = pairNames(
    want.map((each) => each.name),
    after.values[name],
    (sent, stands) => ways.isFormOf(name, sent, stands),
  );
  const taken = new Set(pairs.values());
  const unwanted = keysOf("names", remove);
  const left = after.values[name].filter((each) =>
    unwanted.has(valueKey("names", each)) && !taken.has(each)
  );
  if (left.length === 0 && pairs.size === want.length) return false;
  rest.names[name] = { want, remove: left };
  if (left.length > 0) surplus[name] = left;
  return true;
}
