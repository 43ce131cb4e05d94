import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import type { SceneInput, SceneSeed, SimStash } from "./server.ts";
import { ask, withStash } from "./testing.ts";

const T0 = Date.parse("2026-11-22T12:00:00Z");
const LATER = "2026-11-22T12:00:09Z";

const FULL: SceneSeed = {
  title: "Title\u202E \u0007 🎬 \n second line",
  code: "C-1",
  details: "a\r\nb",
  director: "D",
  urls: ["https://one", "https://two"],
  date: "2020-05",
  rating100: 77,
  organized: true,
  studio: { name: "Child", parent: "Parent" },
  performers: [{ name: "P", disambiguation: "the elder", gender: "NON_BINARY" }, "Q, & R"],
  tags: ["zebra", { name: "Apple", sort_name: "zz" }, "mango"],
  groups: [{ name: "G", scene_index: 3 }],
  files: [
    { path: "/data/a/one.MKV", size: 6_000_000_000, duration: 61.5 },
    { path: "C:\\two.mp4", size: 2 },
  ],
  stash_ids: [{ endpoint: "https://box/graphql", stash_id: "abc" }],
  markers: [{ title: "M", seconds: 1.5, end_seconds: 4, primary_tag: "zebra", tags: ["mango"] }],
  custom_fields: { a: 1 },
};

const ALL = `query($id: ID!) { findScene(id: $id) {
  id title code details director urls date rating100 organized o_counter play_count last_played_at
  created_at updated_at custom_fields
  files { path basename size duration format fingerprints { type value } }
  paths { screenshot stream }
  studio { name parent_studio { name } }
  performers { name disambiguation gender image_path }
  tags { name }
  groups { group { name } scene_index }
  stash_ids { endpoint stash_id updated_at }
  scene_markers { title seconds end_seconds primary_tag { name } tags { name } }
} }`;

Deno.test("a full scene comes back member by member", () =>
  withStash({ version: "0.31", scenes: [FULL] }, async (stash) => {
    const scene = (await ask(stash, ALL, { id: "1" })).data.findScene;
    for (
      const key of [
        "title",
        "code",
        "details",
        "director",
        "urls",
        "date",
        "rating100",
        "organized",
      ] as const
    ) assertEquals(scene[key], FULL[key]);
    assertEquals([scene.id, scene.o_counter, scene.last_played_at], ["1", 0, null]);
    assertEquals(scene.files.map((file: { path: string }) => file.path), [
      "/data/a/one.MKV",
      "C:\\two.mp4",
    ]);
    assertEquals(scene.files[1].basename, "two.mp4");
    assertEquals([scene.files[0].size, scene.files[0].format], [6_000_000_000, "mkv"]);
    assertMatch(scene.files[0].fingerprints[0].value, /^[0-9a-f]{16}$/);
    assertEquals(scene.studio, { name: "Child", parent_studio: { name: "Parent" } });
    assertEquals(scene.performers.map((each: { name: string }) => each.name).sort(), [
      "P",
      "Q, & R",
    ]);
    assertEquals(scene.tags.map((tag: { name: string }) => tag.name), ["mango", "zebra", "Apple"]);
    assertEquals(scene.groups, [{ group: { name: "G" }, scene_index: 3 }]);
    assertEquals(scene.scene_markers, [{
      title: "M",
      seconds: 1.5,
      end_seconds: 4,
      primary_tag: { name: "zebra" },
      tags: [{ name: "mango" }],
    }]);
    const unix = Date.parse(scene.updated_at) / 1000;
    assertEquals(scene.paths.screenshot, `${stash.url}/scene/1/screenshot?t=${unix}`);
    assert(scene.paths.stream.includes(stash.apiKey));
    assert(scene.performers[0].image_path.endsWith("&default=true"));
    assertEquals(scene.custom_fields, { a: 1 });
  }));

Deno.test("an empty scene has empty strings, nulls and no files", () =>
  withStash({ version: "0.31", scenes: [{}] }, async (stash) => {
    const scene = (await ask(stash, ALL, { id: "1" })).data.findScene;
    assertEquals([scene.title, scene.code, scene.details, scene.director], ["", "", "", ""]);
    assertEquals([scene.date, scene.rating100, scene.studio], [null, null, null]);
    assertEquals([scene.files, scene.tags, scene.performers, scene.urls], [[], [], [], []]);
    assertEquals(scene.updated_at, "2026-11-22T12:00:00Z"); // whole seconds
  }));

