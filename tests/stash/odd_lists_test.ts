/** Lists of Stash with rows that nobody can go by: all others come, each once, in bounded time. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { PlexsyncError } from "../../src/core/failures/errors.ts";
import { json, serve, type Stub } from "../target/plex/stub_server.ts";
import { clientOf, collect } from "./stash_fixture.ts";

const SCENES = 32;
const PAGE_SIZE = 10;
const MOST_REQUESTS = 40;
const MOST_LINES = 11;
/** What a row that says another id adds to its own. */
const FOREIGN = 1_000_000_000;
const STAMP = "2026-01-10T21:00:00Z";

interface Listed {
  id: unknown;
  updated_at: string;
}

/** One list that was asked for. */
interface Asked {
  rows: Listed[];
  count: unknown;
  /** Greatest id that was not wanted. */
  after: number;
  page: number;
  size: number;
}

interface Lie {
  when: string;
  /** Changes the rows before they are filtered by what was asked: Stash knows the true ids. */
  change(asked: Asked): void;
  /** Scenes that nobody can know by such a list. */
  without?: readonly number[];
  /** For lists of ids: of a scene that is read whole and stands out of place nobody knows whose it is. */
  isOfIds?: boolean;
  /** What is said; nothing where it cannot be told. */
  says?: RegExp;
}

const withId = (id: number, other: unknown) => ({ rows }: Asked) => {
  for (const row of rows) if (row.id === String(id)) row.id = other;
};

const repeated = (id: number) => (asked: Asked) => {
  asked.rows = asked.rows.flatMap((row) => row.id === String(id) ? [row, { ...row }] : [row]);
};

const LIES: readonly Lie[] = [
  // The last row of a page leads to the next one.
  ...[1, 3, 9, 10, 11, 20, 32].map((id) => ({
    when: `gives scene ${id} the id of another one`,
    change: withId(id, String(id + FOREIGN)),
    without: [id],
  })),
  ...[null, "", "abc", "-7", "0", 7, "1.5", "99999999999999999999", "9007199254740993", {}]
    .flatMap((other) =>
      [1, 10, 32].map((id) => ({
        when: `gives scene ${id} as ${JSON.stringify(other)}`,
        change: withId(id, other),
        without: [id],
        says: /no id/,
      }))
    ),
  ...[1, 10, 11, 32].map((id) => ({
    when: `gives scene ${id} twice in an answer`,
    change: repeated(id),
    says: /twice/,
  })),
  {
    when: "gives the first scene on each page",
    change: ({ rows, page, after }) => {
      if (page > 1 || after > 0) rows.unshift({ id: "1", updated_at: STAMP });
    },
  },
  {
    when: "gives two rows in each other's place",
    isOfIds: true,
    change: ({ rows }) => {
      const at = rows.findIndex(({ id }) => id === "4");
      if (at >= 0 && at + 1 < rows.length) {
        [rows[at], rows[at + 1]] = [rows[at + 1]!, rows[at]!];
      }
    },
  },
  {
    when: "gives each page from its end",
    isOfIds: true,
    change: ({ rows }) => void rows.reverse(),
  },
  { when: "leaves out a scene", change: leavesOut(8), without: [8] },
  { when: "leaves out the last scene", change: leavesOut(32), without: [32] },
  {
    when: "leaves out two scenes at the end of a page",
    change: leavesOut(9, 10),
    without: [9, 10],
  },
  ...[0, 3, SCENES + 5, 1e12, -1, "abc", null, 1.5].map((count) => ({
    when: `counts ${JSON.stringify(count)}`,
    change: (asked: Asked) => void (asked.count = count),
  })),
];

function leavesOut(...ids: number[]) {
  return (asked: Asked) => {
    asked.rows = asked.rows.filter(({ id }) => !ids.includes(Number(id)));
  };
}

