import { type FieldName, type ItemType, keysOf, type ListField, type TextField } from "./fields.ts";

/** A file of an item. */
export interface ItemFile {
  path: string;
  /** Bytes; 0 when unknown. */
  size: number;
  /** Milliseconds, or null when unknown. */
  durationMs: number | null;
}

/** Which item of a target, and where in it. */
export interface ItemRef {
  /** The target's own id, such as a ratingKey of Plex. */
  id: string;
  /** Id of the library that holds it. */
  section: string;
  type: ItemType;
}

/** An item in full detail. */
export interface Item extends ItemRef {
  /**
   * What stands in each field, [] where nothing does: one text, one rating from 0 to 10, any number
   * of names. Of an image it is a mark of the one shown: a hint of change, not an identity.
   */
  values: Readonly<Record<FieldName, readonly string[]>>;
  /** Role texts by performer, which a target may lose unless they are restated with the names. */
  roles: Readonly<Record<string, string>>;
  /** Fields that the target's own agents leave alone. */
  locked: readonly FieldName[];
  /** What the target changes along with a field, such as the year with the date; no edit sets it. */
  along: Readonly<Partial<Record<FieldName, string>>>;
  files: readonly ItemFile[];
  /** The target's mark of the library, which is another one on another server; unset without any. */
  library?: string;
  /** The target's mark of its last change, for comparison with an earlier one; unset without any. */
  stamp?: number;
  /** The same of the last rating. */
  ratedAt?: number;
}

/** One row of the index: an item's file, with what a match needs. */
export interface IndexedFile extends ItemFile {
  item: string;
  section: string;
}

/** A name with the role that is restated with it. */
export interface Name {
  name: string;
  role?: string;
}

/** The wanted state of a list of names, right whether the target replaces its list or adds to it. */
export interface NamesEdit {
  /** The full list, in display order. */
  want: Name[];
  /** Names to take away, as the target spells them now; never overlaps `want`. */
  remove: string[];
}

/** What one write changes on one item, images excepted. */
export interface Edit {
  /** New values; "" clears. */
  text: Partial<Record<TextField, string>>;
  names: Partial<Record<ListField, NamesEdit>>;
  /** 0 to 10, null clears, absent leaves it alone. */
  rating?: number | null;
  /** Fields to lock in the same request. */
  lock: FieldName[];
  /** Fields to leave open to the target's own agents again; one that is named here is not locked. */
  unlock?: FieldName[];
}

export const NO_EDIT: Readonly<Edit> = Object.freeze({ text: {}, names: {}, lock: [] });

/** Fields that an edit changes. */
export function editedFields(edit: Edit): FieldName[] {
  return [
    ...Object.keys(edit.text) as TextField[],
    ...Object.keys(edit.names) as ListField[],
    ...(edit.rating === undefined ? [] : ["rating" as const]),
  ];
}

/** What a field is to hold after an edit; undefined where the edit leaves it alone. */
export function wantedBy(edit: Edit, field: FieldName): string[] | undefined {
  if (field === "rating") {
    if (edit.rating === undefined) return undefined;
    return edit.rating === null ? [] : [String(edit.rating)];
  }
  const text = edit.text[field as TextField];
  if (text !== undefined) return text === "" ? [] : [text];
  return edit.names[field as ListField]?.want.map(({ name }) => name);
}

/** How many names an edit brings and takes; one that is only spelt anew is neither. */
export function countNames({ names }: Edit, item: Item): { added: number; removed: number } {
  const counts = { added: 0, removed: 0 };
  for (const [field, edit] of Object.entries(names) as [ListField, NamesEdit][]) {
    const now = keysOf("names", item.values[field]);
    const next = keysOf("names", edit.want.map(({ name }) => name));
    counts.added += [...next].filter((key) => !now.has(key)).length;
    counts.removed += [...now].filter((key) => !next.has(key)).length;
  }
  return counts;
}
