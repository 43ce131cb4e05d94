import { assert, assertEquals, assertRejects } from "@std/assert";
import { clientOf, collect, container, movie } from "./plex_fixture.ts";
import { type Seen, serve, type Stub } from "./stub_server.ts";

type Movie = Record<string, unknown>;

interface Paging {
  /** Most rows that the server gives, whatever was asked. */
  cap?: number;
  /** Called before request `number` is answered. */
  before?: (number: number, library: Movie[]) => void;
  /** Says the total in headers only. */
  headers?: boolean;
}

/** A section listing that pages as Plex does. */
function section(library: Movie[], { cap = Infinity, before, headers }: Paging = {}): Stub {
  return serve((request, number) => {
    before?.(number, library);
    const start = Number(request.headers.get("x-plex-container-start"));
    const size = Math.min(cap, Number(request.headers.get("x-plex-container-size")));
    const Metadata = library.slice(start, start + size);
    const paging = { totalSize: library.length, offset: start };
    const answer = container({ size: Metadata.length, Metadata, ...(headers ? {} : paging) });
    if (headers) {
      answer.headers.set("X-Plex-Container-Total-Size", String(library.length));
      answer.headers.set("X-Plex-Container-Start", String(start));
    }
    return answer;
  });
}

const movies = (count: number): Movie[] => Array.from({ length: count }, (_, at) => movie(at + 1));

function starts(seen: Seen[]): string[] {
  return seen.map(({ headers }) => headers.get("x-plex-container-start")!);
}

async function keysOf(stub: Stub, pageSize: number): Promise<string[]> {
  const pages = await collect(clientOf(stub).sweep("3", 1, pageSize));
  return [...new Set(pages.flatMap(({ files }) => files.map((file) => file.item)))];
}

const KEYS = (count: number) => movies(count).map((item) => String(item.ratingKey));

Deno.test("sweep() gives all items, every page from the last row of the one before", async () => {
  await using stub = section(movies(6));
  const pages = await collect(clientOf(stub).sweep("3", 1, 3));
  assertEquals(pages.map(({ files }) => files.map((file) => file.item)), [
    ["1", "2", "3"],
    ["4", "5"],
    ["6"],
  ]);
  assertEquals(starts(stub.seen), ["0", "2", "4"]);
  assertEquals(pages.map(({ total }) => total), [6, 6, 6]);
  assertEquals(pages.map(({ complete }) => complete), [false, false, true]);
  assertEquals(pages.map(({ cursor }) => cursor), [2003, 2005, 2006]);
});

Deno.test("sweep() asks with type, both paging headers and a sort that edits do not move", async () => {
  await using stub = section(movies(1));
  await collect(clientOf(stub).sweep("3", 4, 200));
  const [{ path, headers }] = stub.seen as [Seen];
  assertEquals(
    path,
    "/library/sections/3/all?type=4&sort=addedAt" +
      "&excludeElements=Role,Genre,Director,Writer,Country,Producer",
  );
  assertEquals(headers.get("x-plex-container-start"), "0");
  assertEquals(headers.get("x-plex-container-size"), "200");
});

const HABITS: { when: string; paging: Paging; pageSize: number }[] = [
  { when: "gives fewer rows than asked", paging: { cap: 2 }, pageSize: 5 },
  { when: "gives one row at a time", paging: { cap: 1 }, pageSize: 5 },
  { when: "is asked for single rows", paging: {}, pageSize: 1 },
  { when: "says the total in headers only", paging: { headers: true }, pageSize: 3 },
  { when: "fits on one page", paging: {}, pageSize: 100 },
  { when: "fits a page exactly", paging: {}, pageSize: 7 },
];

for (const { when, paging, pageSize } of HABITS) {
  Deno.test(`sweep() gives every item when the server ${when}`, async () => {
    await using stub = section(movies(7), paging);
    const pages = await collect(clientOf(stub).sweep("3", 1, pageSize));
    assertEquals(pages.flatMap(({ files }) => files.map((file) => file.item)), KEYS(7));
    assertEquals(pages.at(-1)!.complete, true);
  });
}

Deno.test("sweep() takes an answer without paging as the whole section", async () => {
  await using stub = serve(() => container({ size: 7, Metadata: movies(7) }));
  assertEquals(await keysOf(stub, 3), KEYS(7));
  assertEquals(stub.seen.length, 1);
});

