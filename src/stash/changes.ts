import { ENTITY_KINDS, type EntityKind } from "../core/sync/scene.ts";
import { contentError, graphqlError } from "./classify.ts";
import type { StashRequest } from "./http.ts";
import { text } from "../core/text/json.ts";
import { type Fields, fields, list } from "./read_scene.ts";
import { IdWalk, isId } from "./id_walk.ts";
import { idsByCount, without } from "./passed_scenes.ts";
import { isNameless, isUnread, type ListSource, mayBeContent, readSpared } from "./spared_page.ts";

/** What can be asked for by time stamp; `file` are scenes by the stamps of their files. */
export const CHANGE_KINDS = ["scene", "file", ...ENTITY_KINDS] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** When something changed. */
export interface Stamp {
  /** Of a scene for `scene` and `file`, else of the performer, studio or tag. */
  id: string;
  /** Raw text of the server's own zone; of `file` those of all the scene's files, one a line. */
  updatedAt: string;
  /** Of a performer, studio or tag; "" for scenes. */
  name: string;
}

/** One page of each kind that was asked for. */
export interface Changes {
  stamps: Map<ChangeKind, Stamp[]>;
  /** The server's own clock, epoch ms; null when it does not tell. */
  serverNow: number | null;
}

/** One kind, and the `watermark` that its stamps have to be greater than; null for all. */
export interface ChangeAsk {
  kind: ChangeKind;
  after: string | null;
}

interface Walk extends ChangeAsk {
  place: Pick<IdWalk, "last" | "page">;
}

/** Of a page that was full some rows may have got lost: by itself that must not end the walk. */
const NEARLY_FULL = 0.8;

/** How one kind is asked for: query, type and name of its filter, list in the answer, fields. */
const QUERY: Readonly<Record<ChangeKind, readonly [string, string, string, string, string]>> = {
  scene: ["findScenes", "SceneFilterType", "scene_filter", "scenes", "id updated_at"],
  file: ["findScenes", "SceneFilterType", "scene_filter", "scenes", "id files { updated_at }"],
  performer: named("Performer", "performer"),
  studio: named("Studio", "studio"),
  tag: named("Tag", "tag"),
};

function named(type: string, kind: EntityKind) {
  const names = [`find${type}s`, `${type}FilterType`, `${kind}_filter`, `${kind}s`] as const;
  return [...names, "id name updated_at"] as const;
}

/**
 * Walks what changed, all kinds in one request: a quiet Stash is asked once. Each further
 * request is for the kinds that filled their page; Stash has no maximum for a page,
 * so one that is far from full is the last. A full one is repeated in part: what follows on its last
 * row shows whether that row has its own id, by which alone the next page is found.
 * @param pageSize >= 1
 */
export async function* walkChanges(
  source: ListSource,
  asks: readonly ChangeAsk[],
  pageSize: number,
  request: StashRequest,
): AsyncGenerator<Changes> {
  let open: (Walk & { place: IdWalk })[] = asks.map((ask) => ({
    ...ask,
    place: new IdWalk(!isByScene(ask.kind)),
  }));
  source.passed.begin();
  let isFirst = true;
  while (open.length > 0) {
    const { rows, serverNow } = await readRound(source, open, pageSize, request);
    const round = new Map<ChangeKind, Stamp[]>();
    const passed = isFirst ? await readPassed(source, open, request) : new Map();
    isFirst = false;
    const full: typeof open = [];
    for (const walk of open) {
      const found = rows.get(walk.kind)!;
      const named = found.filter((row) => !isNameless(row));
      const stamps = list(named).map(readerOf(walk.kind));
      const isFull = found.length >= pageSize * NEARLY_FULL;
      const { fresh, odd: strange, isEnd } = walk.place.take(stamps, isFull);
      source.odd.add(isByScene(walk.kind) ? "scene" : walk.kind, strange);
      if (isFull && !isEnd) full.push(walk);
      const readable = fresh.filter(({ updatedAt }) => updatedAt !== "");
      round.set(walk.kind, [...readable, ...passed.get(walk.kind) ?? []]);
    }
    yield { stamps: round, serverNow };
    open = full;
  }
}

function readerOf(kind: ChangeKind): (found: Fields) => Stamp {
  return kind === "file" ? readFileStamp : readStamp;
}

/** Those that are asked for by their ids, as far as a list would have them now. */
async function readPassed(
  { http, passed }: ListSource,
  walks: readonly Walk[],
  request: StashRequest,
): Promise<Map<ChangeKind, Stamp[]>> {
  const byScene = walks.filter(({ kind }) => isByScene(kind));
  const wanted = Object.fromEntries(byScene.map(({ kind }) => [kind, QUERY[kind][4]]));
  const found = await passed.ask(http, wanted, request);
  return new Map(byScene.map(({ kind, after }) => {
    const stamps = (found.get(kind) ?? []).map(readerOf(kind));
    // By text, as Stash compares them.
    const isListed = ({ updatedAt }: Stamp) =>
      updatedAt.split("\n").some((text) => text !== "" && (after === null || text > after));
    return [kind, stamps.filter(isListed)];
  }));
}