Deno.test("image and stream URLs follow the proxy that the request came through", () =>
  withStash({ scenes: [{}] }, async (stash) => {
    const query = encodeURIComponent("{findScene(id:1){paths{screenshot}}}");
    const response = await fetch(`${stash.url}/graphql?query=${query}`, {
      headers: {
        ApiKey: stash.apiKey,
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Prefix": "/stash",
      },
    });
    const { data } = await response.json();
    const { host } = new URL(stash.url);
    assert(
      data.findScene.paths.screenshot.startsWith(`https://${host}/stash/scene/1/screenshot?t=`),
    );
  }));

/** Each change happens nine seconds after the start; scene 1 has one file, scene 2 is a bystander. */
const BUMPS: { change: string; run: (stash: SimStash) => unknown; bumped: boolean }[] = [
  {
    change: "sceneUpdate that alters nothing",
    run: (s) => mutate(s, 'sceneUpdate(input:{id:1,title:"One"}){id}'),
    bumped: true,
  },
  {
    change: "scenesUpdate",
    run: (s) => mutate(s, "scenesUpdate(input:[{id:1,rating100:5}]){id}"),
    bumped: true,
  },
  {
    change: "bulkSceneUpdate",
    run: (s) => mutate(s, "bulkSceneUpdate(input:{ids:[1],organized:true}){id}"),
    bumped: true,
  },
  {
    change: "performerUpdate",
    run: (s) => mutate(s, 'performerUpdate(input:{id:1,name:"New"}){id}'),
    bumped: false,
  },
  {
    change: "studioUpdate",
    run: (s) => mutate(s, 'studioUpdate(input:{id:1,name:"New"}){id}'),
    bumped: false,
  },
  {
    change: "tagUpdate",
    run: (s) => mutate(s, 'tagUpdate(input:{id:1,name:"New"}){id}'),
    bumped: false,
  },
  { change: "upsert of a title", run: (s) => s.upsert([{ id: 1, title: "New" }]), bumped: true },
  {
    change: "upsert of the same title",
    run: (s) => s.upsert([{ id: 1, title: "One" }]),
    bumped: true,
  },
  {
    change: "a file moved",
    run: (s) => s.upsert([{ id: 1, files: [{ path: "/b.mp4" }] }]),
    bumped: false,
  },
  {
    change: "a second file joined",
    run: (s) => s.upsert([{ id: 1, files: [{ path: "/a.mp4" }, { path: "/b.mp4" }] }]),
    bumped: true,
  },
  {
    change: "a cover set",
    run: (s) => s.setCover("1", new Uint8Array([1, 2, 3, 4])),
    bumped: true,
  },
  { change: "a cover taken away", run: (s) => s.setCover("1", null), bumped: true },
  {
    change: "an entity renamed from outside",
    run: (s) => s.updateEntity("tag", 1, { name: "New" }),
    bumped: false,
  },
];
for (const { change, run, bumped } of BUMPS) {
  Deno.test(`updated_at ${bumped ? "moves" : "stands still"} with ${change}`, async () => {
    let now = T0;
    const one: SceneSeed = {
      title: "One",
      performers: ["P"],
      studio: "S",
      tags: ["T"],
      files: [{ path: "/a.mp4" }],
    };
    await withStash({ now: () => now, scenes: [one, {}] }, async (stash) => {
      now += 9400;
      await run(stash);
      const [scene, other] = stash.scenes();
      assertEquals(scene?.updated_at === LATER, bumped);
      assertEquals([scene?.created_at, other?.updated_at], [
        "2026-11-22T12:00:00Z",
        "2026-11-22T12:00:00Z",
      ]);
    });
  });
}

async function mutate(stash: SimStash, mutation: string): Promise<unknown> {
  const { data, errors } = await ask(stash, `mutation { ${mutation} }`);
  assertEquals(errors, undefined);
  return data;
}

Deno.test("sceneUpdate leaves what is not sent and clears what is null", () =>
  withStash({ scenes: [FULL] }, async (stash) => {
    await mutate(
      stash,
      'sceneUpdate(input:{id:1,title:"New",rating100:null,studio_id:null,tag_ids:[1]}){id}',
    );
    const scene = stash.scenes()[0];
    assertEquals([scene?.title, scene?.rating100, scene?.studio], ["New", null, null]);
    assertEquals(scene?.tags.map((tag) => tag.id), ["1"]);
    assertEquals([scene?.details, scene?.performers.length, scene?.files.length], ["a\r\nb", 2, 2]);
  }));

