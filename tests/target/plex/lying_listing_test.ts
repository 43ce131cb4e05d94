/** Listings that leave out, repeat or miscount rows: what they give is used, and nothing is gone. */
import { assert, assertEquals } from "@std/assert";
import type { ListingPage } from "../../../src/target/target.ts";
import { clientOf, collect, container, movie } from "./plex_fixture.ts";
import { serve, type Stub } from "./stub_server.ts";

const ROWS = 20;
const PAGE_SIZE = 6;
/** Nobody is asked for more, whatever it answers. */
const MOST_REQUESTS = 50;

type Movie = Record<string, unknown>;

/** One request, and the honest answer to it. */
interface Honest {
  start: number;
  size: number;
  /** From 0. */
  request: number;
  Metadata: Movie[];
  totalSize: unknown;
  offset: unknown;
}

interface Lie {
  when: string;
  change(answer: Honest): void;
  /** Keys that never come. */
  without?: readonly number[];
  /** How many are counted more than they are given; those above by default. */
  missing?: number;
}

const ALL: readonly Movie[] = Array.from({ length: ROWS }, (_, at) => movie(at + 1));

const leavesOut = (...keys: number[]) => (answer: Honest) => {
  answer.Metadata = answer.Metadata.filter(({ ratingKey }) => !keys.includes(Number(ratingKey)));
};

const repeats = (key: number) => (answer: Honest) => {
  answer.Metadata = answer.Metadata.flatMap((row) =>
    Number(row.ratingKey) === key ? [row, row] : [row]
  );
};

const counts = (totalSize: unknown) => (answer: Honest) => {
  answer.totalSize = totalSize;
};

const LIES: readonly Lie[] = [
  ...[1, 4, 6, 7, 11, 19, 20].map((key) => ({
    when: `always leaves out item ${key}`,
    change: leavesOut(key),
    without: [key],
  })),
  { when: "always leaves out three of a page", change: leavesOut(7, 8, 10), without: [7, 8, 10] },
  ...[1, 5, 6, 20].map((key) => ({
    when: `gives item ${key} without its key`,
    change: ({ Metadata }: Honest) => {
      const at = Metadata.findIndex(({ ratingKey }) => Number(ratingKey) === key);
      if (at >= 0) Metadata[at] = { ...Metadata[at], ratingKey: null };
    },
    without: [key],
  })),
  ...[1, 6, 20].map((key) => ({ when: `gives item ${key} twice`, change: repeats(key) })),
  {
    when: "gives the first item on each page",
    change: (answer) => answer.Metadata.unshift(ALL[0]!),
  },
  {
    when: "always has an empty page in its midst",
    change: (answer) => {
      if (answer.start >= 5 && answer.start < 10) answer.Metadata = [];
    },
    without: [7, 8, 9, 10, 11, 12],
  },
  { when: "counts more than it has", change: counts(ROWS + 3), missing: 3 },
  { when: "counts more than anybody has", change: counts(1e12), missing: 1e12 - ROWS },
  { when: "counts less than it has", change: counts(3) },
  { when: "counts none", change: counts(0) },
  ...[-1, -ROWS, "abc", null, 1.5e300, {}].map((count) => ({
    when: `counts ${JSON.stringify(count)}`,
    change: counts(count),
  })),
  {
    when: "counts something else on each page",
    change: (answer) => {
      answer.totalSize = [3, 50, "abc", 7, -1, 21][answer.request % 6];
    },
    missing: -1,
  },
  ...["abc", -3, 7].map((offset) => ({
    when: `says that each page begins at ${offset}`,
    change: (answer: Honest) => void (answer.offset = offset),
  })),
  {
    when: "gives the same page whatever is asked for",
    change: (answer) => {
      answer.Metadata = ALL.slice(0, PAGE_SIZE);
      answer.offset = undefined;
    },
    without: Array.from({ length: ROWS - PAGE_SIZE }, (_, at) => PAGE_SIZE + at + 1),
  },
  {
    when: "gives the same page, and counts without end",
    change: (answer) => {
      answer.Metadata = ALL.slice(0, PAGE_SIZE);
      answer.offset = 0;
      answer.totalSize = 1e9;
    },
    without: Array.from({ length: ROWS - PAGE_SIZE }, (_, at) => PAGE_SIZE + at + 1),
    missing: 1e9 - PAGE_SIZE,
  },
  {
    when: "gives all that follows, however little is asked for",
    change: (answer) => void (answer.Metadata = ALL.slice(answer.start)),
  },
  {
    when: "gives no more than two rows, and leaves one out",
    change: (answer) => {
      answer.Metadata.length = Math.min(2, answer.Metadata.length);
      leavesOut(8)(answer);
    },
    without: [8],
  },
];

