/** Carries out an edit on the records that it selects. */
import { cutText } from "./cut_text.ts";
import { type Edit } from "./edit_params.ts";
import {
  type FieldName,
  FIELDS,
  isTagKind,
  type ItemType,
  type SimCollection,
  type SimItem,
  type SimRecord,
  TAG_KIND_NAMES,
  type TagKind,
  tagsOf,
} from "./model.ts";
import { sortTitle } from "./sorting.ts";
import type { SimPlexSwitches } from "./switches.ts";
import { nextTaggings } from "./tag_edits.ts";
import type { World } from "./world.ts";

const EPISODE_FIELDS: FieldName[] = [
  "title",
  "titleSort",
  "summary",
  "originallyAvailableAt",
  "contentRating",
  "index",
  "parentIndex",
  "rating",
  "audienceRating",
  "userRating",
  "addedAt",
];
const COLLECTION_FIELDS: FieldName[] = [
  "title",
  "titleSort",
  "summary",
  "contentRating",
  "rating",
  "audienceRating",
  "userRating",
  "addedAt",
];
const allFields = (Object.keys(FIELDS) as FieldName[]).filter((name) => !/index$/i.test(name));

/** What an edit can reach, by type; the rest is ignored without a word. */
const REACH: Record<ItemType, { fields: FieldName[]; tags: TagKind[] }> = {
  movie: { fields: allFields, tags: TAG_KIND_NAMES },
  show: { fields: allFields, tags: TAG_KIND_NAMES },
  episode: { fields: EPISODE_FIELDS, tags: ["collection", "director", "label", "writer"] },
  collection: { fields: COLLECTION_FIELDS, tags: ["label"] },
};

/**
 * Applies one edit to all records, or to none.
 * @returns the HTTP status: 200, 400 where episodes refuse what they do not have, 409 for a taken
 *   collection title, 500 for bad data in a known field
 */
export function applyEdit(world: World, records: SimRecord[], edit: Edit): 200 | 400 | 409 | 500 {
  for (const [field, raw] of edit.values) {
    if (readValue(field, raw) === undefined) return 500;
  }
  if (world.switches.episodeFields === "refused" && !episodesHave(records, edit)) return 400;
  const title = world.switches.trimValues
    ? edit.values.get("title")?.trim()
    : edit.values.get("title");
  const collections = records.filter((record) => record.type === "collection") as SimCollection[];
  if (title !== undefined) {
    const taken = collections.length > 1 ||
      collections.some((collection) => !world.collections.canRename(collection, title));
    if (taken) return 409;
    for (const collection of collections) {
      holdOrder(collection, edit);
      world.collections.rename(collection, title);
    }
  }
  for (const record of records) applyToOne(world, record, edit, records.length === 1);
  return 200;
}

function episodesHave(records: SimRecord[], edit: Edit): boolean {
  if (!records.some((record) => record.type === "episode")) return true;
  const { fields, tags } = REACH.episode;
  return [...edit.values.keys()].every((field) => fields.includes(field)) &&
    [...edit.tags.keys()].every((kind) => tags.includes(kind));
}

/** A locked order stays when the title changes, also one that was never written. */
function holdOrder(record: SimRecord, edit: Edit): void {
  if (!edit.values.has("title") || !record.locked.has("titleSort")) return;
  record.values.titleSort ??= sortTitle(record);
}

function applyToOne(world: World, record: SimRecord, edit: Edit, single: boolean): void {
  const isHeard = heardBy(world.switches);
  const fields = REACH[record.type].fields.filter(isHeard);
  const tags = REACH[record.type].tags.filter(isHeard);
  const written: string[] = [];
  holdOrder(record, edit);
  for (const [field, raw] of edit.values) {
    if (!fields.includes(field)) continue;
    if (field === "editionTitle" && !world.switches.plexPass) continue;
    // A collection's title was set with its tag.
    if (record.type === "collection" && field === "title") continue;
    setValue(world.switches, record, field, raw);
    written.push(field);
  }
  if (
    edit.values.has("title") && !edit.values.has("titleSort") && !record.locked.has("titleSort")
  ) {
    delete record.values.titleSort;
  }
  for (const [kind, tagEdit] of edit.tags) {
    if (!tags.includes(kind)) continue;
    const next = nextTaggings(
      world.tags,
      world.switches,
      kind,
      tagsOf(record, kind),
      tagEdit,
      single,
    );
    if (kind === "collection") world.collections.assign(record as SimItem, next);
    else world.tags.assign(record, kind, next);
    written.push(kind);
  }
  if (world.switches.lockOnWrite) { for (const name of written) record.locked.add(name); }
  for (const [name, locked] of edit.locks) {
    if (isOutOfReach(record, name)) continue;
    if (locked) record.locked.add(name);
    else record.locked.delete(name);
  }
  if (written.length + edit.locks.size === 0) return;
  world.touch(record);
}

function heardBy({ unheardFields }: SimPlexSwitches): (name: string) => boolean {
  const unheard = unheardFields.split(",");
  return (name) => !unheard.includes(name);
}

/** A field or tag kind that things of this type do not have: it cannot be locked either. */
function isOutOfReach(record: SimRecord, name: string): boolean {
  const { fields, tags } = REACH[record.type];
  if (Object.hasOwn(FIELDS, name)) return !fields.includes(name as FieldName);
  return isTagKind(name) && !tags.includes(name);
}

function setValue(
  switches: SimPlexSwitches,
  record: SimRecord,
  field: FieldName,
  raw: string,
): void {
  const whole = switches.trimValues ? raw.trim() : raw;
  const isLine = FIELDS[field] === "text" && field !== "summary";
  const value = readValue(field, isLine ? cutText(switches, whole) : whole);
  if (value === null || value === undefined) delete record.values[field];
  else if (FIELDS[field] === "rating") record.values[field] = storedRating(switches, Number(value));
  else record.values[field] = value;
  if (field !== "originallyAvailableAt") return;
  if (typeof value === "string") record.year = Number(value.slice(0, 4));
  else delete record.year;
}

/** @returns null for "clear this field", undefined for data that the field cannot hold */
function readValue(field: FieldName, text: string): string | number | null | undefined {
  if (text === "") return null;
  const raw = text.trim();
  switch (FIELDS[field]) {
    case "text":
      return text;
    case "date":
      return isDay(raw) ? raw : undefined;
    case "rating": {
      const value = Number(raw);
      if (field === "userRating" && value === -1) return null;
      return value >= 0 && value <= 10 ? value : undefined;
    }
    case "epoch":
      return /^\d+$/.test(raw) ? Number(raw) : undefined;
  }
}

/** A rating in the steps that the server keeps. */
export function storedRating({ ratingStep }: SimPlexSwitches, rating: number): number {
  return ratingStep === 0 ? rating : Math.round(rating / ratingStep) * ratingStep;
}

function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}
