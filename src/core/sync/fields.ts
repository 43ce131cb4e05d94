import { stem } from "../match/path.ts";
import { cleanText, cutOf, tagKey, textKey, type TextKind } from "../text/sanitize.ts";
import type { Scene } from "./scene.ts";

/** One value, a list of names, stars, or a picture. */
export type FieldKind = "text" | "names" | "rating" | "image";

export const TEXT_FIELDS = ["title", "studio", "summary", "tagline", "date"] as const;
export type TextField = (typeof TEXT_FIELDS)[number];
export const LIST_FIELDS = ["performers", "tags", "collection"] as const;
export type ListField = (typeof LIST_FIELDS)[number];
export const IMAGE_FIELDS = ["poster", "background"] as const;
export type ImageField = (typeof IMAGE_FIELDS)[number];

export function isImageField(name: FieldName): name is ImageField {
  return IMAGE_FIELDS.some((each) => each === name);
}

export function isListField(name: FieldName): name is ListField {
  return LIST_FIELDS.some((each) => each === name);
}

/** The word by which people know a field: in settings, plans, logs and `changed_fields`. */
export type FieldName = TextField | ListField | "rating" | ImageField;

/** What an item can be. An episode has fewer fields than the others. */
export const ITEM_TYPES = ["movie", "episode", "clip"] as const;
export type ItemType = (typeof ITEM_TYPES)[number];

/** The switch of a field in the configuration, such as `syncPoster`; the title has none. */
export type FieldSwitch = `sync${Capitalize<Exclude<FieldName, "title">>}`;

/** Everything that is known about one synced field; it stands here and nowhere else. */
export interface Field {
  readonly name: FieldName;
  readonly kind: FieldKind;
  /** What Stash calls it, for people. */
  readonly source: string;
  /** Members of a scene in Stash's schema that have to be selected for it. */
  readonly selects: readonly string[];
  /** Members of Stash's update inputs that can change it. */
  readonly inputs: readonly string[];
  /** Its switch; null for a field that is always synced. */
  readonly setting: { readonly key: string; readonly on: boolean; readonly meaning: string } | null;
  /**
   * Whether a scene that has it counts as identified: one without any such field is not synced,
   * so that an identification under way never wipes what the target shows.
   */
  readonly identifies: boolean;
  /** Item types that have it. */
  readonly types: readonly ItemType[];
  /** What of the scene it is made from, for the digest of the scene's content; null for nothing. */
  content(scene: Scene): string | number | null | readonly string[];
  /** The wanted values: none, or one, or for names any number. Not for images. */
  derive(scene: Scene, limits: Limits): string[];
  /** What `derive` cuts or leaves out, and why; null for nothing. */
  omits(scene: Scene, limits: Limits): string | null;
}

export interface Limits {
  /** Most tags of one scene, 10..500. */
  maxTags: number;
}

