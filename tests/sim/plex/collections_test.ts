import { assertEquals, assertNotEquals } from "@std/assert";
import {
  file,
  type JsonRow,
  scenes,
  status,
  tags,
  type TestClient,
  titles,
  withSim,
} from "./testing.ts";

const LIST = "/library/sections/1/collections";
const tag = (name: string) => ({ "collection[0].tag.tag": name });
const untag = (name: string) => ({ "collection[].tag.tag-": name });

async function only({ get }: TestClient): Promise<JsonRow> {
  return (await get(LIST)).Metadata[0];
}

Deno.test("a collection comes with its first tag and goes with its last member", async () => {
  await withSim({ items: scenes("a", "b") }, async (client) => {
    const { put, get, item } = client;
    await put("/library/metadata/1", tag("Series X"));
    await put("/library/metadata/2", tag("Series X"));
    const row = await only(client);
    assertEquals([row.title, row.type, row.subtype, row.childCount], [
      "Series X",
      "collection",
      "movie",
      2,
    ]);
    // Two id spaces: the tag's and the object's.
    const tagId = (await item("1")).Collection[0].id;
    assertNotEquals(String(tagId), row.ratingKey);
    assertEquals(titles(await get(`/library/sections/1/all?type=1&collection=${tagId}`)), [
      "a",
      "b",
    ]);
    await put("/library/metadata/1", untag("Series X"));
    assertEquals((await only(client)).childCount, 1);
    await put("/library/metadata/2", untag("Series X"));
    assertEquals(titles(await get(LIST)), []);
  });
});

Deno.test("restating collections without the user's one removes the item from it, where PUTs replace", async () => {
  const items = [{ files: [file("a.mp4")], collections: ["Mine"] }];
  await withSim({ items }, async ({ put, get, sim }) => {
    await put("/library/metadata/1", tag("Ours"));
    assertEquals([sim.items()[0]?.collections, titles(await get(LIST))], [["Ours"], ["Ours"]]);
    sim.switches.singleTagEdit = "add";
    await put("/library/metadata/1", tag("More"));
    assertEquals(sim.items()[0]?.collections, ["Ours", "More"]);
  });
});

Deno.test("a collection's poster and summary go with it", async () => {
  await withSim({ items: scenes("a") }, async (client) => {
    const { put, send } = client;
    await put("/library/metadata/1", tag("X"));
    const first = await only(client);
    assertEquals(
      await put(`/library/metadata/${first.ratingKey}`, { "summary.value": "text" }),
      200,
    );
    assertEquals((await only(client)).summary, "text");
    await put("/library/metadata/1", untag("X"));
    assertEquals(await status(send("GET", `/library/metadata/${first.ratingKey}`)), 404);
    await put("/library/metadata/1", tag("X"));
    const second = await only(client);
    assertNotEquals(second.ratingKey, first.ratingKey);
    assertEquals(second.summary, "");
  });
});

Deno.test("a collection is renamed by either form, and a taken name answers 409", async () => {
  const items = [
    { files: [file("a.mp4")], collections: ["One"] },
    { files: [file("b.mp4")], collections: ["Two"] },
  ];
  await withSim({ items }, async ({ put, get, sim }) => {
    const [one] = (await get(LIST)).Metadata;
    const path = `/library/metadata/${one.ratingKey}`;
    assertEquals(await put(path, { "title.value": "Two" }), 409);
    assertEquals(await put(path, { "title.value": "Uno", "titleSort.value": "U" }), 200);
    assertEquals(sim.items()[0]?.collections, ["Uno"]);
    const section = { type: "18", id: one.ratingKey };
    assertEquals(await put("/library/sections/1/all", { ...section, "title.value": "Eins" }), 200);
    assertEquals(titles(await get(LIST)), ["Eins", "Two"]);
    assertEquals(await put("/library/sections/1/all", { ...section, "summary.value": "s" }), 200);
    sim.switches.collectionSummaryBug = true;
    assertEquals(await put("/library/sections/1/all", { ...section, "summary.value": "t" }), 404);
    assertEquals(await put(path, { "summary.value": "t" }), 200);
  });
});

