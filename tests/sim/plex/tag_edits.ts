/** What a tag edit makes of a list of tags, in every contested way. */
import type { TagEdit } from "./edit_params.ts";
import type { SimTag, Tagging, TagKind } from "./model.ts";
import { decodePercent } from "./query.ts";
import type { SimPlexSwitches } from "./switches.ts";
import type { TagTable } from "./tag_table.ts";

/**
 * The list after the edit. Makes missing tag rows and writes shared pictures.
 * @param single The edit selects one item: only then can indexed tags replace the list
 */
export function nextTaggings(
  table: TagTable,
  switches: SimPlexSwitches,
  kind: TagKind,
  current: Tagging[],
  edit: TagEdit,
  single: boolean,
): Tagging[] {
  const removed = removedTags(table, switches, kind, edit.removals);
  const takeOut = (list: Tagging[]) =>
    edit.clear ? [] : list.filter((tagging) => !removed.has(tagging.tag));
  const early = switches.removalOrder === "before_adds";

  const kept = replaces(switches, edit, single) ? [] : early ? takeOut(current) : current;
  const merged = new Map(kept.map((tagging) => [tagging.tag, tagging]));
  for (const add of edit.adds) {
    const tag = table.obtain(kind, add.tag);
    if (add.thumb !== undefined) tag.thumb = add.thumb === "" ? null : add.thumb;
    // A restated tag keeps its place, but not what was not said again.
    merged.set(tag, { tag, text: add.text });
  }
  const next = [...merged.values()];
  return early ? next : takeOut(next);
}

function replaces(switches: SimPlexSwitches, edit: TagEdit, single: boolean): boolean {
  if (!single || edit.adds.length === 0 || switches.singleTagEdit === "add") return false;
  return switches.singleTagEdit === "replace" || edit.removals === undefined;
}

function removedTags(
  table: TagTable,
  switches: SimPlexSwitches,
  kind: TagKind,
  removals: string | undefined,
): Set<SimTag> {
  const rows = new Set<SimTag>();
  for (const name of removalNames(switches, removals, (n) => table.find(kind, n) !== undefined)) {
    const row = table.find(kind, name);
    if (row !== undefined) rows.add(row);
  }
  return rows;
}

/** Names in the value of one `tag.tag-`. */
function removalNames(
  switches: SimPlexSwitches,
  removals: string | undefined,
  exists: (name: string) => boolean,
): string[] {
  if (removals === undefined) return [];
  // Undecoded names cannot carry a comma in a list, so a lone name with one is tried whole.
  if (switches.removalDecoding === "single" && exists(removals)) return [removals];
  const decode = switches.removalDecoding === "double" ? decodePercent : (name: string) => name;
  const names = removals.split(",").map(decode).filter((n) => n.trim() !== "");
  return switches.removalList === "first_only" ? names.slice(0, 1) : names;
}