/** All synced fields, in the order in which they are shown. */
export const FIELDS: readonly Field[] = [
  {
    name: "title",
    kind: "text",
    source: "title, else the file's name",
    selects: ["title"],
    inputs: ["title"],
    setting: null,
    identifies: false,
    types: ITEM_TYPES,
    content: ({ title }) => title,
    derive: (scene) => one(cleanText(titleOf(scene), "title")),
    omits: (scene) => cutOf(titleOf(scene), "title"),
  },
  {
    name: "studio",
    kind: "text",
    source: "studio",
    selects: ["studio { id name }"],
    inputs: ["studio_id"],
    setting: { key: "sync_studio", on: true, meaning: "write the studio" },
    identifies: true,
    types: ["movie", "clip"],
    content: ({ studio }) => studio,
    derive: ({ studio }) => one(cleanText(studio ?? "", "studio")),
    omits: ({ studio }) => cutOf(studio ?? "", "studio"),
  },
  {
    name: "summary",
    kind: "text",
    source: "details",
    selects: ["details"],
    inputs: ["details"],
    setting: { key: "sync_summary", on: true, meaning: "write the details as summary" },
    identifies: true,
    types: ITEM_TYPES,
    content: ({ details }) => details,
    derive: ({ details }) => one(cleanText(details, "summary")),
    omits: ({ details }) => cutOf(details, "summary"),
  },
  {
    name: "tagline",
    kind: "text",
    source: "code",
    selects: ["code"],
    inputs: ["code"],
    setting: { key: "sync_tagline", on: true, meaning: "write the tagline" },
    identifies: false,
    types: ["movie", "clip"],
    content: ({ code }) => code,
    derive: ({ code }) => one(cleanText(code, "tagline")),
    omits: ({ code }) => cutOf(code, "tagline"),
  },
  {
    name: "date",
    kind: "text",
    source: "date; a missing month or day becomes 01, a day that does not exist is left out",
    selects: ["date"],
    inputs: ["date"],
    setting: { key: "sync_date", on: true, meaning: "write the date" },
    identifies: true,
    types: ITEM_TYPES,
    content: ({ date }) => date,
    derive: ({ date }) => one(fullDate(date)),
    omits: ({ date }) =>
      date === null || date.trim() === "" || fullDate(date) !== ""
        ? null
        : `left out: ${date} is no day of the calendar`,
  },
  {
    name: "performers",
    kind: "names",
    source: "performers",
    selects: ["performers { id name }"],
    inputs: ["performer_ids"],
    setting: { key: "sync_performers", on: true, meaning: "write the performers as actors" },
    identifies: true,
    types: ["movie", "clip"],
    content: ({ performers }) => [...performers].sort(),
    derive: ({ performers }) => distinct(performers),
    omits: ({ performers }) => cutNames(performers, "tag"),
  },
  {
    name: "tags",
    kind: "names",
    source: "tags, at most max_tags",
    selects: ["tags { id name }"],
    inputs: ["tag_ids"],
    setting: { key: "sync_tags", on: true, meaning: "write the tags as genres" },
    identifies: true,
    types: ["movie", "clip"],
    content: ({ tags }) => [...tags].sort(),
    derive: ({ tags }, { maxTags }) => distinct(tags).slice(0, maxTags),
    omits: ({ tags }, { maxTags }) => tooMany(tags, maxTags) ?? cutNames(tags, "tag"),
  },
  {
    name: "poster",
    kind: "image",
    source: "cover",
    selects: [],
    inputs: ["cover_image"],
    setting: { key: "sync_poster", on: true, meaning: "upload the cover as poster" },
    identifies: false,
    types: ITEM_TYPES,
    content: () => null,
    derive: () => [],
    omits: () => null,
  },
  {
    name: "background",
    kind: "image",
    source: "cover",
    selects: [],
    inputs: ["cover_image"],
    setting: { key: "sync_background", on: true, meaning: "upload the cover as background" },
    identifies: false,
    types: ITEM_TYPES,
    content: () => null,
    derive: () => [],
    omits: () => null,
  },
  {
    name: "collection",
    kind: "names",
    source: "studio",
    selects: ["studio { id name }"],
    inputs: ["studio_id"],
    setting: {
      key: "sync_collection",
      on: true,
      meaning: "put the item in a collection named after the studio",
    },
    identifies: false,
    types: ITEM_TYPES,
    content: () => null,
    derive: ({ studio }) => distinct(studio === null ? [] : [cleanText(studio, "studio")]),
    omits: ({ studio }) => cutOf(studio ?? "", "studio"),
  },
  {
    name: "rating",
    kind: "rating",
    source: "rating100 / 10",
    selects: ["rating100"],
    inputs: ["rating100"],
    setting: { key: "sync_rating", on: false, meaning: "write the rating" },
    identifies: false,
    types: ITEM_TYPES,
    content: ({ rating100 }) => rating100,
    derive: ({ rating100 }) => rating100 === null ? [] : [String(rating100 / 10)],
    omits: () => null,
  },
];

const BY_NAME: ReadonlyMap<string, Field> = new Map(FIELDS.map((field) => [field.name, field]));

export function fieldOf(name: FieldName): Field {
  return BY_NAME.get(name)!;
}

/** The field's property in the configuration, such as `syncPoster`. */
export function switchOf({ name, setting }: Field): FieldSwitch | null {
  return setting === null ? null : `sync${name[0]!.toUpperCase()}${name.slice(1)}` as FieldSwitch;
}

/** The rows whose switches are on. */
export function fieldsOn(
  rules: Readonly<Record<FieldSwitch, boolean>>,
  fields: readonly Field[] = FIELDS,
): Field[] {
  return fields.filter((field) => {
    const name = switchOf(field);
    return name === null || rules[name];
  });
}

/** What has to be selected of a scene in Stash for these fields, each member once. */
export function selectionOf(fields: readonly Field[] = FIELDS): string[] {
  return [...new Set(fields.flatMap(({ selects }) => selects))];
}