Deno.test("sweep() gives one complete, empty page for an empty section", async () => {
  await using stub = section([]);
  assertEquals(await collect(clientOf(stub).sweep("3", 1, 3)), [
    {
      files: [],
      cursor: 0,
      ahead: [],
      sinceAhead: false,
      missing: 0,
      unread: "",
      total: 0,
      complete: true,
    },
  ]);
});

Deno.test("sweep() starts again and skips nothing when an item vanishes under it", async () => {
  await using stub = section(movies(7), {
    before: (number, library) => {
      if (number === 1) library.shift();
    },
  });
  assertEquals(await keysOf(stub, 3), KEYS(7));
  assertEquals(starts(stub.seen).slice(0, 3), ["0", "2", "0"]);
});

Deno.test("sweep() goes on when items are added at the end", async () => {
  await using stub = section(movies(4), {
    before: (number, library) => {
      if (number === 1) library.push(movie(5), movie(6));
    },
  });
  assertEquals(await keysOf(stub, 3), KEYS(6));
  assertEquals(starts(stub.seen), ["0", "2", "4"]);
});

Deno.test("sweep() indexes every part of every version, but no optimised and no deleted one", async () => {
  const item = movie(1, {
    Media: [
      { duration: 50, Part: [{ file: "/m/a.mp4", size: "77" }] },
      { duration: 90, Part: [{ file: "/m/b1.mp4", duration: "40" }, { file: "/m/b2.mp4" }] },
      { proxyType: 42, Part: [{ file: "/m/Plex Versions/a.mp4" }] },
      { deletedAt: 1700000000, Part: [{ file: "/m/gone.mp4" }] },
      { Part: { file: "/m/lone.mp4" } },
      { Part: [{ key: "/without/file" }] },
      "nonsense",
    ],
  });
  await using stub = section([item, movie(2, { deletedAt: 1700000000 })]);
  const [page] = await collect(clientOf(stub).sweep("3", 1, 10));
  const at = { item: "1", section: "3" };
  assertEquals(page!.files, [
    { path: "/m/a.mp4", size: 77, durationMs: 50, ...at },
    { path: "/m/b1.mp4", size: 0, durationMs: 40, ...at },
    { path: "/m/b2.mp4", size: 0, durationMs: null, ...at },
    { path: "/m/lone.mp4", size: 0, durationMs: null, ...at },
  ]);
});

Deno.test("delta() asks in the one form that Plex understands", async () => {
  await using stub = section([]);
  await collect(clientOf(stub).delta("3", 1, 1700000000));
  assert(
    stub.seen[0]!.path.startsWith(
      "/library/sections/3/all?type=1&updatedAt%3E=1700000000&or=1&addedAt%3E=1700000000&",
    ),
    stub.seen[0]!.path,
  );
});

Deno.test("delta() gives what changed, an item without updatedAt as well", async () => {
  await using stub = section([movie(1), movie(2, { updatedAt: undefined, addedAt: "5000" })]);
  const [page] = await collect(clientOf(stub).delta("3", 1, 2001));
  assertEquals(page!.files.map((file) => file.item), ["1", "2"]);
  assertEquals(page!.cursor, 5000);
});

Deno.test("delta() drops what is older when Plex ignored the filter", async () => {
  await using stub = section(movies(5));
  const [page] = await collect(clientOf(stub).delta("3", 1, 2004));
  assertEquals(page!.files.map((file) => file.item), ["4", "5"]);
});

for (
  const [sectionId, pageSize, since] of [["", 10, 1], ["3", 0, 1], ["3", 5000, 1], ["3", 10, 1.5], [
    "3",
    10,
    NaN,
  ]] as const
) {
  Deno.test(`delta() refuses section "${sectionId}", page size ${pageSize}, since ${since}`, async () => {
    await using stub = section([]);
    await assertRejects(
      () => collect(clientOf(stub).delta(sectionId, 1, since, pageSize)),
      RangeError,
    );
    assertEquals(stub.seen.length, 0);
  });
}

Deno.test("sweep() tells keys apart that are the same number", async () => {
  const keys = ["7", "07", "9007199254740992", "9007199254740993", "7e0", "7.0"];
  await using stub = section(keys.map((ratingKey, at) => ({ ...movie(at + 1), ratingKey })));
  const pages = await collect(clientOf(stub).sweep("3", 1, 4));
  assertEquals(pages.flatMap(({ files }) => files.map((file) => file.item)), keys);
  assertEquals(pages.at(-1)!.complete, true);
  assertEquals(stub.seen.length, 2);
});