Deno.test("bulkSceneUpdate sets, adds and removes relations, with one time for all", async () => {
  let now = T0;
  await withStash(
    { now: () => now += 1000, scenes: [{ tags: ["a", "b"] }, { tags: ["b", "c"] }] },
    async (stash) => {
      const tagsAfter = async (mode: string, ids: string) => {
        await mutate(
          stash,
          `bulkSceneUpdate(input:{ids:[1,2],tag_ids:{ids:${ids},mode:${mode}}}){id}`,
        );
        return stash.scenes().map((scene) => scene.tags.map((tag) => tag.name).join(""));
      };
      assertEquals(await tagsAfter("ADD", "[1]"), ["ab", "abc"]);
      assertEquals(await tagsAfter("REMOVE", "[2]"), ["a", "ac"]);
      assertEquals(await tagsAfter("SET", "[3]"), ["c", "c"]);
      const [first, second] = stash.scenes();
      assertEquals(first?.updated_at, second?.updated_at);
    },
  );
});

Deno.test("bulkSceneUpdate with one unknown scene changes none", () =>
  withStash({ scenes: [{ title: "kept" }] }, async (stash) => {
    const { errors } = await ask(
      stash,
      'mutation{bulkSceneUpdate(input:{ids:[1,9],title:"x"}){id}}',
    );
    assertEquals(errors?.[0]?.message, "scene with id 9 not found");
    assertEquals(stash.scenes()[0]?.title, "kept");
  }));

const REFUSED = [
  'sceneUpdate(input:{id:1,tag_ids:["99"]}){id}',
  'sceneUpdate(input:{id:1,date:"soon"}){id}',
  'sceneUpdate(input:{id:1,primary_file_id:"99"}){id}',
  'tagUpdate(input:{id:1,name:"b"}){id}',
  'tagUpdate(input:{id:1,name:" "}){id}',
  "sceneDestroy(input:{id:7})",
  "scenesDestroy(input:{ids:[1,7]})",
];
for (const mutation of REFUSED) {
  Deno.test(`${mutation} is refused and changes nothing`, () =>
    withStash(
      { scenes: [{ title: "kept", tags: ["a", "b"], date: "2020-01-01" }] },
      async (stash) => {
        const before = stash.scenes();
        const { errors } = await ask(stash, `mutation { ${mutation} }`);
        assertEquals(errors?.length, 1);
        assertEquals(stash.scenes(), before);
      },
    ));
}

Deno.test("another file becomes the primary one and the rest keep their order", () =>
  withStash(
    { scenes: [{ files: [{ path: "/a" }, { path: "/b" }, { path: "/c" }] }] },
    async (stash) => {
      await mutate(stash, "sceneUpdate(input:{id:1,primary_file_id:3}){id}");
      assertEquals(stash.scenes()[0]?.files.map((file) => file.path), ["/c", "/a", "/b"]);
    },
  ));

Deno.test("partial dates are refused before v0.30", () =>
  withStash({ version: "0.27", scenes: [{}] }, async (stash) => {
    const { errors } = await ask(stash, 'mutation{sceneUpdate(input:{id:1,date:"2020"}){id}}');
    assertEquals(errors?.length, 1);
  }));

Deno.test("destroyed scenes are gone with their rows and their ids are not used again", () =>
  withStash({ scenes: [{}, FULL] }, async (stash) => {
    await mutate(stash, "sceneDestroy(input:{id:2})");
    assertEquals((await ask(stash, "{findScene(id:2){id}}")).data.findScene, null);
    const created = await mutate(stash, 'sceneCreate(input:{title:"new"}){id files{id} tags{id}}');
    assertEquals(created, { sceneCreate: { id: "3", files: [], tags: [] } });
    assertEquals(stash.upsert([{}]), ["4"]);
  }));

Deno.test("upsert makes entities once and destroy and upsert are all or nothing", () =>
  withStash({ scenes: [{ tags: ["Same"] }] }, async (stash) => {
    stash.upsert([{ tags: ["same"], performers: ["A", { name: "A", disambiguation: "2" }] }]);
    const [first, second] = stash.scenes();
    assertEquals(second?.tags, first?.tags);
    assertEquals(second?.performers.length, 2);
    assertThrows(() => stash.destroy(["1", "99"]), Error, "scene with id 99 not found");
    const bad = { title: 5 } as unknown as SceneInput;
    assertThrows(() => stash.upsert([{ title: "x" }, bad]), Error, "1.title");
    assertEquals(stash.scenes().length, 2);
    await Promise.resolve();
  }));
