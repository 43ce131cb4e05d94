import {
  type FieldName,
  FIELDS,
  type ImageField,
  type ListField,
  type TextField,
} from "./fields.ts";
import { type Edit, editedFields, type Item, wantedBy } from "./item.ts";
import { isOwn, type Memory } from "./memory.ts";
import { type Plan, roleOf } from "./plan.ts";
import type { Ways } from "./ways.ts";

/**
 * What has to change so that nothing of a scene is left on an item that is not its own any more:
 * what we wrote there goes, and the target's agents may fill it again. A title cannot be empty, and
 * stays until they do. What somebody else set stays as it is, with its lock.
 * @param memory What was written to the item for the scene
 * @param shown Images of ours that the item shows: they cannot be taken away
 */
export function planRelease(
  item: Item,
  memory: Memory,
  ways: Ways,
  shown: readonly ImageField[] = [],
): Plan {
  const edit: Edit = { text: {}, names: {}, lock: [], unlock: [] };
  const open: FieldName[] = [...shown];
  for (const { name, kind } of FIELDS) {
    const isKnown = memory.fields[name] !== undefined || memory.begun[name] !== undefined;
    if (!isKnown || kind === "image") continue;
    const own = item.values[name].filter((value) => isOwn(memory, name, value, ways));
    const rest = item.values[name].filter((value) => !own.includes(value));
    if (rest.length === 0) open.push(name);
    if (own.length === 0 || name === "title") continue;
    if (kind === "rating") edit.rating = null;
    else if (kind === "text") edit.text[name as TextField] = "";
    else {
      const want = rest.map((value) => {
        const role = roleOf(name as ListField, value, item);
        return role === undefined ? { name: value } : { name: value, role };
      });
      edit.names[name as ListField] = { want, remove: own };
    }
  }
  // There is no lock for stars.
  edit.unlock = open.filter((name) => name !== "rating" && item.locked.includes(name));
  const { edit: fitted, omitted } = ways.fit(item, edit);
  const edited = editedFields(fitted);
  return {
    edit: edited.length === 0 && fitted.unlock?.length === 0 ? null : fitted,
    changes: edited.map((field) => ({
      field,
      from: item.values[field].join(", "),
      to: wantedBy(fitted, field)!.join(", "),
    })),
    kept: [],
    overwritten: [],
    omitted: [
      ...omitted,
      ...shown.map((field) => ({ field, text: "stays: an image cannot be taken away" })),
    ],
    undone: [],
    absent: [],
  };
}
