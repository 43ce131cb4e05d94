import {
  type FieldName,
  LIST_FIELDS,
  type ListField,
  TEXT_FIELDS,
} from "../../core/sync/fields.ts";
import { type Edit, editedFields, type ItemRef, type NamesEdit } from "../../core/sync/item.ts";
import { plexName } from "./field_names.ts";
import { TYPE_NUMBER } from "./item_types.ts";

/** How often a name in a removal list is percent-encoded; versions of Plex differ. */
type Encoding = "double" | "single";

/** How names are taken off a list. Versions of Plex differ in which of them work. */
export type RemovalWay =
  /** Wanted names and removals in one request; names are encoded as most servers read them. */
  | "list"
  /** The wanted names alone: servers that replace a list only then. */
  | "restate"
  /** As `list`, for servers that decode a removed name once. */
  | "single"
  /** One removal of a kind in each request: servers that take only the first of a list. */
  | "each"
  /** The whole list away first, then the wanted names. */
  | "clear"
  /** Each name in a request of its own, in both encodings. */
  | "alone";

export interface EditRequestOptions {
  /** Default `list`. */
  way?: RemovalWay | undefined;
  /** Longest path and query, default `MAX_BYTES`; 0 splits as far as it goes. */
  maxBytes?: number;
}

/** Plex answers 414 somewhere above 8 KB; host and prefix need room too. */
export const MAX_BYTES = 8_000;

/**
 * Refuses anything that could widen a section edit: without a proper `id` it
 * rewrites every item of the library.
 * @throws {RangeError} an id is not a string of digits
 */
export function assertNumericIds(...ids: string[]): void {
  for (const id of ids) {
    if (typeof id !== "string" || !/^\d+$/.test(id)) {
      throw new RangeError(`Cannot use "${id}" as a Plex id: it must consist of digits`);
    }
  }
}

/**
 * The PUTs (path and query) that carry an edit out: one, unless its URL would be too long or the
 * way of removal asks for more. Then the summary goes first by itself, then the other text, then
 * each kind of tag, its removals last. A list of wanted tags stays whole, because each PUT may
 * replace the list before it.
 */
export function editRequests(
  item: ItemRef,
  edit: Edit,
  { way = "list", maxBytes = MAX_BYTES }: EditRequestOptions = {},
): string[] {
  const path = editPath(item);
  const request = (parts: string[]) => `${path}&${parts.join("&")}`;
  const fits = (parts: string[]) => request(parts).length <= maxBytes;

  const { summary, text, locks, tags, before, after } = piecesOf(edit, way, fits);
  const others = [...text, ...locks, ...tags.flatMap(({ want, remove }) => [...want, ...remove])];
  const together = [...summary, ...others];
  let groups: string[][];
  if (fits(together)) groups = [together];
  else if (fits(others)) groups = [summary, others];
  else {
    const perKind = tags.flatMap(({ want, remove, removeInParts }) =>
      fits([...want, ...remove]) ? [[...want, ...remove]] : [want, ...removeInParts]
    );
    groups = [summary, [...text, ...locks], ...perKind];
  }
  return [before, ...groups, ...after].filter((parts) => parts.length > 0).map(request);
}

/** How many more bytes of an edit of one list fit into one request, the lock counted. */
export function roomForNames(item: ItemRef, kind: ListField, maxBytes: number): number {
  return maxBytes - editPath(item).length - `&${plexName(kind)}.locked=1`.length;
}

/** Bytes that one name of a list takes in a request, with its index and its role. */
export function bytesOfName(
  kind: ListField,
  name: NamesEdit["want"][number],
  index: number,
): number {
  return wantedTag(kind, name, index).reduce((sum, part) => sum + 1 + part.length, 0);
}

/** The summary cut so that a request of its own holds it, the cut marked. */
export function shortenedSummary(item: ItemRef, summary: string, maxBytes = MAX_BYTES): string {
  const room = maxBytes - editPath(item).length - "&summary.value=&summary.locked=1".length -
    encode("…").length;
  if (encode(summary).length <= room + encode("…").length) return summary;
  let length = 0;
  let cut = "";
  for (const char of summary) {
    length += encode(char).length;
    if (length > room) break;
    cut += char;
  }
  return `${cut.trimEnd()}…`;
}

/** Names that servers read differently, since what they hold means something in a list. */
export function isContested(name: string): boolean {
  return /[,%+]/.test(name);
}

/** The section form, as Plex Web sends it, narrowed to one item. */
function editPath({ id, section, type }: ItemRef): string {
  const typeNumber = String(TYPE_NUMBER[type]);
  assertNumericIds(section, id, typeNumber);
  return `/library/sections/${section}/all?type=${typeNumber}&id=${id}`;
}

interface TagPieces {
  want: string[];
  remove: string[];
  /** The same removals, in requests that each fit. */
  removeInParts: string[][];
}

