import type { Actor, TagKind, TextField } from "./item.ts";

/** The wanted state of one kind of tag, right whether Plex replaces or adds (plex-api 7). */
export interface TagEdit {
  /** The full list, in display order. */
  want: Actor[];
  /** Names to take away, as Plex spells them now; never overlaps `want`. */
  remove: string[];
}

/** Everything that one PUT changes on one item. */
export interface ItemEdit {
  /** New values; "" clears. */
  text: Partial<Record<TextField, string>>;
  tags: Partial<Record<TagKind, TagEdit>>;
  /** Field names to lock in the same request. */
  lock: string[];
}
