import { assert, assertEquals, assertThrows } from "@std/assert";
import type { Edit, ItemRef } from "../../../src/core/sync/item.ts";
import {
  assertNumericIds,
  editRequests,
  shortenedSummary,
} from "../../../src/target/plex/edit_query.ts";

const ITEM: ItemRef = { id: "12", section: "3", type: "movie" };
const START = "/library/sections/3/all?type=1&id=12";

function edit(part: Partial<Edit>): Edit {
  return { text: {}, names: {}, lock: [], ...part };
}

/** The parameters of a request behind `type` and `id`, as a server reads them. */
function parameters(request: string): [string, string][] {
  assert(request.startsWith(`${START}&`), request);
  return request.slice(START.length + 1).split("&").map((pair) => {
    const at = pair.indexOf("=");
    return [pair.slice(0, at), decodeURIComponent(pair.slice(at + 1))];
  });
}

for (const id of ["", " ", "1,2", "12a", "-1", "1.5", "١٢", "1&x=y", "12\n"]) {
  Deno.test(`assertNumericIds() refuses ${JSON.stringify(id)}`, () => {
    assertThrows(() => assertNumericIds("1", id), RangeError);
    const change = edit({ text: { title: "x" } });
    assertThrows(() => editRequests({ ...ITEM, id }, change), RangeError);
    assertThrows(() => editRequests({ ...ITEM, section: id }, change), RangeError);
  });
}

Deno.test("editRequests() refuses a type that Plex has no number for", () => {
  for (const type of ["", "1", "1&id=2", "photo"] as unknown as ItemRef["type"][]) {
    assertThrows(
      () => editRequests({ ...ITEM, type }, edit({ text: { title: "x" } })),
      RangeError,
    );
  }
});

Deno.test("editRequests() puts text, tags and all locks into one PUT", () => {
  const requests = editRequests(
    ITEM,
    edit({
      text: { title: "A", summary: "S", date: "2020-01-02" },
      names: {
        tags: { want: [{ name: "One" }, { name: "Two" }], remove: ["Old", "Older"] },
        performers: { want: [{ name: "Ann", role: "Bob" }, { name: "Cid" }], remove: [] },
      },
      lock: ["title", "tags", "poster", "poster"],
    }),
  );
  assertEquals(requests.length, 1);
  assertEquals(parameters(requests[0]!), [
    ["summary.value", "S"],
    ["summary.locked", "1"],
    ["title.value", "A"],
    ["title.locked", "1"],
    ["originallyAvailableAt.value", "2020-01-02"],
    ["originallyAvailableAt.locked", "1"],
    ["thumb.locked", "1"],
    ["actor[0].tag.tag", "Ann"],
    ["actor[0].tagging.text", "Bob"],
    ["actor[1].tag.tag", "Cid"],
    ["actor.locked", "1"],
    ["genre[0].tag.tag", "One"],
    ["genre[1].tag.tag", "Two"],
    ["genre.locked", "1"],
    ["genre[].tag.tag-", "Old,Older"],
  ]);
});

Deno.test("editRequests() leaves open what is to be unlocked, with a value and without", () => {
  const [request] = editRequests(
    ITEM,
    edit({
      text: { title: "A" },
      names: { tags: { want: [{ name: "One" }], remove: [] } },
      lock: ["summary"],
      unlock: ["title", "tags", "background"],
    }),
  );
  assertEquals(parameters(request!), [
    ["title.value", "A"],
    ["title.locked", "0"],
    ["summary.locked", "1"],
    ["art.locked", "0"],
    ["genre[0].tag.tag", "One"],
    ["genre.locked", "0"],
  ]);
});

Deno.test("editRequests() makes no request for an edit that changes nothing", () => {
  assertEquals(editRequests(ITEM, edit({})), []);
});

Deno.test("editRequests() clears with an empty value", () => {
  const [request] = editRequests(ITEM, edit({ text: { tagline: "" } }));
  assertEquals(request, `${START}&tagline.value=&tagline.locked=1`);
});

const HOSTILE = [
  "a b",
  "a+b",
  "a&title.value=x",
  "a=b",
  "a#b",
  "a?b",
  "50%",
  "%2C",
  "Smith, Jr",
  "it's (1)!*",
  "日本語 🎬",
  "tab\tline\nend",
  "[0].tag.tag",
  "/../..",
  "\u0000",
];

for (const name of HOSTILE) {
  Deno.test(`editRequests() carries ${JSON.stringify(name)} whole`, () => {
    const requests = editRequests(
      ITEM,
      edit({
        text: { title: name, summary: name },
        names: { tags: { want: [{ name }], remove: [] } },
      }),
    );
    const got = Object.fromEntries(parameters(requests[0]!));
    assertEquals(got["title.value"], name);
    assertEquals(got["summary.value"], name);
    assertEquals(got["genre[0].tag.tag"], name);
    // What goes out is what the URL parser of `fetch` leaves alone.
    assertEquals(new URL(`http://h${requests[0]}`).href, `http://h${requests[0]}`);
  });
}

Deno.test("editRequests() survives half a surrogate pair", () => {
  const [request] = editRequests(ITEM, edit({ text: { title: "a\ud83c" } }));
  assertEquals(parameters(request!)[0], ["title.value", "a\ufffd"]);
});

