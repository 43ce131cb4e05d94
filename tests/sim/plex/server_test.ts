import { assertEquals } from "@std/assert";
import { type JsonRow, scenes, status, titles, withSim } from "./testing.ts";

Deno.test("preferences are listed, read one by one, and set; unknown ones are ignored or 400", async () => {
  await withSim({}, async ({ sim, get, send }) => {
    const value = async (id: string) => (await get(`/:/prefs/get?id=${id}`)).Setting[0].value;
    assertEquals(await value("ButlerStartHour"), "2");
    assertEquals(await status(send("PUT", "/:/prefs?ButlerStartHour=4")), 200);
    assertEquals(await value("ButlerStartHour"), "4");
    assertEquals((await get("/:/prefs")).Setting.some((s: JsonRow) => s.id === "nope"), false);
    assertEquals(await status(send("PUT", "/:/prefs?nope=1")), 200);
    sim.switches.unknownPreference = 400;
    assertEquals(await status(send("PUT", "/:/prefs?nope=1")), 400);
  });
});

Deno.test("sessions are empty at rest and show what a test puts there", async () => {
  await withSim({}, async ({ sim, get }) => {
    assertEquals(await get("/status/sessions"), { size: 0 });
    sim.setSessions([{ ratingKey: "1", title: "a", Player: { state: "playing" } }]);
    const container = await get("/status/sessions");
    assertEquals([container.size, container.Metadata[0].Player.state], [1, "playing"]);
  });
});

Deno.test("watched and unwatched move viewCount and the unwatched filter", async () => {
  await withSim({ items: scenes("a", "b") }, async ({ get, item, send }) => {
    const mark = (verb: string) =>
      status(send("PUT", `/:/${verb}?identifier=com.plexapp.plugins.library&key=1`));
    assertEquals(await mark("scrobble"), 200);
    assertEquals((await item("1")).viewCount, 1);
    assertEquals(titles(await get("/library/sections/1/all?type=1&unwatched=1")), ["b"]);
    assertEquals(await mark("unscrobble"), 200);
    assertEquals((await item("1")).viewCount, undefined);
  });
});

Deno.test("a listing describes its fields, operators and sorts on request only", async () => {
  await withSim({ items: scenes("a") }, async ({ get }) => {
    assertEquals((await get("/library/sections/1/all?type=1")).Meta, undefined);
    const { Meta } = await get("/library/sections/1/all?includeMeta=1");
    const [movie] = Meta.Type;
    assertEquals([movie.type, movie.active], ["movie", true]);
    assertEquals(movie.Field.find((f: JsonRow) => f.key === "title").type, "string");
    const text = Meta.FieldType.find((t: JsonRow) => t.type === "string");
    assertEquals(text.Operator[0], { key: "=", title: "contains" });
  });
});

Deno.test("ratingKeys are numeric strings that rise, shared with collections", async () => {
  await withSim({ items: scenes("a", "b") }, async ({ sim, put, get }) => {
    await put("/library/metadata/1", { "collection[0].tag.tag": "C" });
    await sim.addFiles([{ path: "/data/scenes/c.mp4" }]);
    assertEquals(sim.items().map((view) => view.ratingKey), ["1", "2", "4"]);
    assertEquals((await get("/library/sections/1/collections")).Metadata[0].ratingKey, "3");
  });
});
