import { assertEquals } from "@std/assert";
import type { SimPlexSwitches } from "./server.ts";
import { file, scenes, tags, type TestClient, withSim } from "./testing.ts";

type Position = Partial<SimPlexSwitches>;
const REPLACE: Position = { singleTagEdit: "replace" };
const ADD: Position = { singleTagEdit: "add" };
const UNLESS: Position = { singleTagEdit: "replace_unless_removal" };

/** One edit of an item that has A, B and C. */
const edits: { what: string; edit: Record<string, string>; position: Position; want: string }[] = [
  { what: "one add", edit: add("D"), position: REPLACE, want: "D" },
  { what: "one add", edit: add("D"), position: ADD, want: "A,B,C,D" },
  { what: "one add", edit: add("D"), position: UNLESS, want: "D" },
  { what: "add with removal", edit: { ...add("D"), ...remove("A") }, position: REPLACE, want: "D" },
  { what: "add with removal", edit: { ...add("D"), ...remove("A") }, position: ADD, want: "B,C,D" },
  {
    what: "add with removal",
    edit: { ...add("D"), ...remove("A") },
    position: UNLESS,
    want: "B,C,D",
  },
  {
    what: "full list with surplus removed",
    edit: { ...add("B", "D"), ...remove("A,C") },
    position: REPLACE,
    want: "B,D",
  },
  {
    what: "full list with surplus removed",
    edit: { ...add("B", "D"), ...remove("A,C") },
    position: ADD,
    want: "B,D",
  },
  {
    what: "full list with surplus removed",
    edit: { ...add("B", "D"), ...remove("A,C") },
    position: UNLESS,
    want: "B,D",
  },
  { what: "removal alone", edit: remove("A"), position: REPLACE, want: "B,C" },
  { what: "removal alone", edit: remove("A"), position: ADD, want: "B,C" },
  { what: "removal of all", edit: remove("A,B,C"), position: REPLACE, want: "" },
  {
    what: "removal list, first only",
    edit: remove("A,B"),
    position: { removalList: "first_only" },
    want: "B,C",
  },
  { what: "clear", edit: { "genre[].tag": "" }, position: REPLACE, want: "" },
  { what: "clear with adds", edit: { "genre[].tag": "", ...add("D") }, position: ADD, want: "D" },
  {
    what: "clear with adds",
    edit: { "genre[].tag": "", ...add("D") },
    position: { ...ADD, removalOrder: "after_adds" },
    want: "",
  },
  {
    what: "same name added and removed",
    edit: { ...add("A", "D"), ...remove("A") },
    position: ADD,
    want: "B,C,A,D",
  },
  {
    what: "same name added and removed",
    edit: { ...add("A", "D"), ...remove("A") },
    position: { ...ADD, removalOrder: "after_adds" },
    want: "B,C,D",
  },
  { what: "an empty removal", edit: remove(""), position: REPLACE, want: "A,B,C" },
  { what: "only the lock", edit: { "genre.locked": "1" }, position: REPLACE, want: "A,B,C" },
  { what: "another kind", edit: { "label[0].tag.tag": "L" }, position: REPLACE, want: "A,B,C" },
  {
    what: "a name in another case",
    edit: remove("a"),
    position: { tagCase: "fold", capitalizeTags: false },
    want: "B,C",
  },
  {
    what: "a name in another case",
    edit: remove("a"),
    position: { capitalizeTags: false },
    want: "A,B,C",
  },
  {
    what: "an index order other than the order sent",
    edit: { "genre[1].tag.tag": "Y", "genre[0].tag.tag": "X" },
    position: REPLACE,
    want: "X,Y",
  },
  { what: "blanks around names", edit: add(" D ", ""), position: REPLACE, want: " D " },
  { what: "blanks around names", edit: add(" D "), position: { trimTags: true }, want: "D" },
];
for (const { what, edit, position, want } of edits) {
  Deno.test(`tags: ${what} with ${JSON.stringify(position)} leaves ${want || "none"}`, async () => {
    const seed = { files: [file("a.mp4")], genres: ["A", "B", "C"] };
    await withSim({ items: [seed], switches: position }, async ({ put, item }) => {
      assertEquals(await put("/library/metadata/1", edit), 200);
      assertEquals(tags(await item("1"), "Genre").join(","), want);
    });
  });
}

