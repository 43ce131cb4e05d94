/** Items by ratingKey: details, the item form of edits, refresh, search. */
import { agentRefresh } from "./agent.ts";
import { type Answer, container, empty, htmlError, type SimCall } from "./answer.ts";
import { parseEdit } from "./edit_params.ts";
import { applyEdit } from "./edits.ts";
import { listAnswer, rowsOf } from "./listing.ts";
import type { SimItem, SimRecord } from "./model.ts";
import { pageOf } from "./paging.ts";
import type { Route } from "./router.ts";
import { defaultType, listItems, membersOf } from "./selection.ts";
import type { World } from "./world.ts";

const IDS = "(\\d+(?:,\\d+)*)";

export const itemRoutes: Route[] = [
  { methods: ["GET"], path: new RegExp(`^/library/metadata/${IDS}$`), answer: detail },
  { methods: ["PUT"], path: new RegExp(`^/library/metadata/${IDS}$`), answer: edit },
  { methods: ["DELETE"], path: new RegExp(`^/library/metadata/${IDS}$`), answer: remove },
  { methods: ["GET"], path: /^\/library\/metadata\/(\d+)\/children$/, answer: children },
  {
    methods: ["PUT", "GET"],
    path: /^\/library\/metadata\/(\d+)\/refresh$/,
    answer(world, _call, ratingKey = "") {
      const item = world.library.items.get(ratingKey);
      if (item === undefined) return htmlError(404);
      agentRefresh(world, item);
      return empty();
    },
  },
  {
    // Accepted like a real server does, without a model of what follows.
    methods: ["PUT"],
    path: /^\/library\/metadata\/(\d+)\/(?:analyze|match|unmatch|split|merge)$/,
    answer: (world, _call, ratingKey = "") => world.record(ratingKey) ? empty() : htmlError(404),
  },
  {
    methods: ["PUT"],
    path: /^\/library\/(?:optimize|clean\/bundles)$/,
    answer: () => empty(),
  },
  { methods: ["GET"], path: /^\/hubs\/search$/, answer: hubSearch },
  { methods: ["GET"], path: /^\/library\/search$/, answer: librarySearch },
];

/** Complete records; unknown ids are left out, 404 when none is known. */
function detail(world: World, call: SimCall, ids = ""): Answer {
  const wanted = ids.split(",");
  const records = wanted.flatMap((id) => world.record(id) ?? []);
  const strict = world.switches.missingIds === "404" && records.length < wanted.length;
  const first = records[0];
  if (first === undefined || strict) return htmlError(404);
  const section = world.library.sections.get(first.sectionKey);
  if (section === undefined) return htmlError(404);
  if (world.switches.noise && !call.query.flag("skipRefresh")) {
    for (const record of records) browsed(world, record);
  }
  const Metadata = rowsOf(world, call, records, true);
  return container({
    size: Metadata.length,
    allowSync: call.owner,
    identifier: "com.plexapp.plugins.library",
    librarySectionID: Number(section.key),
    librarySectionTitle: section.title,
    librarySectionUUID: section.uuid,
    Metadata,
  });
}

/** Looking at an item makes PMS check its files, and say so. */
function browsed(world: World, record: SimRecord): void {
  const activity = world.activities.start("library.refresh.items", "Refreshing", "Checking files", {
    key: `/library/metadata/${record.ratingKey}`,
    librarySectionID: record.sectionKey,
    refreshed: false,
  });
  world.activities.end(activity);
}

/** The item form of an edit. */
function edit(world: World, call: SimCall, ids = ""): Answer {
  const records = ids.split(",").flatMap((id) => world.record(id) ?? []);
  if (records.length === 0) return htmlError(404);
  const status = applyEdit(world, records, parseEdit(call.query.params));
  return status === 200 ? empty() : htmlError(status);
}

/** Deletes collections; for items it would delete their files, which nobody may ask for. */
function remove(world: World, _call: SimCall, ids = ""): Answer {
  const collections = ids.split(",").map((id) => world.collections.byKey.get(id));
  if (!collections.every((collection) => collection !== undefined)) {
    world.violation(`DELETE /library/metadata/${ids}`);
    return htmlError(403);
  }
  for (const collection of collections) world.collections.remove(collection);
  return empty();
}

function children(world: World, call: SimCall, ratingKey = ""): Answer {
  const record = world.record(ratingKey);
  const section = world.library.sections.get(record?.sectionKey ?? "");
  if (record === undefined || section === undefined) return htmlError(404);
  const collection = world.collections.byKey.get(ratingKey);
  // This path knows nothing of filters: a smart collection looks empty.
  const smart = collection?.content !== undefined;
  const members = collection && !smart ? membersOf(world, collection) : [];
  const episodes = [...world.library.itemsOf(section.key)].filter((i) => i.parent === record);
  const page = pageOf(call, world.switches, record.type === "show" ? episodes : members);
  return listAnswer(world, call, section, page);
}

/** Items of all sections, or of one, whose title contains the words. */
function found(world: World, call: SimCall, words: string): SimItem[] {
  const only = call.query.get("sectionId");
  const param = [{ rawKey: "title", key: "title", value: words }];
  const limit = Number(call.query.get("limit") ?? 10);
  return [...world.library.sections.values()]
    .filter((section) => only === undefined || section.key === only)
    .flatMap((section) => listItems(world, section, defaultType(section), param))
    .slice(0, limit);
}

function hubSearch(world: World, call: SimCall): Answer {
  const Metadata = rowsOf(world, call, found(world, call, call.query.get("query") ?? ""));
  return container({
    Hub: [{
      hubIdentifier: "movie",
      title: "Movies",
      type: "movie",
      more: false,
      size: Metadata.length,
      Metadata,
    }],
  });
}

function librarySearch(world: World, call: SimCall): Answer {
  const rows = rowsOf(world, call, found(world, call, call.query.get("query") ?? ""));
  return container({ SearchResult: rows.map((Metadata) => ({ score: 1, Metadata })) });
}
