/** Metadata rows: short and truncated in listings, complete in details. */
import type { ImageList } from "./images.ts";
import {
  type FieldName,
  type SimCollection,
  type SimItem,
  type SimRecord,
  TAG_KIND_NAMES,
  TAG_KINDS,
  type Tagging,
  type TagKind,
  tagsOf,
} from "./model.ts";
import { durationOf, mediaRow } from "./media_rows.ts";
import { membersOf } from "./selection.ts";
import { sortTitle } from "./sorting.ts";
import { type Row, XML_NAME } from "./wire.ts";
import type { World } from "./world.ts";

export interface RowOptions {
  /** Complete tags, locks, collections, streams. */
  detail: boolean;
  includeGuids?: boolean;
  checkFiles?: boolean;
  includePreferences?: boolean;
}

const LISTED_KINDS: TagKind[] = ["genre", "director", "writer", "country", "actor"];
const SCALARS: FieldName[] = [
  "title",
  "originalTitle",
  "studio",
  "contentRating",
  "summary",
  "tagline",
  "editionTitle",
  "rating",
  "audienceRating",
  "userRating",
  "originallyAvailableAt",
  "addedAt",
  "index",
  "parentIndex",
];

export function itemRow(world: World, item: SimItem, options: RowOptions): Row {
  const key = `/library/metadata/${item.ratingKey}`;
  const show = item.parent;
  const row: Row = {
    [XML_NAME]: item.type === "show" ? "Directory" : "Video",
    ...baseRow(world, item, key),
    guid: item.guid,
    ...(show && {
      grandparentRatingKey: show.ratingKey,
      grandparentKey: `/library/metadata/${show.ratingKey}`,
      grandparentTitle: show.values.title,
    }),
    duration: durationOf(item.media[0]),
    deletedAt: item.deletedAt,
    lastViewedAt: item.lastViewedAt,
    viewCount: item.viewCount,
    Media: item.media.map((media) => mediaRow(world, media, options)),
  };
  if (options.detail || options.includeGuids) row.Guid = item.guids.map((id) => ({ id }));
  if (options.detail) return Object.assign(row, detailTags(world, item), images(world, item));
  for (const kind of LISTED_KINDS) {
    // Enough to look complete: tools lost tags by trusting it.
    row[TAG_KINDS[kind].array] = tagsOf(item, kind).slice(0, world.switches.listedTags)
      .map(({ tag }) => ({ tag: tag.tag }));
  }
  if (world.switches.labelsInListing) {
    row.Label = tagsOf(item, "label").map(({ tag }) => ({ tag: tag.tag }));
  }
  return row;
}

export function collectionRow(world: World, collection: SimCollection, options: RowOptions): Row {
  const key = `/library/collections/${collection.ratingKey}`;
  const section = world.library.sections.get(collection.sectionKey);
  const row: Row = {
    [XML_NAME]: "Directory",
    ...baseRow(world, collection, `${key}/children`),
    guid: `collection://${collection.ratingKey}`,
    subtype: section?.type ?? "movie",
    index: collection.tag?.id,
    childCount: membersOf(world, collection).length,
    smart: collection.content === undefined ? undefined : "1",
    content: collection.content,
    collectionMode: String(collection.mode),
    collectionSort: String(collection.sort),
  };
  if (!options.detail) return row;
  if (options.includePreferences) row.Preferences = { Setting: collectionSettings(collection) };
  return Object.assign(row, detailTags(world, collection));
}

function collectionSettings({ mode, sort }: SimCollection): Row[] {
  return [
    ["collectionMode", mode, "-1:Library default|0:Hide collection|1:Hide items|2:Show both"],
    ["collectionSort", sort, "0:Release date|1:Alphabetical|2:Custom"],
  ].map(([id, value, enumValues]) => ({
    id,
    label: id,
    summary: "",
    type: "int",
    default: String(id === "collectionMode" ? -1 : 0),
    value: String(value),
    hidden: false,
    advanced: false,
    group: "",
    enumValues,
  }));
}

function baseRow(world: World, record: SimRecord, key: string): Row {
  const scalars = Object.fromEntries(SCALARS.map((name) => [name, record.values[name]]));
  const sorted = sortTitle(record);
  return {
    ratingKey: record.ratingKey,
    key,
    type: record.type,
    ...scalars,
    title: record.values.title ?? "",
    titleSort: sorted === record.values.title ? undefined : sorted,
    summary: record.values.summary ?? "",
    year: record.year,
    updatedAt: record.updatedAt,
    lastRatedAt: record.lastRatedAt,
    thumb: world.images.path(record, "posters"),
    art: world.images.path(record, "arts"),
  };
}

function detailTags(world: World, record: SimRecord): Row {
  const section = world.library.sections.get(record.sectionKey);
  const row: Row = {
    librarySectionID: Number(record.sectionKey),
    librarySectionKey: `/library/sections/${record.sectionKey}`,
    librarySectionTitle: section?.title,
  };
  for (const kind of TAG_KIND_NAMES) {
    row[TAG_KINDS[kind].array] = tagsOf(record, kind).map((tagging) => tagRow(kind, tagging));
  }
  row.Field = [...record.locked].sort().map((name) => ({ name, locked: true }));
  return row;
}

function tagRow(kind: TagKind, { tag, text }: Tagging): Row {
  return {
    id: tag.id,
    filter: `${kind}=${tag.id}`,
    tag: tag.tag,
    role: kind === "actor" ? text : undefined,
    thumb: tag.thumb,
  };
}

const IMAGE_TYPES: [ImageList, string][] = [
  ["posters", "coverPoster"],
  ["arts", "background"],
  ["clearLogos", "clearLogo"],
  ["squareArts", "backgroundSquare"],
];

function images(world: World, item: SimItem): Row {
  const title = String(item.values.title ?? "");
  const rows = IMAGE_TYPES.flatMap(([list, type]) => {
    const url = world.images.path(item, list);
    return url === undefined ? [] : [{ alt: title, type, url }];
  });
  return { Image: rows };
}

/** Candidates of GET /library/metadata/{rk}/posters and its siblings. */
export function imageRows(world: World, ratingKey: string, list: ImageList): Row[] {
  return world.images.list(ratingKey, list).map(({ url, provider, selected }) => {
    const key = url.startsWith("http")
      ? url
      : `/library/metadata/${ratingKey}/file?url=${encodeURIComponent(url)}`;
    return { [XML_NAME]: "Photo", key, ratingKey: url, thumb: key, provider, selected };
  });
}
