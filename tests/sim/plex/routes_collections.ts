/** Collection objects. */
import { type Answer, container, empty, htmlError, type SimCall } from "./answer.ts";
import { listAnswer, rowsOf } from "./listing.ts";
import type { SimCollection, SimItem } from "./model.ts";
import { pageOf } from "./paging.ts";
import type { Route } from "./router.ts";
import { membersOf } from "./selection.ts";
import type { World } from "./world.ts";

type CollectionAnswer = (
  world: World,
  call: SimCall,
  collection: SimCollection,
  rest: string,
) => Answer;

function onCollection(methods: string[], below: string, answer: CollectionAnswer): Route {
  return {
    methods,
    path: new RegExp(`^/library/(?:collections|sections/\\w+/collection)/(\\d+)${below}$`),
    answer(world, call, ratingKey = "", rest = "") {
      const collection = world.collections.byKey.get(ratingKey);
      return collection === undefined ? htmlError(404) : answer(world, call, collection, rest);
    },
  };
}

export const collectionRoutes: Route[] = [
  { methods: ["POST"], path: /^\/library\/collections$/, answer: create },
  onCollection(["GET"], "", (world, call, collection) => {
    const Metadata = rowsOf(world, call, [collection], true);
    return container({ identifier: "com.plexapp.plugins.library", Metadata });
  }),
  onCollection(["DELETE"], "", (world, _call, collection) => {
    world.collections.remove(collection);
    return empty();
  }),
  onCollection(["GET"], "/(?:items|children)", (world, call, collection) => {
    const section = world.library.sections.get(collection.sectionKey);
    if (section === undefined) return htmlError(404);
    const page = pageOf(call, world.switches, membersOf(world, collection));
    return listAnswer(world, call, section, page);
  }),
  onCollection(["PUT"], "/items", add),
  // The spec prints PUT for the removal, tools send DELETE.
  onCollection(["PUT", "DELETE"], "/(?:items|children)/(\\d+)", (world, _call, collection, id) => {
    const item = world.library.items.get(id);
    if (collection.content !== undefined) return htmlError(400);
    return item && world.collections.drop(collection, item) ? empty() : htmlError(404);
  }),
  onCollection(["PUT"], "/items/(\\d+)/move", move),
  onCollection(["PUT"], "/prefs", setPreferences),
  {
    methods: ["PUT"],
    path: /^\/library\/metadata\/(\d+)\/prefs$/,
    answer(world, call, ratingKey = "") {
      const collection = world.collections.byKey.get(ratingKey);
      return collection === undefined ? empty() : setPreferences(world, call, collection);
    },
  },
];

function create(world: World, call: SimCall): Answer {
  const section = world.library.sections.get(call.query.get("sectionId") ?? "");
  const title = call.query.get("title") ?? "";
  if (section === undefined || title.trim() === "") return htmlError(400);
  if (world.collections.find(section.key, title) !== undefined) return htmlError(409);
  const uri = call.query.get("uri");
  let collection: SimCollection;
  if (call.query.flag("smart")) {
    if (uri === undefined) return htmlError(400);
    collection = world.collections.create(section.key, { title, content: uri });
  } else {
    const items = uri === undefined ? [] : itemsOfUri(world, uri);
    if (items === undefined) return htmlError(400);
    collection = world.collections.create(section.key, world.tags.obtain("collection", title));
    for (const item of items) world.collections.add(collection, item);
  }
  const Metadata = rowsOf(world, call, [collection]);
  return container({ identifier: "com.plexapp.plugins.library", Metadata });
}

function add(world: World, call: SimCall, collection: SimCollection): Answer {
  if (collection.content !== undefined) return htmlError(400);
  const items = itemsOfUri(world, call.query.get("uri") ?? "");
  if (items === undefined) return htmlError(400);
  if (items.length === 0) return htmlError(404);
  for (const item of items) world.collections.add(collection, item);
  const Metadata = rowsOf(world, call, [collection]);
  return container({ identifier: "com.plexapp.plugins.library", Metadata });
}

function move(world: World, call: SimCall, collection: SimCollection, id: string): Answer {
  const item = world.library.items.get(id);
  if (item === undefined || !collection.members.has(item)) return htmlError(404);
  const after = call.query.get("after");
  const others = [...collection.members].filter((member) => member !== item);
  const at = after === undefined ? 0 : others.findIndex((m) => m.ratingKey === after) + 1;
  collection.members = new Set([...others.slice(0, at), item, ...others.slice(at)]);
  return empty();
}

function setPreferences(_world: World, call: SimCall, collection: SimCollection): Answer {
  const mode = call.query.get("collectionMode");
  const sort = call.query.get("collectionSort");
  if (mode !== undefined) collection.mode = Number(mode);
  if (sort !== undefined) collection.sort = Number(sort);
  return empty();
}

/** Items of `server://<machine>/<provider>/library/metadata/1,2`; undefined when malformed. */
function itemsOfUri(world: World, uri: string): SimItem[] | undefined {
  const [, machine, ids = ""] =
    /^server:\/\/([^/]+)\/com\.plexapp\.plugins\.library\/library\/metadata\/(\d+(?:,\d+)*)$/.exec(
      uri,
    ) ?? [];
  if (machine !== world.machineIdentifier) return undefined;
  return ids.split(",").flatMap((id) => world.library.items.get(id) ?? []);
}