/** What the digest of a scene's content is made of: field by field, and the files. */
export function contentOf(scene: Scene, fields: readonly Field[] = FIELDS): unknown[] {
  return [
    ...fields.map((field) => [field.name, field.content(scene)])
      .filter(([, content]) => content !== null),
    scene.files.map((file) => file.path),
  ];
}

/** A field that counts as another one in a scene's digest has that one's values. */
const MADE_LIKE: Readonly<Partial<Record<FieldName, FieldName>>> = { collection: "studio" };

/** The values of Stash that a field is made from, as Stash has them: no limit and no form is ours. */
export function originOf(name: FieldName, scene: Scene): string[] {
  const content = fieldOf(MADE_LIKE[name] ?? name).content(scene);
  if (content === null) return [];
  return typeof content === "object" ? [...content] : [String(content)];
}

/** False while nothing but a title is known: syncing it would wipe what the target shows. */
export function hasMetadata(scene: Scene, fields: readonly Field[] = FIELDS): boolean {
  return fields.some((field) => field.identifies && isFilled(field.content(scene)));
}

function isFilled(content: ReturnType<Field["content"]>): boolean {
  return typeof content === "string" ? content.trim() !== "" : content !== null && content !== 0 &&
    !(Array.isArray(content) && content.length === 0);
}

/**
 * Members of Stash's update inputs for scenes that are known; of others anything may follow.
 * `organized` is none of them: it may decide whether the scene is synced at all.
 */
const SCENE_INPUTS: ReadonlySet<string> = new Set([
  ..."title code details date rating100 studio_id performer_ids tag_ids cover_image".split(" "),
  ..."id ids clientMutationId o_counter play_count play_duration resume_time".split(" "),
  ..."director url urls stash_ids gallery_ids groups group_ids movies movie_ids".split(" "),
  "custom_fields",
]);

/** Whether a change of this member of an update input may change a synced field. */
export function isSyncedInput(input: string, fields: readonly Field[] = FIELDS): boolean {
  return !SCENE_INPUTS.has(input) || fields.some(({ inputs }) => inputs.includes(input));
}

/** A value in the form in which two of its kind count as equal. */
export function valueKey(kind: FieldKind, value: string): string {
  if (kind === "names") return tagKey(value);
  return kind === "text" ? textKey(value) : value;
}

/** Whether two lists hold the same values; their order says nothing. */
export function sameValues(kind: FieldKind, a: readonly string[], b: readonly string[]): boolean {
  if (a.length === b.length && a.every((value, at) => value === b[at])) return true;
  const left = keysOf(kind, a);
  const right = keysOf(kind, b);
  return left.size === right.size && [...left].every((key) => right.has(key));
}

export function keysOf(kind: FieldKind, values: readonly string[]): Set<string> {
  return new Set(values.map((value) => valueKey(kind, value)));
}

function one(value: string): string[] {
  return value === "" ? [] : [value];
}

function titleOf({ title, files }: Scene): string {
  return cleanText(title, "title") === "" ? stem(files[0]?.path ?? "") : title;
}

/**
 * A target knows whole days only; a missing month or day becomes the first. "" for what is no day
 * of the calendar: a server answers an edit that holds one with an error, or stores another day.
 */
function fullDate(date: string | null): string {
  const parts = /^(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?$/.exec(date?.trim() ?? "");
  if (parts === null || parts[1] === "0000") return "";
  const [, year, month = "01", day = "01"] = parts;
  const isDay = Number(day) >= 1 && Number(day) <= daysIn(Number(year), Number(month));
  return isDay ? `${year}-${month}-${day}` : "";
}

/** 0 for what is no month. */
function daysIn(year: number, month: number): number {
  if (month < 1 || month > 12) return 0;
  if (month !== 2) return [4, 6, 9, 11].includes(month) ? 30 : 31;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}

function tooMany(names: readonly string[], max: number): string | null {
  if (names.length <= max) return null;
  const { length } = distinct(names);
  return length <= max ? null : `${length - max} of ${length} left out: max_tags is ${max}`;
}

function cutNames(names: readonly string[], kind: TextKind): string | null {
  const cut = names.filter((name) => cutOf(name, kind) !== null).length;
  return cut === 0 ? null : `${cut} of ${names.length} cut: a name has room for 255 characters`;
}

function distinct(names: readonly string[]): string[] {
  const seen = new Map<string, string>();
  for (const name of names) {
    const clean = cleanText(name, "tag");
    if (clean !== "" && !seen.has(tagKey(clean))) seen.set(tagKey(clean), clean);
  }
  return [...seen.values()];
}
