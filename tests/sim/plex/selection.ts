/** Which items a request means: type, filters, order. */
import { compileFilter, type FilterContext, type Predicate } from "./filters.ts";
import { ITEM_TYPES, type SimCollection, type SimItem, type SimSection } from "./model.ts";
import { baseName, folderOf } from "./paths.ts";
import { type Param, parseQuery } from "./query.ts";
import { sortItems } from "./sorting.ts";
import type { World } from "./world.ts";

/** The type that a section lists when none is asked for: its top level. */
export function defaultType(section: SimSection): number {
  return ITEM_TYPES[section.type];
}

/**
 * Items of one section that the filters select, of any type and in no order.
 * `filtered` is false when no parameter filtered anything.
 */
export function selectItems(
  world: World,
  section: SimSection,
  params: readonly Param[],
): { items: SimItem[]; filtered: boolean } {
  const filter = compileFilter(params, filterContext(world));
  const candidates = indexed(world, params) ?? world.library.itemsOf(section.key);
  const items = [...candidates].filter((item) =>
    item.sectionKey === section.key && (filter === undefined || filter(item))
  );
  return { items, filtered: filter !== undefined };
}

const CACHED_LISTS = 8;

/** Listings last asked for, kept until something changes: a walk asks for one page by page. */
const listings = new WeakMap<World, { revision: number; lists: Map<string, SimItem[]> }>();

/** Items of one type that the filters select, in the order asked for. */
export function listItems(
  world: World,
  section: SimSection,
  type: number,
  params: readonly Param[],
): SimItem[] {
  const { revision } = world.library;
  let cache = listings.get(world);
  if (cache?.revision !== revision) {
    cache = { revision, lists: new Map() };
    listings.set(world, cache);
  }
  const { dateCompare, fileFilter } = world.switches;
  const asked = params.filter(({ key }) => !isPaging(key));
  const key = JSON.stringify([section.key, type, asked, dateCompare, fileFilter]);
  const known = cache.lists.get(key);
  if (known !== undefined) return known;
  const { items } = selectItems(world, section, params);
  const sort = params.find((p) => p.key === "sort")?.value;
  const list = sortItems(items.filter((item) => ITEM_TYPES[item.type] === type), sort);
  // What is relative to now selects others in a second.
  if (!params.some(({ value }) => /^[+-]\d/.test(value))) {
    // Clients name sorts and filters, so their number needs a bound.
    if (cache.lists.size >= CACHED_LISTS) cache.lists.clear();
    cache.lists.set(key, list);
  }
  return list;
}

/** Which page is cut out of the list, and how its rows look, is not in the list. */
function isPaging(name: string): boolean {
  return /^(x-plex-|limit$|(include|exclude)\w+$)/i.test(name);
}

/** Members of a collection: those it was given, or what its filter finds. */
export function membersOf(world: World, collection: SimCollection): SimItem[] {
  if (collection.content === undefined) return [...collection.members];
  const [, path = "", query = ""] = /^server:\/\/[^/]+\/[^/]+([^?]*)\??(.*)$/.exec(
    collection.content,
  ) ?? [];
  const section = world.library.sections.get(/\/library\/sections\/(\w+)/.exec(path)?.[1] ?? "");
  if (section === undefined) return [];
  const { params } = parseQuery(query, world.switches.plusIsSpace);
  const type = Number(params.find((p) => p.key === "type")?.value ?? defaultType(section));
  return listItems(world, section, type, params);
}

function filterContext(world: World): FilterContext {
  return {
    now: world.seconds(),
    datesInclusive: world.switches.dateCompare === "inclusive",
    byFile: world.switches.fileFilter === "ignored" ? undefined : (path): Predicate => {
      const found = withFile(world, path);
      return (item) => found.has(item);
    },
  };
}

/** The few items that an index gives for a plain AND of conditions, or undefined. */
function indexed(world: World, params: readonly Param[]): Iterable<SimItem> | undefined {
  if (params.some((p) => p.key === "or" || p.key === "push")) return undefined;
  const ids = params.find((p) => p.key === "id")?.value.split(",");
  if (ids?.every((id) => /^\d+$/.test(id))) {
    return ids.flatMap((id) => world.library.items.get(id) ?? []);
  }
  const file = params.find((p) => p.key === "file")?.value;
  if (file !== undefined && world.switches.fileFilter !== "ignored") return withFile(world, file);
  return undefined;
}

/** The file itself or any of that name; or, folder-wide, its neighbours as well. */
function withFile(world: World, path: string): Set<SimItem> {
  const { library } = world;
  const found = new Set<SimItem>(library.withFile(path));
  if (!/[\\/]/.test(path)) { for (const item of library.byBaseName(path)) found.add(item); }
  if (world.switches.fileFilter !== "folder") return found;
  const folders = new Set(
    filesOf(found).filter((f) => f === path || baseName(f) === path).map(folderOf),
  );
  for (const [file, items] of library.paths()) {
    if (!folders.has(folderOf(file))) continue;
    for (const item of items) found.add(item);
  }
  return found;
}

function filesOf(items: Iterable<SimItem>): string[] {
  return [...items].flatMap((item) => item.media.flatMap((m) => m.parts.map((part) => part.file)));
}