interface Pieces {
  summary: string[];
  text: string[];
  locks: string[];
  tags: TagPieces[];
  /** What has to be a request before all others. */
  before: string[];
  /** Requests after all others. */
  after: string[][];
}

function piecesOf(edit: Edit, way: RemovalWay, fits: (parts: string[]) => boolean): Pieces {
  const pieces: Pieces = { summary: [], text: [], locks: [], tags: [], before: [], after: [] };
  for (const field of TEXT_FIELDS) {
    const value = edit.text[field];
    if (value === undefined) continue;
    // The lock is always said: whether a value locks by itself differs by version.
    (field === "summary" ? pieces.summary : pieces.text).push(
      `${plexName(field)}.value=${encode(value)}`,
      lockOf(edit, field),
    );
  }
  for (const kind of LIST_FIELDS) {
    const tags = edit.names[kind];
    if (tags === undefined) continue;
    const { list, encoding, first, later } = removalsOf(kind, tags, way);
    if (first !== null) pieces.before.push(first);
    const listed = (names: string[]) => [removal(kind, names, encoding)];
    const parts = inParts(list, (names) => fits(listed(names)));
    pieces.tags.push({
      want: [...wantedTags(kind, tags), lockOf(edit, kind)],
      remove: list.length === 0 ? [] : listed(list),
      removeInParts: parts.map(listed),
    });
    later.forEach((part, at) => (pieces.after[at] ??= []).push(part));
  }
  const said: ReadonlySet<FieldName> = new Set(editedFields(edit));
  for (const name of new Set([...edit.lock, ...edit.unlock ?? []])) {
    if (!said.has(name)) pieces.locks.push(lockOf(edit, name));
  }
  return pieces;
}

function lockOf({ unlock = [] }: Edit, field: FieldName): string {
  return `${plexName(field)}.locked=${unlock.includes(field) ? 0 : 1}`;
}

interface Removals {
  /** Names that go in one list beside the wanted names, and how they are encoded. */
  list: string[];
  encoding: Encoding | undefined;
  /** A parameter for a request before all others. */
  first: string | null;
  /** Parameters for requests of their own; those of several kinds may share one. */
  later: string[];
}

function removalsOf(kind: ListField, { want, remove }: NamesEdit, way: RemovalWay): Removals {
  const listed = { list: remove, encoding: undefined, first: null, later: [] };
  if (remove.length === 0) return listed;
  switch (way) {
    case "list":
      return listed;
    case "restate":
      return want.length === 0 ? listed : { ...listed, list: [] };
    case "single": {
      // In single form a comma splits the name, so such a name goes alone.
      const alone = remove.filter((name) => name.includes(","));
      const list = remove.filter((name) => !alone.includes(name));
      const later = alone.map((name) => removal(kind, [name], "single"));
      return { ...listed, list, encoding: "single", later };
    }
    case "each": {
      const later = remove.slice(1).map((name) => removal(kind, [name], undefined));
      return { ...listed, list: remove.slice(0, 1), later };
    }
    case "clear":
      return { ...listed, list: [], first: `${plexName(kind)}[].tag=` };
    case "alone": {
      const later = remove.flatMap((name) =>
        isContested(name)
          ? [removal(kind, [name], "double"), removal(kind, [name], "single")]
          : [removal(kind, [name], "single")]
      );
      return { ...listed, list: [], later };
    }
  }
}

function inParts(names: readonly string[], fits: (names: string[]) => boolean): string[][] {
  const parts: string[][] = [];
  for (const name of names) {
    const last = parts.at(-1);
    if (last !== undefined && fits([...last, name])) last.push(name);
    else parts.push([name]);
  }
  return parts;
}

function wantedTags(kind: ListField, { want }: NamesEdit): string[] {
  return want.flatMap((name, index) => wantedTag(kind, name, index));
}

function wantedTag(
  kind: ListField,
  { name, role }: NamesEdit["want"][number],
  index: number,
): string[] {
  const tag = `${plexName(kind)}[${index}].tag.tag=${encode(name)}`;
  // Restated, else Plex forgets it.
  return role ? [tag, `${plexName(kind)}[${index}].tagging.text=${encode(role)}`] : [tag];
}

/** All in one parameter: of repeated ones Plex honours a single one. */
function removal(kind: ListField, names: string[], encoding: Encoding | undefined): string {
  return `${plexName(kind)}[].tag.tag-=${
    names.map((name) => removalName(name, encoding)).join("%2C")
  }`;
}

/**
 * Without a chosen encoding, double only where it matters: a server that decodes twice
 * reads every other name right from the single form as well, and one that decodes once
 * would miss the doubled ones.
 */
function removalName(name: string, encoding: Encoding | undefined): string {
  const double = encoding === undefined ? isContested(name) : encoding === "double";
  return double ? encode(encode(name)) : encode(name);
}

/** Percent-encoding in the strict form: space as `%20`, nothing left for a server to read. */
function encode(value: string): string {
  return encodeURIComponent(value.toWellFormed()).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