const REMOVALS = [
  { names: ["Plain"], way: "list", raw: "Plain" },
  { names: ["Two Words", "B&B"], way: "list", raw: "Two%20Words%2CB%26B" },
  { names: ["Smith, Jr"], way: "list", raw: "Smith%252C%2520Jr" },
  { names: ["50%", "a+b", "c d"], way: "list", raw: "50%2525%2Ca%252Bb%2Cc%20d" },
  { names: ["Two Words", "50%"], way: "single", raw: "Two%20Words%2C50%25" },
] as const;

for (const { names, way, raw } of REMOVALS) {
  Deno.test(`editRequests() removes ${names.join(" | ")} the way "${way}"`, () => {
    const change = edit({ names: { tags: { want: [], remove: [...names] } } });
    const requests = editRequests(ITEM, change, { way });
    assertEquals(requests, [`${START}&genre.locked=1&genre[].tag.tag-=${raw}`]);
  });
}

Deno.test("editRequests() gives a name with a comma its own request in single form", () => {
  const change = edit({ names: { tags: { want: [], remove: ["A", "B, C", "D"] } } });
  assertEquals(editRequests(ITEM, change, { way: "single" }), [
    `${START}&genre.locked=1&genre[].tag.tag-=A%2CD`,
    `${START}&genre[].tag.tag-=B%2C%20C`,
  ]);
});

const WAYS = [
  { way: "restate", want: ["W"], requests: ["genre[0].tag.tag=W&genre.locked=1"] },
  { way: "restate", want: [], requests: ["genre.locked=1&genre[].tag.tag-=A%2CB%252C%2520C"] },
  {
    way: "each",
    want: ["W"],
    requests: [
      "genre[0].tag.tag=W&genre.locked=1&genre[].tag.tag-=A",
      "genre[].tag.tag-=B%252C%2520C",
    ],
  },
  { way: "clear", want: ["W"], requests: ["genre[].tag=", "genre[0].tag.tag=W&genre.locked=1"] },
  {
    way: "alone",
    want: [],
    requests: [
      "genre.locked=1",
      "genre[].tag.tag-=A",
      "genre[].tag.tag-=B%252C%2520C",
      "genre[].tag.tag-=B%2C%20C",
    ],
  },
] as const;
for (const { way, want, requests } of WAYS) {
  Deno.test(`editRequests() takes names off the way "${way}", ${want.length} wanted`, () => {
    const tags = { want: want.map((name) => ({ name })), remove: ["A", "B, C"] };
    const made = editRequests(ITEM, edit({ names: { tags } }), { way });
    assertEquals(made, requests.map((part) => `${START}&${part}`));
  });
}

const long = (count: number, prefix: string) =>
  Array.from({ length: count }, (_, at) => ({ name: `${prefix} number ${at}` }));

Deno.test("editRequests() sends a long summary first and by itself", () => {
  const requests = editRequests(
    ITEM,
    edit({
      text: { title: "T", summary: "語".repeat(700) },
      names: { tags: { want: long(60, "Genre"), remove: ["Old"] } },
    }),
  );
  assertEquals(requests.map((request) => parameters(request).length), [2, 2 + 60 + 1 + 1]);
  assertEquals(parameters(requests[0]!)[0]![0], "summary.value");
});

Deno.test("editRequests() splits by kind of tag, never within a wanted list", () => {
  const requests = editRequests(
    ITEM,
    edit({
      text: { title: "T" },
      names: {
        tags: { want: long(250, "Genre"), remove: ["Old", "Older"] },
        performers: { want: long(100, "Actor"), remove: ["Gone"] },
      },
      lock: ["background"],
    }),
  );
  const keys = requests.map((request) => parameters(request).map(([key]) => key));
  assertEquals(keys[0], ["title.value", "title.locked", "art.locked"]);
  assertEquals(keys[1]!.length, 100 + 2);
  assertEquals(keys[2]!.length, 250 + 1);
  assertEquals(keys[3], ["genre[].tag.tag-"]);
  assertEquals(keys.length, 4);
});

Deno.test("editRequests() keeps every request that it can split within the limit", () => {
  for (const count of [1, 20, 60, 100, 120]) {
    const requests = editRequests(
      ITEM,
      edit({
        text: { title: "T".repeat(255), summary: "é".repeat(1000) },
        names: {
          tags: { want: long(count, "Genre"), remove: long(count, "Old").map((tag) => tag.name) },
          performers: { want: long(count, "Actor"), remove: [] },
        },
      }),
    );
    for (const request of requests) assert(request.length <= 8_000, String(request.length));
  }
});

Deno.test("shortenedSummary() fits the limit, cut between characters, the cut marked", () => {
  const summary = "🎬語e".repeat(2000);
  const short = shortenedSummary(ITEM, summary);
  assert(short.endsWith("…") && summary.startsWith(short.slice(0, -1)), short.slice(-5));
  assert(short.isWellFormed());
  const [request] = editRequests(ITEM, edit({ text: { summary: short } }));
  assert(request!.length <= 8_000 && request!.length > 7_950, String(request!.length));
  assertEquals(shortenedSummary(ITEM, "short"), "short");
});
