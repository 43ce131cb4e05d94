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
import { planUndo } from "../journal/undo.ts";
import type { ImageSight, UndoPlan } from "../journal/undo_field.ts";
import type { UndoRow } from "../journal/undo_scope.ts";
import type { Ways } from "./ways.ts";

/** What is known of how an item was before we wrote there. */
export interface Past {
  /** Of the item, while it had a file that it still has; the oldest first. */
  rows: readonly UndoRow[];
  /** None before they were asked for. */
  images: Partial<Record<ImageField, ImageSight>>;
}

export const NO_PAST: Past = { rows: [], images: {} };

/** What has to change on an item that is given back. */
export interface Release extends Plan {
  /** Images to choose, by the target's own key. */
  images: UndoPlan["images"];
}

/**
 * What has to change so that nothing of a scene is left on an item that is not its own any more:
 * what stood there before us comes back by the journal, with its lock. What the journal does not
 * lead back from goes and is unlocked, so that the target's agents may fill it again; a title cannot
 * be empty, and an image not be taken away: both stay until they do. What somebody else set stays as
 * it is, with its lock.
 * @param memory What was written to the item for the scene
 */
export function planRelease(
  item: Item,
  memory: Memory,
  ways: Ways,
  { rows, images }: Past = NO_PAST,
): Release {
  const back = planUndo({ item, rows, scope: { kind: "all" }, images, ways });
  const edit: Edit = { text: {}, names: {}, lock: [], unlock: [] };
  const chosen: Release["images"] = [];
  const stays: ImageField[] = [];
  for (const { name, kind } of FIELDS) {
    if (memory.fields[name] === undefined && memory.begun[name] === undefined) continue;
    const isBack = back.fields.some(({ field, writes }) =>
      field === name && (kind === "names" || writes.length > 0)
    );
    if (isBack) {
      putBack(name, back, edit);
      chosen.push(...back.images.filter(({ field }) => field === name));
    } else if (kind === "image") {
      const digest = memory.fields[name]?.sent[0];
      const isOurs = digest !== undefined && images[name as ImageField]?.shown === digest;
      if (isOurs) stays.push(name as ImageField);
    } else takeAway(name, kind, item, memory, edit, ways);
  }
  edit.unlock!.push(...stays.filter((field) => item.locked.includes(field)));
  const { edit: fitted, omitted } = ways.fit(item, edit);
  const edited = editedFields(fitted);
  const isNothing = edited.length + fitted.lock.length + (fitted.unlock?.length ?? 0) === 0;
  return {
    edit: isNothing ? null : fitted,
    changes: edited.map((field) => ({
      field,
      from: item.values[field].join(", "),
      to: wantedBy(fitted, field)!.join(", "),
    })),
    kept: [],
    overwritten: [],
    omitted: [
      ...omitted,
      ...stays.map((field) => ({ field, text: "stays: an image cannot be taken away" })),
    ],
    undone: [],
    absent: [],
    images: chosen,
  };
}

/** As the journal leads back. */
function putBack(name: FieldName, { edit: back }: UndoPlan, edit: Edit): void {
  if (back === null) return;
  const text = back.text[name as TextField];
  const names = back.names[name as ListField];
  if (text !== undefined) edit.text[name as TextField] = text;
  if (names !== undefined) edit.names[name as ListField] = names;
  if (name === "rating" && back.rating !== undefined) edit.rating = back.rating;
  if (back.lock.includes(name)) edit.lock.push(name);
  if (back.unlock?.includes(name)) edit.unlock!.push(name);
}

/** Nothing tells what stood there before. */
function takeAway(
  name: FieldName,
  kind: string,
  item: Item,
  memory: Memory,
  edit: Edit,
  ways: Ways,
): void {
  const own = item.values[name].filter((value) => isOwn(memory, name, value, ways));
  const rest = item.values[name].filter((value) => !own.includes(value));
  // There is no lock for stars.
  if (rest.length === 0 || (own.length > 0 && name === "title")) {
    if (name !== "rating" && item.locked.includes(name)) edit.unlock!.push(name);
  }
  if (own.length === 0 || name === "title") return;
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
