import type { IndexedFile, ItemFile, PlexItem } from "../core/item.ts";
import { ourName } from "./field_names.ts";
import { flag, number, type Row, rows, tags, text } from "./lenient.ts";

/** Plex's type numbers by the `type` word of an item (plex-api 1). */
const TYPE_NUMBERS: Readonly<Record<string, number>> = {
  movie: 1,
  show: 2,
  season: 3,
  episode: 4,
  trailer: 5,
  artist: 8,
  album: 9,
  track: 10,
  clip: 12,
  photo: 13,
};

/** `proxyType` of an optimised version: a transcoded copy, not the owner's file. */
const OPTIMIZED_VERSION = 42;

/**
 * An item of a detail answer, or null if it has no id.
 * @param container Where Plex hoists what all its items share
 */
export function readItem(item: Row, container: Row): PlexItem | null {
  const ratingKey = text(item.ratingKey);
  if (ratingKey === "") return null;
  return {
    ratingKey,
    sectionId: text(item.librarySectionID ?? container.librarySectionID),
    // An edit under a wrong type selects nothing; the re-read then shows that it did not take.
    typeNumber: TYPE_NUMBERS[text(item.type)] ?? 1,
    title: text(item.title),
    studio: text(item.studio),
    summary: text(item.summary),
    tagline: text(item.tagline),
    date: text(item.originallyAvailableAt).slice(0, 10),
    userRating: number(item.userRating),
    tags: tags(item.Genre),
    performers: rows(item.Role).filter((entry) => text(entry.tag) !== "").map((entry) => {
      const role = text(entry.role);
      return role === "" ? { name: text(entry.tag) } : { name: text(entry.tag), role };
    }),
    collection: tags(item.Collection),
    locked: rows(item.Field).filter((field) => flag(field.locked))
      .map((field) => ourName(text(field.name))),
    poster: text(item.thumb),
    background: text(item.art),
    files: readFiles(item),
  };
}

/** The files of a listing row, each with the item that they lead to. */
export function readIndexed(item: Row, sectionId: string): IndexedFile[] {
  const ratingKey = text(item.ratingKey);
  if (ratingKey === "") return [];
  return readFiles(item).map((file) => ({ ...file, ratingKey, sectionId }));
}

/**
 * The newest of an item's own stamps, in seconds of Plex's clock; 0 if it has none.
 * Some items have no `updatedAt` (plex-api 4.3).
 */
export function newestStamp(item: Row): number {
  return Math.max(number(item.updatedAt) ?? 0, number(item.addedAt) ?? 0);
}

/** Every part of every version that is there and is the owner's. */
function readFiles(item: Row): ItemFile[] {
  if (isDeleted(item)) return [];
  return rows(item.Media)
    .filter((media) => !isDeleted(media) && number(media.proxyType) !== OPTIMIZED_VERSION)
    .flatMap((media) => {
      const parts = rows(media.Part).filter((part) => text(part.file) !== "" && !isDeleted(part));
      return parts.map((part) => ({
        path: text(part.file),
        size: Math.max(0, number(part.size) ?? 0),
        // A version's own duration is the sum over its stacked parts.
        durationMs: number(part.duration) ?? (parts.length === 1 ? number(media.duration) : null),
      }));
    });
}

function isDeleted(entry: Row): boolean {
  return text(entry.deletedAt) !== "";
}
