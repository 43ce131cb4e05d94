import { text } from "../core/text/json.ts";
import { isTimeOut } from "../core/failures/transport_failures.ts";
import { contentError } from "./classify.ts";
import { findScenes } from "./find_scenes.ts";
import type { StashHttp, StashRequest } from "./http.ts";
import { type Fields, fields } from "./read_scene.ts";
import { mayBeContent } from "./spared_page.ts";

/** More are searched for anew by each poll. */
const MOST = 10;
/** So many polls go by what was found; then it is looked again whether lists can have them. */
const POLLS = 100;
/** So many silences end the questions of one poll. */
const MOST_SILENCES = 2;

/** What each list asks for of a scene, by the kind of the list. */
export type WantedOf = Readonly<Record<string, string>>;

/**
 * Scenes that spoil each list which they are in. Found once, by a search that takes some thirty
 * requests, they are left out of the lists of the polls that follow, and each poll asks for them by
 * their ids: one that can be read again comes as if it had been listed.
 */
export class PassedScenes {
  #ids: readonly string[] = [];
  /** Since they were found, or could not be. */
  #polls = 0;
  #isHopeless = false;

  /** Those that lists are asked for without. */
  get ids(): readonly string[] {
    return this.#ids;
  }

  /** A poll begins. */
  begin(): void {
    if (this.#ids.length === 0 && !this.#isHopeless) return;
    if (++this.#polls <= POLLS) return;
    this.#polls = 0;
    this.#ids = [];
    this.#isHopeless = false;
  }

  /** Whether it is worth the requests to find the ids of so many more. */
  isWorthIt(count: number): boolean {
    return !this.#isHopeless && this.#ids.length + count <= MOST;
  }

  /** @param ids null where they could not be found: that costs requests, and not each poll's */
  add(ids: readonly string[] | null): void {
    if (ids === null) this.#isHopeless = true;
    else this.#ids = [...new Set([...this.#ids, ...ids])];
  }

  /** @returns by kind of list, those that can be read now, as Stash gives them */
  async ask(
    http: StashHttp,
    wanted: WantedOf,
    request: StashRequest,
  ): Promise<ReadonlyMap<string, Fields[]>> {
    const asked = Object.entries(wanted)
      .flatMap(([kind, wanted]) => this.#ids.map((id) => ({ kind, id, wanted })));
    const rows = await this.#read(http, asked, request);
    const found = Map.groupBy(rows, ({ kind }) => kind);
    return new Map([...found].map(([kind, rows]) => [kind, rows.map(({ row }) => row)]));
  }

  /** All in one request; each by itself where one of them spoils that too. */
  async #read(
    http: StashHttp,
    asked: readonly Asked[],
    request: StashRequest,
  ): Promise<{ kind: string; row: Fields }[]> {
    if (asked.length === 0) return [];
    try {
      return await this.#readTogether(http, asked, request);
    } catch (thrown) {
      if (!mayBeContent(thrown, request.signal)) throw thrown;
    }
    if (asked.length === 1) return [];
    const rows: { kind: string; row: Fields }[] = [];
    let silences = 0;
    // By turns, so that one that is silent does not hide the same others at each poll.
    const first = this.#polls % asked.length;
    for (const each of [...asked.slice(first), ...asked.slice(0, first)]) {
      try {
        rows.push(...await this.#readTogether(http, [each], request));
      } catch (thrown) {
        if (!mayBeContent(thrown, request.signal)) throw thrown;
        if (isTimeOut(thrown) && ++silences >= MOST_SILENCES) break;
      }
    }
    return rows;
  }

  async #readTogether(
    http: StashHttp,
    asked: readonly Asked[],
    request: StashRequest,
  ): Promise<{ kind: string; row: Fields }[]> {
    const parameters = asked.map((_, at) => `$i${at}: ID!`).join(", ");
    const parts = asked.map(({ wanted }, at) => `s${at}: findScene(id: $i${at}) { ${wanted} }`);
    const { data, errors } = await http.query(
      request,
      `query (${parameters}) {\n${parts.join("\n")}\n}`,
      Object.fromEntries(asked.map(({ id }, at) => [`i${at}`, id])),
    );
    return asked.flatMap(({ kind, id }, at) => {
      const row = fields(data[`s${at}`]);
      if (row !== null) return text(row.id) === id ? [{ kind, row }] : [];
      // Beside an error null says nothing; without one it is deleted.
      if (errors.length === 0) this.#ids = this.#ids.filter((each) => each !== id);
      return [];
    });
  }
}

interface Asked {
  kind: string;
  id: string;
  wanted: string;
}

/** The filter with some scenes left out. */
export function without(filter: Fields, ids: readonly string[]): Fields {
  const left = ids.reduceRight<Fields | null>((rest, id) => ({
    id: { value: Number(id), modifier: "NOT_EQUALS" },
    ...(rest === null ? {} : { AND: rest }),
  }), null);
  return left === null ? filter : { ...filter, AND: left };
}

/**
 * The ids of so many scenes of a list that lie between two others, by counts alone: these load no row.
 * @param above Each is greater
 * @param filter Of the list, without a filter by id
 * @returns null where the counts do not tell them
 */
export async function idsByCount(
  http: StashHttp,
  request: StashRequest,
  filter: Fields,
  above: number,
  howMany: number,
): Promise<string[] | null> {
  const isAnyIn = async (low: number, high: number) => {
    const scenes = { ...filter, id: { value: low, value2: high, modifier: "BETWEEN" } };
    const variables = { filter: { per_page: 0 }, scenes };
    const { count } = await findScenes(http, request, variables, { counted: true, wanted: "id" });
    if (count === null) throw contentError(request.action);
    return count > 0;
  };
  const ids: string[] = [];
  let low = above + 1;
  while (ids.length < howMany) {
    let width = 1;
    while (!await isAnyIn(low, low + width - 1)) {
      low += width;
      width *= 2;
      if (!Number.isSafeInteger(low + width)) return null;
    }
    while (width > 1) {
      width /= 2;
      if (!await isAnyIn(low, low + width - 1)) low += width;
    }
    ids.push(String(low));
    low++;
  }
  return ids;
}
