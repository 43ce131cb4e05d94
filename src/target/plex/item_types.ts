import type { ItemType } from "../../core/sync/fields.ts";

/** Plex's number of each type of item, as its listings and edits want it. */
export const TYPE_NUMBER: Readonly<Record<ItemType, number>> = { movie: 1, episode: 4, clip: 12 };

/**
 * An item's type by Plex's word for it. What is none of ours counts as a movie: an edit under a
 * wrong type selects nothing, and reading the item again shows that it did not take.
 */
export function itemType(word: string): ItemType {
  return Object.hasOwn(TYPE_NUMBER, word) ? word as ItemType : "movie";
}

/** The type of the items with files in a library; undefined for one that holds no videos of ours. */
export function typeInSection(sectionType: string): ItemType | undefined {
  return sectionType === "movie" ? "movie" : sectionType === "show" ? "episode" : undefined;
}
