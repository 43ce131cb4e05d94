import type { IndexedFile, Item, ItemFile } from "../../core/sync/item.ts";
import { ourName } from "./field_names.ts";
import { itemType } from "./item_types.ts";
import { flag, number, type Row, rows, tags, text, whole } from "./lenient.ts";

/** `proxyType` of an optimised version: a transcoded copy, not the owner's file. */
const OPTIMIZED_VERSION = 42;

/**
 * An item of a detail answer, or null if it has no id.
 * @param container Where Plex hoists what all its items share
 */
export function readItem(item: Row, container: Row): Item | null {
  const id = text(item.ratingKey);
  if (id === "") return null;
  const rating = number(item.userRating);
  const stamp = number(item.updatedAt);
  const ratedAt = number(item.lastRatedAt);
  const section = text(item.librarySectionID ?? container.librarySectionID);
  // Of items of several libraries Plex can name but one above them all.
  const isHoisted = section === text(container.librarySectionID);
  const library = text(item.librarySectionUUID ?? (isHoisted && container.librarySectionUUID));
  return {
    id,
    section,
    type: itemType(text(item.type)),
    values: {
      title: filled(item.title),
      studio: filled(item.studio),
      summary: filled(item.summary),
      tagline: filled(item.tagline),
      date: filled(text(item.originallyAvailableAt).slice(0, 10)),
      performers: tags(item.Role),
      tags: tags(item.Genre),
      collection: tags(item.Collection),
      poster: filled(item.thumb),
      background: filled(item.art),
      rating: rating === null ? [] : [String(rating)],
    },
    roles: Object.fromEntries(
      rows(item.Role).map((entry) => [text(entry.tag), text(entry.role)])
        .filter(([name, role]) => name !== "" && role !== ""),
    ),
    locked: rows(item.Field).filter((field) => flag(field.locked))
      .map((field) => ourName(text(field.name)))
      .filter((name) => name !== undefined),
    along: text(item.year) === "" ? {} : { date: text(item.year) },
    files: readFiles(item),
    ...(library === "" ? {} : { library }),
    ...(stamp === null ? {} : { stamp }),
    ...(ratedAt === null ? {} : { ratedAt }),
  };
}

function filled(value: unknown): string[] {
  const found = text(value);
  return found === "" ? [] : [found];
}

/** The files of a listing row, each with the item that they lead to. */
export function readIndexed(item: Row, section: string): IndexedFile[] {
  const id = text(item.ratingKey);
  if (id === "") return [];
  return readFiles(item).map((file) => ({ ...file, item: id, section }));
}

/** An item's own stamps, in seconds of Plex's clock. Some items have no `updatedAt`. */
export function stampsOf(item: Row): number[] {
  return [number(item.updatedAt), number(item.addedAt)].filter((stamp) => stamp !== null);
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
        size: Math.max(0, whole(part.size) ?? 0),
        // A version's own duration is the sum over its stacked parts.
        durationMs: whole(part.duration) ?? (parts.length === 1 ? whole(media.duration) : null),
      }));
    });
}

function isDeleted(entry: Row): boolean {
  return text(entry.deletedAt) !== "";
}