Deno.test("the object way: create, add, move, remove, delete", async () => {
  await withSim({ items: scenes("a", "b", "c") }, async (client) => {
    const { send, get, sim } = client;
    const uri = (ids: string, machine = sim.machineIdentifier) =>
      encodeURIComponent(`server://${machine}/com.plexapp.plugins.library/library/metadata/${ids}`);
    const create = `/library/collections?type=1&smart=0&sectionId=1&title=Made&uri=${uri("1,2")}`;
    const made = await (await send("POST", create)).json();
    const key = `/library/collections/${made.MediaContainer.Metadata[0].ratingKey}`;
    assertEquals(titles(await get(`${key}/items`)), ["a", "b"]);
    assertEquals(await status(send("POST", create)), 409);
    assertEquals(await status(send("PUT", `${key}/items?uri=${uri("3")}`)), 200);
    assertEquals(await status(send("PUT", `${key}/items?uri=${uri("99")}`)), 404);
    assertEquals(await status(send("PUT", `${key}/items?uri=nonsense`)), 400);
    assertEquals(await status(send("PUT", `${key}/items?uri=${uri("3", "other")}`)), 400);
    assertEquals(await status(send("PUT", `${key}/items/3/move?after=1`)), 200);
    assertEquals(titles(await get(`${key}/children`)), ["a", "c", "b"]);
    assertEquals(await status(send("DELETE", `${key}/items/1`)), 200);
    assertEquals(await status(send("DELETE", `${key}/items/1`)), 404);
    assertEquals(sim.items().map((view) => view.collections), [[], ["Made"], ["Made"]]);
    const paged = `${key}/items?X-Plex-Container-Start=1&X-Plex-Container-Size=1`;
    assertEquals(titles(await get(paged)), ["b"]);
    assertEquals(await status(send("DELETE", key)), 200);
    assertEquals(sim.items().map((view) => view.collections), [[], [], []]);
    assertEquals(sim.violations(), []);
  });
});

for (const path of ["/library/metadata/", "/library/sections/1/collection/"]) {
  Deno.test(`a collection can be deleted under ${path} as well`, async () => {
    await withSim({ items: scenes("a") }, async (client) => {
      await client.put("/library/metadata/1", tag("X"));
      const { ratingKey } = await only(client);
      assertEquals(await status(client.send("DELETE", path + ratingKey)), 200);
      assertEquals(tags(await client.item("1"), "Collection"), []);
      assertEquals(client.sim.violations(), []);
    });
  });
}

Deno.test("a smart collection holds what its filter finds and refuses members", async () => {
  await withSim({ items: scenes("abc", "abd", "xyz") }, async (client) => {
    const { send, get, sim, put } = client;
    const content = `server://${sim.machineIdentifier}/com.plexapp.plugins.library` +
      "/library/sections/1/all?type=1&title=ab";
    const query = `type=1&smart=1&sectionId=1&title=Smart&uri=${encodeURIComponent(content)}`;
    assertEquals(await status(send("POST", `/library/collections?${query}`)), 200);
    const row = await only(client);
    assertEquals([row.smart, row.childCount], ["1", 2]);
    const key = `/library/collections/${row.ratingKey}`;
    assertEquals(titles(await get(`${key}/items`)), ["abc", "abd"]);
    assertEquals(titles(await get(`/library/metadata/${row.ratingKey}/children`)), []);
    assertEquals(await status(send("PUT", `${key}/items?uri=x`)), 400);
    await put("/library/metadata/3", { "title.value": "abz" });
    assertEquals(titles(await get(`${key}/items`)), ["abc", "abd", "abz"]);
  });
});

Deno.test("collections mix into a listing only on request, and type 18 lists them alone", async () => {
  const items = [{ files: [file("a.mp4")], collections: ["C"] }];
  await withSim({ items }, async ({ get }) => {
    assertEquals(titles(await get("/library/sections/1/all?type=1")), ["a"]);
    assertEquals(titles(await get("/library/sections/1/all?type=1&includeCollections=1")), [
      "C",
      "a",
    ]);
    assertEquals(titles(await get("/library/sections/1/all?type=18")), ["C"]);
  });
});

Deno.test("a collection takes addedAt, a rating and an order that outlives its title", async () => {
  await withSim({ items: scenes("a") }, async (client) => {
    await client.put("/library/metadata/1", tag("The X"));
    const { ratingKey } = await only(client);
    const path = `/library/metadata/${ratingKey}`;
    await client.put(path, { "addedAt.value": "1234", "titleSort.locked": "1" });
    const rate = `/:/rate?identifier=com.plexapp.plugins.library&key=${ratingKey}&rating=6`;
    assertEquals(await status(client.send("PUT", rate)), 200);
    await client.put(path, { "title.value": "New" });
    const { title, titleSort, addedAt, userRating } = await only(client);
    assertEquals([title, titleSort, addedAt, userRating], ["New", "X", 1234, 6]);
  });
});