/** Notes which scenes spoil a list, so that the next ones are asked for without them. */
async function passOver(
  { http, passed }: ListSource,
  { kind, after, place }: Walk,
  rows: readonly unknown[],
  request: StashRequest,
): Promise<void> {
  const spoilt: string[] = [];
  let above = place.last;
  let nameless = 0;
  const name = async () => {
    if (nameless === 0) return true;
    const filter = without(changedAfter(kind, after), passed.ids);
    const ids = await idsByCount(http, request, filter, above, nameless);
    nameless = 0;
    spoilt.push(...ids ?? []);
    return ids !== null;
  };
  for (const row of rows) {
    if (isNameless(row)) {
      nameless++;
      continue;
    }
    const id = text(fields(row)?.id);
    if (!isId(id) || !await name()) return passed.add(null);
    if (isUnread(row)) spoilt.push(id);
    above = Number(id);
  }
  passed.add(await name() ? spoilt : null);
}

/** One page of each kind. */
interface Round {
  rows: Map<ChangeKind, unknown[]>;
  serverNow: number | null;
}

async function ask(
  { http, passed }: ListSource,
  walks: readonly (Walk & { isWhole?: boolean })[],
  size: number,
  request: StashRequest,
  wanted?: string,
): Promise<Round> {
  const { data, errors, serverNow } = await http.query(
    request,
    document(walks.map(({ kind }) => kind), wanted),
    Object.fromEntries(
      walks.flatMap((walk) => variables(walk, size, walk.isWhole ? [] : passed.ids)),
    ),
  );
  if (errors.length > 0) throw graphqlError(request.action, errors);
  const rows = new Map<ChangeKind, unknown[]>();
  for (const { kind } of walks) {
    const found = fields(data[kind])?.[QUERY[kind][3]];
    if (!Array.isArray(found)) throw contentError(request.action);
    rows.set(kind, found);
  }
  return { rows, serverNow };
}

/** All kinds at once and, where that fails, each by itself, without the rows that spoil it. */
async function readRound(
  source: ListSource,
  walks: readonly Walk[],
  size: number,
  request: StashRequest,
): Promise<Round> {
  try {
    return await ask(source, walks, size, request);
  } catch (thrown) {
    if (!mayBeContent(thrown, request.signal)) throw thrown;
    await source.ready();
  }
  const round: Round = { rows: new Map(), serverNow: null };
  for (const walk of walks) {
    const { kind, place: { last, page } } = walk;
    const list = {
      what: isByScene(kind) ? "scene" : kind,
      wanted: QUERY[kind][4],
      rests: ["id"],
      ask: async (page: number, size: number, wanted: string, isWhole: boolean) => {
        const place = { last: isWhole ? 0 : last, page };
        const asked = { kind, place, after: isWhole ? null : walk.after, isWhole };
        const { rows, serverNow } = await ask(source, [asked], size, request, wanted);
        round.serverNow = serverNow;
        return rows.get(kind)!;
      },
    };
    const found = await readSpared(source, list, page, size, request.signal);
    round.rows.set(kind, found);
    const spoilt = found.filter(isUnread).length;
    if (!isByScene(kind) || spoilt === 0 || !source.passed.isWorthIt(spoilt)) continue;
    try {
      await passOver(source, walk, found, request);
    } catch (thrown) {
      // It only costs the next poll the same search.
      if (!mayBeContent(thrown, request.signal)) throw thrown;
    }
  }
  return round;
}

function document(kinds: readonly ChangeKind[], only?: string): string {
  const parameters = kinds.map((kind) =>
    `$${kind}_page: FindFilterType, $${kind}: ${QUERY[kind][1]}`
  );
  const parts = kinds.map((kind) => {
    const [query, , filter, items, wanted] = QUERY[kind];
    return `${kind}: ${query}(filter: $${kind}_page, ${filter}: $${kind}) { ${items} { ${
      only ?? wanted
    } } }`;
  });
  return `query (${parameters.join(", ")}) {\n${parts.join("\n")}\n}`;
}

/**
 * Scenes are walked by keyset. Performers, studios and tags have no filter by id: their
 * pages are offsets over the ids, so what is deleted during a walk of several pages may
 * hide another; the full walk finds that one.
 */
function variables(
  { kind, after, place }: Walk,
  size: number,
  passed: readonly string[],
): [string, Fields][] {
  const { page, last } = place;
  const order = { per_page: size, sort: "id", direction: "ASC" };
  const changed = changedAfter(kind, after);
  if (!isByScene(kind)) return both(kind, { page, ...order }, changed);
  const behind = { id: { value: last, modifier: "GREATER_THAN" } };
  return both(kind, { page, ...order }, without({ ...behind, ...changed }, passed));
}

/** The filter for what changed, wherever it stands. */
function changedAfter(kind: ChangeKind, after: string | null): Fields {
  if (after === null) return {};
  const since = { updated_at: { value: after, modifier: "GREATER_THAN" } };
  return kind === "file" ? { files_filter: since } : since;
}

/** Whether the rows are scenes, which can be asked for by id. */
function isByScene(kind: ChangeKind): boolean {
  return kind === "scene" || kind === "file";
}

function both(kind: ChangeKind, page: Fields, filter: Fields): [string, Fields][] {
  return [[`${kind}_page`, page], [kind, filter]];
}

function readStamp(found: Fields): Stamp {
  return { id: text(found.id), updatedAt: stampOf(found), name: text(found.name) };
}

function readFileStamp(scene: Fields): Stamp {
  // All of them: by the greatest alone one that lies ahead would hide what happens to the others.
  const stamps = list(scene.files).map(stampOf).filter(Boolean).sort();
  return { id: text(scene.id), updatedAt: stamps.join("\n"), name: "" };
}

/** On one line, as every time is. */
function stampOf(found: Fields): string {
  return text(found.updated_at).replaceAll("\n", " ");
}
