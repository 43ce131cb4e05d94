import { keysOf, LIST_FIELDS, type ListField, valueKey } from "../../core/sync/fields.ts";
import type { Edit, Item, NamesEdit } from "../../core/sync/item.ts";
import type { Fitted, Omission } from "../../core/sync/ways.ts";
import { bytesOfName, roomForNames, shortenedSummary } from "./edit_query.ts";

/**
 * What of an edit Plex can be sent: all of it travels in the URL, and neither a summary nor a list
 * can be sent in parts, since each request may replace what the one before it wrote.
 * @param maxBytes Longest path and query
 */
export function fitEdit(item: Item, edit: Edit, maxBytes: number): Fitted {
  const omitted: Omission[] = [];
  const fitted: Edit = { ...edit, text: { ...edit.text }, names: { ...edit.names } };
  const { summary } = edit.text;
  if (summary !== undefined) {
    const short = shortenedSummary(item, summary, maxBytes);
    if (short !== summary) {
      const text = `cut at ${short.length - 1} of ${summary.length} characters: ${limit(maxBytes)}`;
      omitted.push({ field: "summary", text });
      if (item.values.summary[0] === short) delete fitted.text.summary;
      else fitted.text.summary = short;
    }
  }
  for (const kind of LIST_FIELDS) {
    const names = edit.names[kind];
    if (names === undefined) continue;
    const { next, text } = fitNames(item, kind, names, maxBytes);
    if (text !== null) omitted.push({ field: kind, text });
    if (next === null) delete fitted.names[kind];
    else fitted.names[kind] = next;
  }
  return { edit: fitted, omitted };
}

function fitNames(
  item: Item,
  kind: ListField,
  names: NamesEdit,
  maxBytes: number,
): { next: NamesEdit | null; text: string | null } {
  const { want, remove } = names;
  const there = keysOf("names", item.values[kind]);
  const stands = ({ name }: NamesEdit["want"][number]) => there.has(valueKey("names", name));
  const chosen = new Set<NamesEdit["want"][number]>();
  let room = roomForNames(item, kind, maxBytes);
  // Those that stand there go first: a server that replaces its list would lose them.
  for (const name of [...want.filter(stands), ...want.filter((each) => !stands(each))]) {
    // The highest index that it can get takes the most room.
    const bytes = bytesOfName(kind, name, want.length - 1);
    if (bytes > room) {
      if (!stands(name)) continue;
      const text = `left as they are: those that stand there are too many; ${limit(maxBytes)}`;
      return { next: null, text };
    }
    room -= bytes;
    chosen.add(name);
  }
  const left = want.length - chosen.size;
  if (left === 0) return { next: names, text: null };
  const text = `${left} of ${want.length} left out: ${limit(maxBytes)}`;
  const kept = want.filter((name) => chosen.has(name));
  const changes = remove.length > 0 || kept.some((name) => !stands(name));
  return { next: changes ? { want: kept, remove } : null, text };
}

function limit(maxBytes: number): string {
  return `Plex takes requests of ${maxBytes} bytes`;
}
