/** Rows of a listing that Plex cannot give: all others are listed, and none is taken for gone. */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import type { ListingPage } from "../../../src/target/target.ts";
import { PlexsyncError } from "../../../src/core/failures/errors.ts";
import { clientOf, collect, container, movie } from "./plex_fixture.ts";
import { serve, type Stub } from "./stub_server.ts";

const ROWS = 20;
const PAGE_SIZE = 8;

/** What Plex does instead of an answer that would hold a bad row. */
const SPOILS: Record<string, () => Response | Promise<Response>> = {
  "answers 500": () => new Response("", { status: 500 }),
  "answers 502": () => new Response("", { status: 502 }),
  "answers 503": () => new Response("", { status: 503 }),
  "answers 403": () => new Response("", { status: 403 }),
  "answers with garbage": () => new Response("<html>"),
  "answers with no container": () => Response.json([]),
  // Longer than anybody waits here.
  "says nothing": () => new Promise((resolve) => setTimeout(resolve, 400, new Response())),
  "cuts its answer": () =>
    new Response(
      new ReadableStream({
        start(body) {
          body.enqueue(new TextEncoder().encode('{"MediaContainer":'));
          body.close();
        },
      }),
      { headers: { "Content-Length": "99" } },
    ),
};

interface Section {
  bad?: readonly number[];
  /** Most rows of one answer. */
  cap?: number;
  /** Rows of one answer that Plex cannot make. */
  tooMany?: number;
  rows?: number;
  spoil?: () => Response | Promise<Response>;
  /** So many answers are spoilt. */
  times?: number;
  /** From this request on nothing is answered. */
  downFrom?: number;
}

function section(made: Section): Stub {
  const { bad = [], cap = Infinity, tooMany = Infinity, downFrom = Infinity } = made;
  let left = made.times ?? Infinity;
  const all = Array.from({ length: made.rows ?? ROWS }, (_, at) => movie(at + 1));
  return serve((request, number) => {
    if (number >= downFrom) return new Response("", { status: 500 });
    const start = Number(request.headers.get("x-plex-container-start"));
    const size = Math.min(cap, Number(request.headers.get("x-plex-container-size")));
    const since = Number(/updatedAt%3E=(\d+)/.exec(request.path)?.[1] ?? 0);
    const listed = all.filter(({ updatedAt }) => Number(updatedAt) >= since);
    const Metadata = listed.slice(start, start + size);
    const isBad = Metadata.some(({ ratingKey }) => bad.includes(Number(ratingKey)));
    if ((isBad || Metadata.length >= tooMany) && left-- > 0) {
      return (made.spoil ?? SPOILS["answers 500"]!)();
    }
    const totalSize = listed.length;
    return container({ size: Metadata.length, totalSize, offset: start, Metadata });
  });
}

function keysOf(pages: readonly ListingPage[]): number[] {
  const keys = new Set(pages.flatMap(({ files }) => files.map(({ item }) => Number(item))));
  return [...keys].sort((a, b) => a - b);
}

function others(...bad: number[]): number[] {
  return Array.from({ length: ROWS }, (_, at) => at + 1).filter((key) => !bad.includes(key));
}