/** Stash's lists of scenes by id and page, before which something stands that changes rows. */
function lying(change: (asked: Asked) => void): Stub {
  return serve((request) => {
    const { query, variables } = JSON.parse(new TextDecoder().decode(request.body));
    if (query.includes("findScene(")) {
      const ids = Object.entries<string>(variables);
      return json({
        data: Object.fromEntries(ids.map(([name, id]) => [
          name.replace("i", "s"),
          Number(id) <= SCENES ? { id } : null,
        ])),
      });
    }
    const kind = query.includes("scene: findScenes") ? "scene" : null;
    const { page = 1, per_page: size, direction } =
      variables[kind === null ? "filter" : "scene_page"];
    const after = variables[kind === null ? "scenes" : "scene"]?.id?.value ?? 0;
    const all = Array.from({ length: SCENES }, (_, at) => at + 1).filter((id) => id > after);
    if (direction === "DESC") all.reverse();
    const rows = all.slice((page - 1) * size, page * size)
      .map((id): Listed => ({ id: String(id), updated_at: STAMP }));
    const asked: Asked = { rows, count: all.length, after, page, size };
    change(asked);
    const found = { count: asked.count, scenes: asked.rows };
    return json({ data: kind === null ? { findScenes: found } : { [kind]: found } });
  });
}

/** The walks over scenes, and the ids that each comes to. */
const WALKS: Record<string, (stub: Stub, odd: (line: string) => void) => Promise<number[]>> = {
  async allSceneIds(stub, odd) {
    const pages = await collect(clientOf(stub, { odd }).allSceneIds(PAGE_SIZE));
    return pages.flatMap(({ scenes }) => scenes.map(({ id }) => Number(id)));
  },
  async changes(stub, odd) {
    const asks = [{ kind: "scene", after: null }] as const;
    const pages = await collect(clientOf(stub, { odd }).changes(asks, PAGE_SIZE));
    return pages.flatMap(({ stamps }) => stamps.get("scene")!.map(({ id }) => Number(id)));
  },
  async scenesAfter(stub, odd) {
    const client = clientOf(stub, { odd });
    return await stepped(async (after) =>
      (await client.scenesAfter(after, PAGE_SIZE)).scenes.map(({ id }) => id)
    );
  },
  async scenesOf(stub, odd) {
    const tag = { kind: "tag", id: "1" } as const;
    const client = clientOf(stub, { odd });
    return await stepped((after) => client.scenesOf(tag, after, PAGE_SIZE));
  },
};

const BY_STEPS = ["scenesAfter", "scenesOf"];

async function stepped(page: (after: number) => Promise<string[]>): Promise<number[]> {
  const found: number[] = [];
  for (;;) {
    const ids = await page(found.at(-1) ?? 0);
    if (ids.length === 0) return found;
    found.push(...ids.map(Number));
  }
}

for (const [name, walk] of Object.entries(WALKS)) {
  for (const { when, change, without = [], says, isOfIds = false } of LIES) {
    if (isOfIds && BY_STEPS.includes(name)) continue;
    Deno.test(`${name}() gives each other scene once when Stash ${when}`, async () => {
      await using stub = lying(change);
      const told: string[] = [];
      const found = await walk(stub, (line) => told.push(line));
      assertEquals(found.length, new Set(found).size, `twice: ${found}`);
      const wanted = Array.from({ length: SCENES }, (_, at) => at + 1);
      // What stands in the place of a scene may be asked for: then it is found to be none.
      assertEquals(
        found.filter((id) => id <= SCENES).sort((a, b) => a - b),
        wanted.filter((id) => !without.includes(id)),
      );
      assert(stub.seen.length <= MOST_REQUESTS, String(stub.seen.length));
      if (says !== undefined) assert(told.some((line) => says.test(line)), told.join("\n"));
      assert(told.length <= MOST_LINES, told.join("\n"));
    });
  }
}

Deno.test("scenesAfter() gives no scene under an id that Stash does not know, and says so", async () => {
  for (const id of [5, 10, 32]) {
    await using stub = lying(withId(id, String(id + FOREIGN)));
    const told: string[] = [];
    const found = await WALKS.scenesAfter!(stub, (line) => told.push(line));
    assertEquals(found.filter((found) => found > SCENES), []);
    assertEquals(told.length, 1, told.join("\n"));
  }
});

for (const name of BY_STEPS) {
  Deno.test(`${name}() is never at its end when Stash lists nothing of what it counts`, async () => {
    await using stub = lying((asked) => void (asked.rows = []));
    const error = await assertRejects(() => WALKS[name]!(stub, () => {}), PlexsyncError);
    assertEquals(error.type, "StashUnavailable");
  });
}

Deno.test("allSceneIds() says how many Stash counts and does not list", async () => {
  await using stub = lying(leavesOut(8, 32));
  const told: string[] = [];
  await WALKS.allSceneIds!(stub, (line) => told.push(line));
  assertEquals(told, ["Stash counts 32 scenes and lists 30"]);
});
