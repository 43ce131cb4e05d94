/** Sections: their list, listings, section edits, scans, tag menus. */
import { agentRefresh } from "./agent.ts";
import { type Answer, container, empty, htmlError, type SimCall } from "./answer.ts";
import { isEditParam, parseEdit } from "./edit_params.ts";
import { applyEdit } from "./edits.ts";
import { listAnswer, rowsOf } from "./listing.ts";
import { sectionMeta } from "./meta.ts";
import {
  isTagKind,
  ITEM_TYPES,
  type SimItem,
  type SimRecord,
  type SimSection,
  tagsOf,
} from "./model.ts";
import { pageOf } from "./paging.ts";
import type { Route } from "./router.ts";
import { emptyTrash } from "./scans.ts";
import { defaultType, listItems, selectItems } from "./selection.ts";
import type { Row } from "./wire.ts";
import type { World } from "./world.ts";

/** A route below one section; unknown sections answer 404. */
function onSection(
  methods: string[],
  below: string,
  answer: (world: World, call: SimCall, section: SimSection, rest: string) => Answer,
): Route {
  return {
    methods,
    path: new RegExp(`^/library/sections/(\\w+)${below}$`),
    answer(world, call, key = "", rest = "") {
      const section = world.library.sections.get(key);
      return section === undefined ? htmlError(404) : answer(world, call, section, rest);
    },
  };
}

export const sectionRoutes: Route[] = [
  {
    methods: ["GET"],
    path: /^\/library\/?$/,
    answer: () =>
      container({
        identifier: "com.plexapp.plugins.library",
        title1: "Plex Library",
        Directory: [{ key: "sections", title: "Library Sections" }],
      }),
  },
  {
    methods: ["GET"],
    path: /^\/library\/sections(?:\/all)?\/?$/,
    answer: (world, call) =>
      container({
        allowSync: call.owner,
        title1: "Plex Library",
        Directory: [...world.library.sections.values()].map((s) => sectionRow(s, call.owner)),
      }),
  },
  { methods: ["GET"], path: /^\/library\/all$/, answer: listEverywhere },
  onSection(["GET"], "", (_world, call, section) =>
    container({
      allowSync: call.owner,
      identifier: "com.plexapp.plugins.library",
      librarySectionID: Number(section.key),
      title1: section.title,
      viewGroup: "secondary",
      ...(call.query.flag("includeDetails") && sectionMeta(section)),
      Directory: ["all", "unwatched", "newest", "recentlyAdded", "collection", "genre"].map(
        (key) => ({ key, title: key }),
      ),
    })),
  onSection(["GET"], "/all", list),
  onSection(["PUT"], "/all", edit),
  onSection(["GET"], "/collections", (world, call, section) => {
    const page = pageOf(call, world.switches, world.collections.ofSection(section.key));
    return listAnswer(world, call, section, page, call.query.flag("includeMeta"));
  }),
  onSection(["GET"], "/prefs", () => container({ Setting: [] })),
  onSection(["GET", "POST"], "/refresh", (world, call, section) => {
    if (call.query.flag("force")) {
      for (const item of world.library.itemsOf(section.key)) agentRefresh(world, item);
    }
    void world.scanner.scan(section, call.query.get("path"));
    return empty();
  }),
  onSection(["DELETE"], "/refresh", () => empty()),
  onSection(["PUT"], "/emptyTrash", (world, _call, section) => {
    emptyTrash(world, section);
    return empty();
  }),
  onSection(["GET"], "/(\\w+)", menu),
];

/** A section as listed; ids of sections are strings, those of locations numbers. */
function sectionRow(section: SimSection, owner: boolean): Row {
  const { locations, ...plain } = section;
  return {
    ...plain,
    allowSync: owner,
    art: "/:/resources/movie-fanart.jpg",
    composite: `/library/sections/${section.key}/composite/${section.updatedAt}`,
    filters: true,
    thumb: "/:/resources/video.png",
    scanner: section.type === "show" ? "Plex TV Series" : "Plex Video Files",
    language: "en-US",
    content: true,
    directory: true,
    // A number even in JSON.
    hidden: 0,
    Location: locations.map((location) => ({ ...location })),
  };
}