function section(change: (answer: Honest) => void): Stub {
  return serve((request, number) => {
    const start = Number(request.headers.get("x-plex-container-start"));
    const size = Number(request.headers.get("x-plex-container-size"));
    const answer: Honest = {
      start,
      size,
      request: number,
      Metadata: ALL.slice(start, start + size),
      totalSize: ROWS,
      offset: start,
    };
    change(answer);
    const { Metadata, totalSize, offset } = answer;
    return container({ size: Metadata.length, totalSize, offset, Metadata });
  });
}

function keysOf(pages: readonly ListingPage[]): number[] {
  const keys = new Set(pages.flatMap(({ files }) => files.map(({ item }) => Number(item))));
  return [...keys].sort((a, b) => a - b);
}

for (const { when, change, without = [], missing = without.length } of LIES) {
  Deno.test(`sweep() gives all that the listing gives, in bounded time, when it ${when}`, async () => {
    await using stub = section(change);
    const pages = await collect(clientOf(stub).sweep("3", 1, PAGE_SIZE));
    const wanted = ALL.map(({ ratingKey }) => Number(ratingKey))
      .filter((key) => !without.includes(key));
    assertEquals(keysOf(pages), wanted);
    assert(stub.seen.length <= MOST_REQUESTS, String(stub.seen.length));
    if (missing >= 0) assertEquals(pages.at(-1)!.missing, missing);
    // Who left out an item, or counted others than those that came, has not shown all.
    if (without.length > 0 || missing > 0) {
      assertEquals(pages.some(({ complete }) => complete), false);
    }
  });
}

Deno.test("delta() gives the other changes when the listing leaves out one that it counts", async () => {
  await using stub = section(leavesOut(3));
  const pages = await collect(clientOf(stub).delta("3", 1, 0, PAGE_SIZE));
  assertEquals(keysOf(pages).length, ROWS - 1);
  assertEquals(pages.at(-1)!.missing, 1);
});

Deno.test("sweep() takes a section that never holds still as it comes, and not for whole", async () => {
  const library = Array.from({ length: 50 }, (_, at) => movie(at + 1));
  await using stub = serve((request) => {
    library.shift();
    const start = Number(request.headers.get("x-plex-container-start"));
    const Metadata = library.slice(start, start + 3);
    return container({ size: Metadata.length, totalSize: library.length, offset: start, Metadata });
  });
  const pages = await collect(clientOf(stub).sweep("3", 1, 3));
  assertEquals(pages.some(({ complete }) => complete), false);
  assert(keysOf(pages).length > 10, String(keysOf(pages)));
  assert(stub.seen.length <= MOST_REQUESTS, String(stub.seen.length));
});

Deno.test("sweep() reads a section that moved once again, and takes it for whole", async () => {
  const library = ALL.slice();
  await using stub = serve((request, number) => {
    if (number === 1) library.shift();
    const start = Number(request.headers.get("x-plex-container-start"));
    const Metadata = library.slice(start, start + PAGE_SIZE);
    return container({ size: Metadata.length, totalSize: library.length, offset: start, Metadata });
  });
  const pages = await collect(clientOf(stub).sweep("3", 1, PAGE_SIZE));
  assertEquals([pages.at(-1)!.complete, pages.at(-1)!.missing], [true, 0]);
  assertEquals(keysOf(pages).length, ROWS);
});
