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

/** What a write did not achieve, told by reading the item again. */
export interface Shortfall {
  /** The rest of the edit: what has to be sent again. */
  edit: Edit;
  /** Names that should be gone and are not. */
  surplus: Partial<Record<ListField, string[]>>;
  fields: FieldName[];
}

/**
 * What of `edit` is missing in the item after the write, or null when all took. An answer that says
 * "done" proves nothing, so this comparison is the proof. A value that the target took in its own
 * form (trimmed, cut, folded) counts as taken.
 */
export function shortfall(edit: Edit, before: Item, after: Item): Shortfall | null {
  const rest: Edit = { text: {}, names: {}, lock: edit.lock };
  const surplus: Shortfall["surplus"] = {};
  const fields = editedFields(edit).filter((name) => {
    if (isList(name)) return missesNames(name, edit, before, after, rest, surplus);
    const wanted = wantedBy(edit, name)!;
    const { kind } = fieldOf(name);
    const now = after.values[name];
    if (sameValues(kind, now, wanted)) return false;
    const moved = !sameValues(kind, now, before.values[name]);
    if (moved && wanted.length > 0 && now.length > 0) return false;
    if (name === "rating") rest.rating = edit.rating!;
    else Object.assign(rest.text, { [name]: wanted[0] ?? "" });
    return true;
  });
  return fields.length === 0 ? null : { edit: rest, surplus, fields };
}

function isList(name: FieldName): name is ListField {
  return (LIST_FIELDS as readonly string[]).includes(name);
}

function missesNames(
  name: ListField,
  edit: Edit,
  before: Item,
  after: Item,
  rest: Edit,
  surplus: Shortfall["surplus"],
): boolean {
  const { want, remove } = edit.names[name]!;
  const now = keysOf("names", after.values[name]);
  const unwanted = keysOf("names", remove);
  const left = after.values[name].filter((each) => unwanted.has(valueKey("names", each)));
  const missing = want.filter((each) => !now.has(valueKey("names", each.name)));
  // As many names as asked for, and none that had to go: the target has its own spelling of them.
  const gained = !sameValues("names", before.values[name], after.values[name]) &&
    now.size === want.length;
  if (left.length === 0 && (missing.length === 0 || gained)) return false;
  rest.names[name] = { want, remove: left };
  if (left.length > 0) surplus[name] = left;
  return true;
}
