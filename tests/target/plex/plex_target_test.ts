import { assertEquals, assertRejects } from "@std/assert";
import type { Edit, Item } from "../../../src/core/sync/item.ts";
import { item } from "../../core/samples.ts";
import { collect, container, targetOf } from "./plex_fixture.ts";
import { type Seen, serve } from "./stub_server.ts";

const ITEM: Item = item({ id: "12", section: "3" });
const EDIT: Edit = { text: { title: "New" }, names: {}, lock: ["title"] };
const SHA = "0123456789abcdef0123456789abcdef01234567";

function asked(seen: readonly Seen[]): string[] {
  return seen.map(({ method, path }) => `${method} ${path}`);
}

const done = () => new Response(null);

Deno.test("sections() gives libraries of films and shows only, with what their items are", async () => {
  await using stub = serve(() =>
    container({
      Directory: [
        { key: "1", title: "Films", type: "movie", Location: [{ path: "/films" }] },
        { key: "2", title: "Shows", type: "show", Location: [{ path: "/shows" }] },
        { key: "3", title: "Music", type: "artist", Location: [{ path: "/music" }] },
        { key: "4", title: "Photos", type: "photo", Location: [{ path: "/photos" }] },
      ],
    })
  );
  assertEquals((await targetOf(stub).sections()).sections, [
    { id: "1", title: "Films", type: "movie", folders: ["/films"] },
    { id: "2", title: "Shows", type: "episode", folders: ["/shows"] },
  ]);
});

Deno.test("listing() asks by Plex's type numbers, with a minute of overlap since a cursor", async () => {
  await using stub = serve(() => container({ totalSize: 0, offset: 0 }));
  const target = targetOf(stub);
  await collect(target.listing({ id: "3", type: "movie" }, null));
  await collect(target.listing({ id: "4", type: "episode" }, 1_700_000_060));
  await collect(target.listing({ id: "4", type: "episode" }, 7));
  const requests = stub.seen.map(({ path, headers }) =>
    `${path.split("&sort")[0]} ${headers.get("x-plex-container-size")}`
  );
  assertEquals(requests, [
    "/library/sections/3/all?type=1 500",
    "/library/sections/4/all?type=4&updatedAt%3E=1700000000&or=1&addedAt%3E=1700000000 500",
    "/library/sections/4/all?type=4&updatedAt%3E=0&or=1&addedAt%3E=0 500",
  ]);
});

Deno.test("write() is one PUT, and one more for a rating", async () => {
  await using stub = serve(done);
  const target = targetOf(stub);
  await target.write(ITEM, EDIT);
  await target.write({ ...ITEM, type: "clip" }, { ...EDIT, rating: 7.5 });
  await target.write(ITEM, { text: {}, names: {}, rating: null, lock: [] });
  assertEquals(asked(stub.seen), [
    "PUT /library/sections/3/all?type=1&id=12&title.value=New&title.locked=1",
    "PUT /library/sections/3/all?type=12&id=12&title.value=New&title.locked=1",
    "PUT /:/rate?identifier=com.plexapp.plugins.library&key=12&rating=7.5",
    "PUT /:/rate?identifier=com.plexapp.plugins.library&key=12&rating=-1",
  ]);
});

Deno.test("images() knows uploads by their digest, and no other image", async () => {
  await using stub = serve(({ path }) =>
    container({
      Metadata: path.endsWith("/arts")
        ? [{ ratingKey: `upload://art/${SHA.toUpperCase()}`, selected: "1" }]
        : [
          { ratingKey: `metadata://posters/agent_${SHA}`, selected: true },
          { ratingKey: `upload://posters/${SHA}` },
          { ratingKey: "https://example.org/poster.jpg" },
        ],
    })
  );
  const target = targetOf(stub);
  assertEquals(await target.images(ITEM, "poster"), {
    shown: null,
    known: new Map([[SHA, `upload://posters/${SHA}`]]),
    shownKey: `metadata://posters/agent_${SHA}`,
    keys: new Set([
      `metadata://posters/agent_${SHA}`,
      `upload://posters/${SHA}`,
      "https://example.org/poster.jpg",
    ]),
  });
  assertEquals(await target.images(ITEM, "background"), {
    shown: SHA,
    known: new Map([[SHA, `upload://art/${SHA.toUpperCase()}`]]),
    shownKey: `upload://art/${SHA.toUpperCase()}`,
    keys: new Set([`upload://art/${SHA.toUpperCase()}`]),
  });
});

Deno.test("show() is one request: an upload, or a choice by the key that the list gave", async () => {
  await using stub = serve(done);
  const target = targetOf(stub);
  const bytes = () => Promise.resolve({ bytes: new Uint8Array([1]), contentType: "image/png" });
  await target.show(ITEM, "poster", { digest: SHA, bytes });
  await target.show(ITEM, "background", { digest: SHA, key: `upload://art/${SHA}`, bytes });
  assertEquals(asked(stub.seen), [
    "POST /library/metadata/12/posters",
    `PUT /library/metadata/12/art?url=upload%3A%2F%2Fart%2F${SHA}`,
  ]);
});

Deno.test("No method of the target takes an id that could widen a request", async () => {
  await using stub = serve(done);
  const target = targetOf(stub);
  const bad: Item = { ...ITEM, id: "12,13" };
  const bytes = () => Promise.resolve({ bytes: new Uint8Array([1]), contentType: "image/png" });
  const calls = [
    () => target.write(bad, EDIT),
    () => target.write(bad, { text: {}, names: {}, rating: 3, lock: [] }),
    () =>
      target.repair(bad, {
        edit: EDIT,
        surplus: {},
        fields: ["title"],
        foreign: [],
        isHeard: false,
      }, 0),
    () => target.images(bad, "poster"),
    () => target.show(bad, "poster", { digest: SHA, bytes }),
    () => target.read(["../1"]),
    () => target.scan("all", "/"),
    () => collect(target.listing({ id: "", type: "movie" }, null)),
  ];
  for (const call of calls) await assertRejects(call, RangeError);
  assertEquals(stub.seen.length, 0);
});
