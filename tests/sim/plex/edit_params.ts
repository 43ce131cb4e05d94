/** Reads an edit out of a query: everything it says travels there. */
import { type FieldName, FIELDS, isTagKind, type TagKind } from "./model.ts";
import type { Param } from "./query.ts";

/** One indexed tag: `kind[i].tag.tag` and what belongs to it. */
export interface TagAdd {
  tag: string;
  /** `tagging.text`: a role that is not restated is lost. */
  text: string | null;
  thumb?: string | undefined;
}

export interface TagEdit {
  /** In index order. */
  adds: TagAdd[];
  /** The one `tag.tag-` that counts, decoded as a query value; unset when there is none. */
  removals?: string;
  /** `kind[].tag=`: drop all of the kind. */
  clear: boolean;
}

export interface Edit {
  values: Map<FieldName, string>;
  locks: Map<string, boolean>;
  tags: Map<TagKind, TagEdit>;
}

const SCALAR = /^(\w+)\.(value|locked)$/;
const TAG = /^(\w+)\[(\d*)\]\.(tag\.tag-|tag\.tag|tag\.thumb|tagging\.text|tag)$/;
const IMAGE_LOCKS = new Set(["thumb", "art", "theme", "clearLogo", "squareArt"]);

/** True for a parameter of an edit, known or not; everything else of a section PUT is a filter. */
export function isEditParam(key: string): boolean {
  return /\.(value|locked)$/.test(key) || /\[\d*\]\./.test(key);
}

/** Unknown parameters are left out without a word, as PMS does. */
export function parseEdit(params: readonly Param[]): Edit {
  const edit: Edit = { values: new Map(), locks: new Map(), tags: new Map() };
  const indexed = new Map<TagKind, Map<number, Partial<TagAdd>>>();
  for (const { key, value } of params) {
    const [, name = "", what] = SCALAR.exec(key) ?? [];
    if (what === "value" && Object.hasOwn(FIELDS, name)) edit.values.set(name as FieldName, value);
    if (what === "locked" && isLockable(name)) edit.locks.set(name, value === "1");
    const [, kind = "", index = "", part] = TAG.exec(key) ?? [];
    if (part === undefined || !isTagKind(kind)) continue;
    const tagEdit = edit.tags.get(kind) ?? { adds: [], clear: false };
    if (index === "") {
      // A repeated removal list replaces the earlier one: only one takes effect.
      if (part === "tag.tag-") tagEdit.removals = value;
      else if (part === "tag" && value === "") tagEdit.clear = true;
      else continue;
    } else {
      const slots = indexed.get(kind) ?? new Map<number, Partial<TagAdd>>();
      indexed.set(kind, slots);
      const slot = slots.get(Number(index)) ?? {};
      slots.set(Number(index), slot);
      if (part === "tag.tag") slot.tag = value;
      if (part === "tag.thumb") slot.thumb = value;
      if (part === "tagging.text") slot.text = value;
    }
    edit.tags.set(kind, tagEdit);
  }
  for (const [kind, slots] of indexed) {
    const adds = [...slots].sort(([a], [b]) => a - b).flatMap(([, { tag, text, thumb }]) =>
      tag?.trim() ? [{ tag, text: text || null, thumb }] : []
    );
    edit.tags.get(kind)?.adds.push(...adds);
  }
  return edit;
}

function isLockable(name: string): boolean {
  return Object.hasOwn(FIELDS, name) || isTagKind(name) || IMAGE_LOCKS.has(name);
}
