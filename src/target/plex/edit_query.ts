import { type FieldName, LIST_FIELDS, type ListField, TEXT_FIELDS } from "../../core/fields.ts";
import { type Edit, editedFields, type ItemRef, type NamesEdit } from "../../core/item.ts";
import { plexName } from "./field_names.ts";
import { TYPE_NUMBER } from "./item_types.ts";

/** How often a name in a removal list is percent-encoded; contested. */
export type RemovalEncoding = "double" | "single";

export interface EditRequestOptions {
  /** Without it, each name gets the form that is right under most servers. */
  removalEncoding?: RemovalEncoding | undefined;
  /** Longest path and query, default 7,500; 0 splits as far as it goes. */
  maxBytes?: number;
}

/** Plex answers 414 somewhere above 8 KB; host and prefix need room too. */
const MAX_BYTES = 7_500;

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
 * The PUTs (path and query) that carry an edit out: one, unless its URL would be too
 * long. Then the summary goes first by itself, then the other text, then each kind of
 * tag, its removals last. A list of wanted tags stays whole, because each PUT may
 * replace the list before it.
 */
export function editRequests(
  item: ItemRef,
  edit: Edit,
  options: EditRequestOptions = {},
): string[] {
  const path = editPath(item);
  const maxBytes = options.maxBytes ?? MAX_BYTES;
  const request = (parts: string[]) => `${path}&${parts.join("&")}`;
  const fits = (parts: string[]) => request(parts).length <= maxBytes;

  const pieces = piecesOf(edit, options.removalEncoding);
  const { summary, text, locks, tags, lone } = pieces;
  const others = [...text, ...locks, ...tags.flatMap((kind) => [...kind.want, ...kind.remove])];
  const together = [...summary, ...others];
  let groups: string[][];
  if (fits(together)) groups = [together];
  else if (fits(others)) groups = [summary, others];
  else {
    const perKind = tags.flatMap(({ want, remove, removeEach }) =>
      fits([...want, ...remove]) ? [[...want, ...remove]] : [want, ...removeEach]
    );
    groups = [summary, [...text, ...locks], ...perKind];
  }
  return [...groups, ...lone].filter((parts) => parts.length > 0).map(request);
}

/** The PUT that takes one tag off one item: the repair for removals that did not take. */
export function removeTagRequest(
  item: ItemRef,
  kind: ListField,
  name: string,
  encoding: RemovalEncoding,
): string {
  return `${editPath(item)}&${removal(kind, [name], encoding)}&${plexName(kind)}.locked=1`;
}

/** The summary cut to the URL limit, the cut marked, for servers that refuse the whole. */
export function shortenedSummary(item: ItemRef, summary: string): string {
  const room = MAX_BYTES - editPath(item).length - "&summary.value=&summary.locked=1".length -
    encode("…").length;
  let length = 0;
  let cut = "";
  for (const char of summary) {
    length += encode(char).length;
    if (length > room) return `${cut.trimEnd()}…`;
    cut += char;
  }
  return summary;
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
  /** The same removals, one request each. */
  removeEach: string[][];
}

interface Pieces {
  summary: string[];
  text: string[];
  locks: string[];
  tags: TagPieces[];
  /** Removals that may not share a request. */
  lone: string[][];
}

function piecesOf(edit: Edit, encoding: RemovalEncoding | undefined): Pieces {
  const pieces: Pieces = { summary: [], text: [], locks: [], tags: [], lone: [] };
  for (const field of TEXT_FIELDS) {
    const value = edit.text[field];
    if (value === undefined) continue;
    // The lock is always said: whether a value locks by itself differs by version.
    (field === "summary" ? pieces.summary : pieces.text).push(
      `${plexName(field)}.value=${encode(value)}`,
      `${plexName(field)}.locked=1`,
    );
  }
  for (const kind of LIST_FIELDS) {
    const tags = edit.names[kind];
    if (tags === undefined) continue;
    // In single form a comma splits the name, so such a name goes alone.
    const alone = encoding === "single" ? tags.remove.filter((name) => name.includes(",")) : [];
    const listed = tags.remove.filter((name) => !alone.includes(name));
    pieces.tags.push({
      want: [...wantedTags(kind, tags), `${plexName(kind)}.locked=1`],
      remove: listed.length === 0 ? [] : [removal(kind, listed, encoding)],
      removeEach: listed.map((name) => [removal(kind, [name], encoding)]),
    });
    pieces.lone.push(...alone.map((name) => [removal(kind, [name], encoding)]));
  }
  const said: ReadonlySet<FieldName> = new Set(editedFields(edit));
  for (const name of new Set(edit.lock)) {
    if (!said.has(name)) pieces.locks.push(`${plexName(name)}.locked=1`);
  }
  return pieces;
}

function wantedTags(kind: ListField, { want }: NamesEdit): string[] {
  return want.flatMap(({ name, role }, index) => {
    const tag = `${plexName(kind)}[${index}].tag.tag=${encode(name)}`;
    // Restated, else Plex forgets it.
    return role ? [tag, `${plexName(kind)}[${index}].tagging.text=${encode(role)}`] : [tag];
  });
}

/** All in one parameter: of repeated ones Plex honours a single one. */
function removal(kind: ListField, names: string[], encoding: RemovalEncoding | undefined): string {
  return `${plexName(kind)}[].tag.tag-=${
    names.map((name) => removalName(name, encoding)).join("%2C")
  }`;
}

/**
 * Without a chosen encoding, double only where it matters: a server that decodes twice
 * reads every other name right from the single form as well, and one that decodes once
 * would miss the doubled ones.
 */
function removalName(name: string, encoding: RemovalEncoding | undefined): string {
  const double = encoding === undefined ? /[,%+]/.test(name) : encoding === "double";
  return double ? encode(encode(name)) : encode(name);
}

/** Percent-encoding in the strict form: space as `%20`, nothing left for a server to read. */
function encode(value: string): string {
  return encodeURIComponent(value.toWellFormed()).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