for (const position of [REPLACE, ADD, UNLESS]) {
  Deno.test(`tags: several ids always add with ${JSON.stringify(position)}`, async () => {
    const items = [
      { files: [file("a.mp4")], genres: ["A"] },
      { files: [file("b.mp4")], genres: ["B"] },
    ];
    await withSim({ items, switches: position }, async ({ put, sim }) => {
      const edit = { type: "1", id: "1,2", ...add("N") };
      assertEquals(await put("/library/sections/1/all", edit), 200);
      assertEquals(sim.items().map((view) => view.genres), [["A", "N"], ["B", "N"]]);
    });
  });
}

Deno.test("tags: of a repeated removal list one is honoured", async () => {
  const seed = { files: [file("a.mp4")], genres: ["A", "B", "C"] };
  await withSim({ items: [seed] }, async ({ send, sim }) => {
    const response = await send(
      "PUT",
      "/library/metadata/1?genre%5B%5D.tag.tag-=A&genre%5B%5D.tag.tag-=B",
    );
    assertEquals([response.status, await response.text()], [200, ""]);
    assertEquals(sim.items()[0]?.genres, ["A", "C"]);
  });
});

/** What is left of a single odd name after its removal in either encoding. */
const names = ["Plain", "With space", "Name, Jr", "A&B", "50%", "a+b", "x#y", "é日"];
for (const name of names) {
  Deno.test(`tags: removing ${name} needs the encoding that the server decodes`, async () => {
    const once = encodeURIComponent(name);
    const twice = encodeURIComponent(once);
    const harmless = once === name;
    const left = async (removalDecoding: "single" | "double", value: string) => {
      let found: string[] = [];
      await withSim({
        items: [{ files: [file("a.mp4")], genres: [name, "Other"] }],
        switches: { removalDecoding },
      }, async ({ send, item }: TestClient) => {
        const response = await send("PUT", `/library/metadata/1?genre%5B%5D.tag.tag-=${value}`);
        await response.body?.cancel();
        found = tags(await item("1"), "Genre");
      });
      return found;
    };
    assertEquals(await left("double", twice), ["Other"]);
    assertEquals(await left("single", once), ["Other"]);
    assertEquals(await left("single", twice), harmless ? ["Other"] : [name, "Other"]);
  });
}

Deno.test("tags: a name with a comma is one tag when added", async () => {
  await withSim({ items: scenes("a") }, async ({ put, item }) => {
    await put("/library/metadata/1", add("Name, Jr"));
    assertEquals(tags(await item("1"), "Genre"), ["Name, Jr"]);
  });
});

const spellings: [string, Position, string][] = [
  ["hidden", {}, "Hidden"],
  [".hidden", {}, ".Hidden"],
  ["reely.x", {}, "Reely.x"],
  ["two words", {}, "Two words"],
  ["école", {}, "École"],
  ["123 abc", {}, "123 Abc"],
  ["hidden", { capitalizeTags: false }, "hidden"],
];
for (const [sent, position, want] of spellings) {
  Deno.test(`tags: ${sent} reads back as ${want} with ${JSON.stringify(position)}`, async () => {
    await withSim({ items: scenes("a"), switches: position }, async ({ put, item }) => {
      await put("/library/metadata/1", { "label[0].tag.tag": sent });
      assertEquals(tags(await item("1"), "Label"), [want]);
      assertEquals(await put("/library/metadata/1", { "label[].tag.tag-": sent }), 200);
      assertEquals(tags(await item("1"), "Label"), []);
    });
  });
}

