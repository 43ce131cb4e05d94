import type { FieldName } from "./fields.ts";
import type { Edit, Item } from "./item.ts";

/** Something of a scene that is not written, or not in full: no failure, but worth knowing. */
export interface Omission {
  field: FieldName;
  /** What and why, such as `20 of 120 left out: max_tags is 100`. */
  text: string;
}

/** The part of an edit that a target can be sent, and what that leaves out. */
export interface Fitted {
  edit: Edit;
  omitted: Omission[];
}

/** What a target makes of what it is sent, as far as that is known without asking it. */
export interface Ways {
  /**
   * Whether a value that stands there can be what the target made of one that was sent: itself,
   * trimmed, cut at its limit, in another letter case, rounded. Never true of images.
   */
  isFormOf(field: FieldName, sent: string, stands: string): boolean;
  /**
   * The edit within the target's limits: what is too long for it is cut or left out, and so is
   * what then changes nothing. Names that stand there go before new ones: none is lost.
   */
  fit(item: Item, edit: Edit): Fitted;
}