for (const [what, spoil] of Object.entries(SPOILS)) {
  for (const bad of [1, 4, 8, 9, 15, 20]) {
    Deno.test(`sweep() leaves out item ${bad} alone when Plex ${what} for it`, async () => {
      await using stub = section({ bad: [bad], spoil });
      const client = clientOf(stub, { connectTimeoutMs: 20, readTimeoutMs: 80 });
      const pages = await collect(client.sweep("3", 1, PAGE_SIZE));
      assertEquals(keysOf(pages), others(bad));
      assertEquals(pages.at(-1)!.missing, 1);
      assertEquals(pages.some(({ complete }) => complete), false);
      const [said, ...more] = [...new Set(pages.map(({ unread }) => unread).filter(Boolean))];
      assertEquals(more, []);
      assertMatch(
        said!,
        bad === 1
          ? /^what stands at place 1 \(/
          : new RegExp(`^what follows on item ${bad - 1} \\(`),
      );
      assert(stub.seen.length <= 40, String(stub.seen.length));
    });
  }
}

const SECTIONS: { when: string; section: Section; pageSize?: number }[] = [
  { when: "two rows of a page are bad", section: { bad: [3, 6] } },
  { when: "rows side by side are bad", section: { bad: [9, 10, 11] } },
  { when: "every page has a bad row", section: { bad: [1, 12, 18, 20] } },
  { when: "five in a row are bad", section: { bad: [11, 12, 13, 14, 15] } },
  { when: "Plex gives fewer rows than asked", section: { bad: [7], cap: 3 } },
  { when: "Plex gives one row at a time", section: { bad: [7], cap: 1 } },
  { when: "it is asked for single rows", section: { bad: [7, 20] }, pageSize: 1 },
  { when: "all are on one page", section: { bad: [2] }, pageSize: 500 },
];

for (const { when, section: made, pageSize = PAGE_SIZE } of SECTIONS) {
  Deno.test(`sweep() gives all that can be read when ${when}`, async () => {
    await using stub = section(made);
    const pages = await collect(clientOf(stub).sweep("3", 1, pageSize));
    assertEquals(keysOf(pages), others(...made.bad!));
    assertEquals(pages.at(-1)!.missing, made.bad!.length);
    assertEquals(pages.some(({ complete }) => complete), false);
    assert(stub.seen.length <= 120, String(stub.seen.length));
  });
}

Deno.test("delta() gives the other changes when Plex cannot give one of them", async () => {
  await using stub = section({ bad: [18] });
  const pages = await collect(clientOf(stub).delta("3", 1, 2015));
  assertEquals(keysOf(pages), [15, 16, 17, 19, 20]);
  assertEquals([pages.at(-1)!.missing, pages.at(-1)!.cursor], [1, 2020]);
});

Deno.test("delta() leaves out the only change when Plex cannot give it and lists the rest", async () => {
  await using stub = section({ bad: [20] });
  const pages = await collect(clientOf(stub).delta("3", 1, 2020));
  assertEquals([keysOf(pages), pages.at(-1)!.missing], [[], 1]);
});

Deno.test("sweep() lists a section whole when what failed was a failure that passed", async () => {
  await using stub = section({ bad: [4], times: 3 });
  const pages = await collect(clientOf(stub).sweep("3", 1, PAGE_SIZE));
  assertEquals(keysOf(pages), others());
  const { complete, missing, unread } = pages.at(-1)!;
  assertEquals([complete, missing, unread], [true, 0, ""]);
});

const HOPELESS: { when: string; section: Section; most: number }[] = [
  { when: "no row can be read", section: { tooMany: 1 }, most: 9 },
  {
    when: "no row can be read, and Plex says nothing",
    section: { tooMany: 1, spoil: SPOILS["says nothing"]! },
    most: 6,
  },
  { when: "Plex fails from then on", section: { bad: [4], downFrom: 1 }, most: 2 },
  { when: "Plex fails in the midst of it", section: { bad: [4], downFrom: 5 }, most: 20 },
  { when: "its count fails too", section: { tooMany: 0 }, most: 2 },
];

for (const { when, section: made, most } of HOPELESS) {
  Deno.test(`sweep() fails with few requests when ${when}`, async () => {
    await using stub = section(made);
    const client = clientOf(stub, { connectTimeoutMs: 20, readTimeoutMs: 80 });
    await assertRejects(() => collect(client.sweep("3", 1, PAGE_SIZE)), PlexsyncError);
    assert(stub.seen.length <= most, String(stub.seen.length));
  });
}

Deno.test("sweep() is bounded when Plex says nothing for very many rows", async () => {
  const bad = Array.from({ length: 400 }, (_, at) => at + 100);
  await using stub = section({ rows: 600, bad, spoil: SPOILS["says nothing"]! });
  const client = clientOf(stub, { connectTimeoutMs: 20, readTimeoutMs: 80 });
  const pages = await collect(client.sweep("3", 1, 100));
  assertEquals(pages.some(({ complete }) => complete), false);
  assert(keysOf(pages).length >= 190, String(keysOf(pages).length));
  assert(stub.seen.length <= 200, String(stub.seen.length));
});