Deno.test("tags: another case is another tag, or the first row where cases fold", async () => {
  await withSim({ items: scenes("a", "b") }, async ({ put, sim }) => {
    await put("/library/metadata/1", add("Teen"));
    await put("/library/metadata/2", add("TEEN"));
    assertEquals(sim.items().map((view) => view.genres), [["Teen"], ["TEEN"]]);
    sim.switches.tagCase = "fold";
    await put("/library/metadata/2", add("tEEN"));
    assertEquals(sim.items()[1]?.genres, ["Teen"]);
  });
});

Deno.test("tags: rows are shared by all items: one id, one picture", async () => {
  await withSim({ items: scenes("a", "b") }, async ({ put, item }) => {
    const actor = { "actor[0].tag.tag": "Ann" };
    await put("/library/metadata/1", actor);
    await put("/library/metadata/2", { ...actor, "actor[0].tag.thumb": "http://x/1.jpg" });
    const [one, two] = [(await item("1")).Role[0], (await item("2")).Role[0]];
    assertEquals(one.id, two.id);
    assertEquals([one.thumb, two.thumb], ["http://x/1.jpg", "http://x/1.jpg"]);
  });
});

for (const position of [REPLACE, ADD]) {
  Deno.test(`tags: a role that is not restated is lost with ${JSON.stringify(position)}`, async () => {
    const seed = { files: [file("a.mp4")], actors: [{ name: "Ann", role: "Self" }] };
    await withSim({ items: [seed], switches: position }, async ({ put, item }) => {
      const restate = { "actor[0].tag.tag": "Ann", "actor[0].tagging.text": "Self" };
      await put("/library/metadata/1", restate);
      assertEquals((await item("1")).Role[0].role, "Self");
      await put("/library/metadata/1", { "actor[0].tag.tag": "Ann" });
      assertEquals((await item("1")).Role[0].role, undefined);
    });
  });
}

Deno.test("tags: studio as a tag lands nowhere", async () => {
  await withSim({ items: scenes("a") }, async ({ put, sim }) => {
    assertEquals(await put("/library/metadata/1", { "studio[0].tag.tag": "S" }), 200);
    assertEquals(sim.items()[0]?.studio, null);
  });
});

function add(...names: string[]): Record<string, string> {
  return Object.fromEntries(names.map((name, index) => [`genre[${index}].tag.tag`, name]));
}

function remove(list: string): Record<string, string> {
  return { "genre[].tag.tag-": list };
}

const RESPELT: { position: Position; name: string; stored: string }[] = [
  { position: {}, name: "Straße", stored: "Straße" },
  { position: { respellSharpS: true }, name: "Straße", stored: "StraSSe" },
  { position: { respellSharpS: true }, name: "Işık", stored: "Işık" },
  { position: { respellDotlessI: true }, name: "Işık", stored: "IşIk" },
  { position: { capitalizeTags: true }, name: "ßa", stored: "SSa" },
];
for (const { position, name, stored } of RESPELT) {
  Deno.test(`tags: ${name} with ${JSON.stringify(position)} is stored as ${stored}, once`, async () => {
    await withSim({ items: scenes("a"), switches: { ...ADD, ...position } }, async (client) => {
      const genres = async () => tags(await client.item("1"), "Genre");
      await client.put("/library/metadata/1", add(name));
      await client.put("/library/metadata/1", add(name));
      assertEquals(await genres(), [stored]);
      await client.put("/library/metadata/1", remove(stored));
      assertEquals(await genres(), []);
    });
  });
}

Deno.test("tags: a name that was respelt is not removed by what was sent", async () => {
  const switches = { ...ADD, respellSharpS: true };
  await withSim({ items: scenes("a"), switches }, async (client) => {
    await client.put("/library/metadata/1", add("Straße"));
    await client.put("/library/metadata/1", remove("Straße"));
    assertEquals(tags(await client.item("1"), "Genre"), ["StraSSe"]);
  });
});