function list(world: World, call: SimCall, section: SimSection): Answer {
  const typed = call.query.get("type");
  if (section.type === "show" && typed === undefined && call.query.get("file") !== undefined) {
    return htmlError(500);
  }
  const type = Number(typed ?? defaultType(section));
  const rows: SimRecord[] = type === ITEM_TYPES.collection
    ? world.collections.ofSection(section.key)
    : listItems(world, section, type, call.query.params);
  const all = call.query.flag("includeCollections")
    ? [...world.collections.ofSection(section.key), ...rows]
    : rows;
  const page = pageOf(call, world.switches, all);
  return listAnswer(world, call, section, page, call.query.flag("includeMeta"));
}

/** GET /library/all: the listing over all sections. */
function listEverywhere(world: World, call: SimCall): Answer {
  const all = [...world.library.sections.values()].flatMap((section) => {
    const type = Number(call.query.get("type") ?? defaultType(section));
    return listItems(world, section, type, call.query.params);
  });
  const page = pageOf(call, world.switches, all);
  if (page === undefined) return htmlError(400);
  return container({
    size: page.rows.length,
    ...page.attributes,
    Metadata: rowsOf(world, call, page.rows),
  }, page.headers);
}

/** The section form: edits everything that its filters select, the whole section without any. */
function edit(world: World, call: SimCall, section: SimSection): Answer {
  const { params } = call.query;
  const changes = parseEdit(params);
  const type = Number(call.query.get("type") ?? defaultType(section));
  if (type === ITEM_TYPES.collection) {
    if (world.switches.collectionSummaryBug && changes.values.has("summary")) return htmlError(404);
    const ids = new Set(call.query.list("id"));
    const wanted = world.collections.ofSection(section.key).filter((c) => ids.has(c.ratingKey));
    return wanted.length === 0 ? htmlError(404) : editAnswer(world, wanted, changes);
  }
  const { items, filtered } = selectItems(
    world,
    section,
    params.filter((param) => !isEditParam(param.key)),
  );
  if (!filtered || call.query.get("id") === undefined) {
    world.violation(`PUT /library/sections/${section.key}/all without a list of ids`);
  }
  const typed = items.filter((item: SimItem) => ITEM_TYPES[item.type] === type);
  if (typed.length > 0) return editAnswer(world, typed, changes);
  return items.length > 0 && world.switches.wrongType === "noop" ? empty() : htmlError(404);
}

function editAnswer(
  world: World,
  records: SimRecord[],
  changes: ReturnType<typeof parseEdit>,
): Answer {
  const status = applyEdit(world, records, changes);
  if (status !== 200) return htmlError(status);
  if (world.switches.sectionPutAnswer === "empty") return empty();
  return container({ size: records.length, identifier: "com.plexapp.plugins.library" });
}

/** The values of a tag or field in use, with the ids that filters take. */
function menu(world: World, call: SimCall, section: SimSection, name: string): Answer {
  const type = Number(call.query.get("type") ?? defaultType(section));
  const items = listItems(world, section, type, []);
  const rows = new Map<string, Row>();
  const add = (key: string, title: string) =>
    rows.set(key, {
      key,
      title,
      fastKey: `/library/sections/${section.key}/all?${name}=${encodeURIComponent(key)}`,
      type: name,
    });
  if (isTagKind(name)) {
    // Labels are listed server-wide.
    if (name === "label") {
      for (const row of world.tags.used("label")) add(String(row.id), row.tag);
    } else {
      for (const { tag } of items.flatMap((item) => tagsOf(item, name))) {
        add(String(tag.id), tag.tag);
      }
    }
  } else if (name === "studio" || name === "contentRating") {
    for (const item of items) {
      const value = item.values[name];
      if (value !== undefined) add(encodeURIComponent(String(value)), String(value));
    }
  } else if (name === "year") {
    for (const { year } of items) if (year !== undefined) add(String(year), String(year));
  } else return htmlError(404);
  const page = pageOf(call, world.switches, [...rows.values()]);
  if (page === undefined) return htmlError(400);
  return container({ ...page.attributes, Directory: page.rows }, page.headers);
}
