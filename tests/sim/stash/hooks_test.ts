import { assert, assertEquals, assertMatch } from "@std/assert";
import { request } from "node:http";
import { ECHO, FOREVER, log, withPlugins } from "./plugin_testing.ts";
import type { HookRun, SceneSeed, SimStash } from "./server.ts";
import { ask, withStash } from "./testing.ts";

const SEEDS: SceneSeed[] = [
  {
    title: "One",
    performers: ["P", "Q"],
    studio: "S",
    tags: ["T", "U"],
    groups: [{ name: "G" }],
    files: [{ path: "/data/one.mp4", size: 7 }],
  },
  { title: "Two", tags: ["U"], files: [{ path: "/data/two.mp4" }] },
];

async function mutate(stash: SimStash, mutation: string): Promise<unknown> {
  const { data, errors } = await ask(stash, `mutation { ${mutation} }`);
  assertEquals(errors, undefined);
  return data;
}

interface Told {
  id?: number;
  type: string;
  input: unknown;
  inputFields?: string[];
}

/** What a process read about its hook, the order of `inputFields` aside. */
function toldOf({ output }: HookRun): Told {
  const { args } = output as { args: { hookContext: Told } };
  const { inputFields, ...rest } = args.hookContext;
  return inputFields === undefined ? rest : { ...rest, inputFields: inputFields.toSorted() };
}

/** Every member of SceneUpdateInput as null, but these. */
function sceneInput(given: Record<string, unknown>) {
  const names = "clientMutationId id title code details director url urls date rating100 " +
    "o_counter organized studio_id gallery_ids performer_ids groups movies tag_ids cover_image " +
    "stash_ids resume_time play_duration play_count primary_file_id";
  return { ...Object.fromEntries(names.split(" ").map((name) => [name, null])), ...given };
}

const DESTROYED = { delete_file: null, delete_generated: null, checksum: "" };

/** A number as `oshash` stands for the hash of that scene's file. */
const CASES: { mutation: string; told: Told[] }[] = [
  {
    mutation: 'sceneUpdate(input:{id:1,title:"New",rating100:null}){id}',
    told: [{
      id: 1,
      type: "Scene.Update.Post",
      input: sceneInput({ id: "1", title: "New" }),
      inputFields: ["id", "rating100", "title"],
    }],
  },
  {
    mutation: 'scenesUpdate(input:[{id:2,code:"c"},{id:1,organized:true}]){id}',
    told: [2, 1].map((id) => ({
      id,
      type: "Scene.Update.Post",
      input: [sceneInput({ id: "2", code: "c" }), sceneInput({ id: "1", organized: true })],
      inputFields: id === 2 ? ["code", "id"] : ["id", "organized"],
    })),
  },
  {
    mutation:
      "bulkSceneUpdate(input:{ids:[1,2],studio_id:null,tag_ids:{ids:[2],mode:ADD},rating100:9}){id}",
    told: [1, 2].map((id) => ({
      id,
      type: "Scene.Update.Post",
      input: { ids: ["1", "2"], tag_ids: { ids: ["2"], mode: "ADD" }, rating100: 9 },
      inputFields: ["ids", "rating100", "studio_id", "tag_ids"],
    })),
  },
  {
    mutation: 'sceneCreate(input:{title:"x"}){id}',
    told: [{ id: 3, type: "Scene.Create.Post", input: null }],
  },
  {
    mutation: 'sceneMerge(input:{source:[2],destination:1,values:{id:1,title:"m"}}){id}',
    told: [],
  },
  {
    mutation: "sceneDestroy(input:{id:1,delete_file:true})",
    told: [{
      id: 1,
      type: "Scene.Destroy.Post",
      input: { ...DESTROYED, id: "1", delete_file: true, oshash: 1, path: "/data/one.mp4" },
    }],
  },
  {
    mutation: "scenesDestroy(input:{ids:[1,2]})",
    told: [1, 2].map((id) => ({
      id,
      type: "Scene.Destroy.Post",
      input: {
        ...DESTROYED,
        ids: ["1", "2"],
        oshash: id,
        path: id === 1 ? "/data/one.mp4" : "/data/two.mp4",
      },
    })),
  },
  {
    mutation: 'performerUpdate(input:{id:1,name:"New"}){id}',
    told: [{
      id: 1,
      type: "Performer.Update.Post",
      input: { id: "1", name: "New" },
      inputFields: ["id", "name"],
    }],
  },
  {
    mutation: "bulkPerformerUpdate(input:{ids:[1,2],favorite:true,details:null}){id}",
    told: [1, 2].map((id) => ({
      id,
      type: "Performer.Update.Post",
      input: { ids: ["1", "2"], favorite: true },
      inputFields: ["details", "favorite", "ids"],
    })),
  },
  {
    mutation: 'studioUpdate(input:{id:1,name:"New"}){id}',
    told: [{
      id: 1,
      type: "Studio.Update.Post",
      input: { id: "1", name: "New" },
      inputFields: ["id", "name"],
    }],
  },
  {
    mutation: "bulkTagUpdate(input:{ids:[1],favorite:true}){id}",
    told: [{
      id: 1,
      type: "Tag.Update.Post",
      input: { ids: ["1"], favorite: true },
      inputFields: ["favorite", "ids"],
    }],
  },
  {
    mutation: 'groupUpdate(input:{id:1,name:"New"}){id}',
    told: ["Group", "Movie"].map((type) => ({
      id: 1,
      type: `${type}.Update.Post`,
      input: { id: "1", name: "New" },
      inputFields: ["id", "name"],
    })),
  },
  {
    mutation: "tagsMerge(input:{source:[2],destination:1}){id}",
    told: [{ id: 1, type: "Tag.Merge.Post", input: { source: ["2"], destination: "1" } }],
  },
  {
    mutation: "performerDestroy(input:{id:1})",
    told: [{ id: 1, type: "Performer.Destroy.Post", input: { id: "1" } }],
  },
  {
    mutation: "tagsDestroy(ids:[1,2])",
    told: [1, 2].map((id) => ({ id, type: "Tag.Destroy.Post", input: ["1", "2"] })),
  },
  {
    mutation: "studiosDestroy(ids:[1])",
    told: [{ id: 1, type: "Studio.Destroy.Post", input: ["1"] }],
  },
  {
    mutation: "groupDestroy(input:{id:1})",
    told: ["Group", "Movie"].map((type) => ({
      id: 1,
      type: `${type}.Destroy.Post`,
      input: { id: "1" },
    })),
  },
];
for (const { mutation, told } of CASES) {
  Deno.test(`${mutation} tells the plugin ${told.length} times what the fact sheet says`, () =>
    withPlugins({ echo: { script: ECHO } }, { scenes: SEEDS }, async (stash) => {
      const query = '{findScenes(ids:[1,2]){scenes{files{fingerprint(type:"oshash")}}}}';
      const { data } = await ask(stash, query);
      const hashes = data.findScenes.scenes.map((scene: { files: { fingerprint: string }[] }) =>
        scene.files[0]?.fingerprint
      );
      await mutate(stash, mutation);
      const want = told.map((each) => {
        const input = each.input as { oshash?: number } | null;
        return input?.oshash === undefined
          ? each
          : { ...each, input: { ...input, oshash: hashes[input.oshash - 1] } };
      });
      assertEquals(stash.hooksRun().map(toldOf), want);
    }));
}

const UNTOUCHED = CASES.filter(({ mutation }) => !/^scene|^bulkScene/.test(mutation));
Deno.test("no change of an entity moves updated_at of a scene", async () => {
  for (const { mutation } of UNTOUCHED) {
    let now = Date.parse("2026-11-22T12:00:00Z");
    await withStash({ scenes: SEEDS, now: () => now }, async (stash) => {
      const before = stash.scenes().map((scene) => scene.updated_at);
      now += 60_000;
      await mutate(stash, mutation);
      assertEquals(stash.scenes().map((scene) => scene.updated_at), before);
    });
  }
});

Deno.test("destroyed and merged entities leave their scenes, a merged scene gives its files away", () => {
  let now = Date.parse("2026-11-22T12:00:00Z");
  return withStash({ scenes: SEEDS, now: () => now }, async (stash) => {
    await mutate(stash, "tagsMerge(input:{source:[2],destination:1}){id}");
    assertEquals(stash.scenes()[1]?.tags.map((tag) => tag.name), ["T"]);
    await mutate(stash, "performersDestroy(ids:[1])");
    await mutate(stash, "studioDestroy(input:{id:1})");
    now += 1000;
    await mutate(stash, 'sceneMerge(input:{source:[2],destination:1,values:{id:1,code:"c"}}){id}');
    const [scene, ...rest] = stash.scenes();
    assertEquals([rest, scene?.updated_at], [[], "2026-11-22T12:00:01Z"]);
    assertEquals([scene?.tags.map((tag) => tag.name), scene?.studio, scene?.code], [
      ["T"],
      null,
      "c",
    ]);
    assertEquals(scene?.performers.map((each) => each.name), ["Q"]);
    assertEquals(scene?.files.map((file) => file.path), ["/data/one.mp4", "/data/two.mp4"]);
    // The names are free again.
    stash.upsert([{ id: 1, tags: ["U"], performers: ["P"] }]);
    assertEquals(stash.scenes()[0]?.tags[0]?.id, "3");
  });
});

Deno.test("hooks run one at a time over scenes and plugins, and the save waits for the last", () => {
  // Each process owns the lock for a while; two at once would fail to make it.
  const script = `lock=\${0%/*}/../lock; mkdir "$lock" || exit 9; sleep 0.02; rmdir "$lock"`;
  return withPlugins({ b: { script }, a: { script } }, { scenes: SEEDS }, async (stash) => {
    await mutate(stash, "bulkSceneUpdate(input:{ids:[1,2],organized:true}){id}");
    assertEquals(stash.hooksRun().map(({ plugin, id, code }) => [plugin, id, code]), [
      ["a", "1", 0],
      ["b", "1", 0],
      ["a", "2", 0],
      ["b", "2", 0],
    ]);
  });
});

Deno.test("a hook may ask for the new data while the save still waits for it", () => {
  const script = "while [ ! -e ${0%/*}/go ]; do sleep 0.01; done";
  return withPlugins({ p: { script } }, { scenes: SEEDS }, async (stash, folder) => {
    const save = mutate(stash, 'sceneUpdate(input:{id:1,title:"New"}){title}');
    await stash.until(() => stash.hooksRun().length === 1);
    const { data } = await ask(stash, "{findScene(id:1){title}}");
    assertEquals([data.findScene.title, stash.hooksRun()[0]?.code], ["New", undefined]);
    await Deno.writeTextFile(`${folder}/p/go`, "");
    assertEquals(await save, { sceneUpdate: { title: "New" } });
    assertEquals(stash.hooksRun()[0]?.code, 0);
  });
});

for (const field of ["bulkSceneUpdate", "scenesUpdate"]) {
  Deno.test(`a client that goes away during ${field} kills the hook, and the next scenes get none`, () =>
    withPlugins({ p: { script: FOREVER }, q: { script: "" } }, { scenes: SEEDS }, async (stash) => {
      const input = field === "bulkSceneUpdate"
        ? '{ids:[1,2],title:"New"}'
        : '[{id:1,title:"New"},{id:2,title:"New"}]';
      const client = request(`${stash.url}/graphql`, {
        method: "POST",
        headers: { "Content-Type": "application/json", ApiKey: stash.apiKey },
        agent: false,
      });
      const gone = new Promise((resolve) => client.on("error", resolve));
      client.end(JSON.stringify({ query: `mutation{${field}(input:${input}){id}}` }));
      await stash.until(() => stash.hooksRun().length === 1);
      client.destroy();
      await gone;
      await stash.until(() => stash.hooksRun()[0]?.signal === "SIGKILL");
      await stash.until(() => stash.logs().some(({ message }) => message.endsWith("cancelled")));
      assertEquals(stash.scenes().map((scene) => scene.title), ["New", "New"]);
      const [run, ...later] = stash.hooksRun();
      assertEquals([run?.cancelled, run?.error, later], [true, "signal: killed", []]);
    }));
}

Deno.test("a plugin that cannot be started silences those after it, and the save succeeds", () =>
  withPlugins(
    { a: { script: "" }, b: { script: "" }, c: { script: "" } },
    { scenes: SEEDS },
    async (stash, folder) => {
      Deno.removeSync(`${folder}/b/run.sh`);
      await mutate(stash, 'sceneUpdate(input:{id:1,title:"New"}){id}');
      assertEquals(stash.hooksRun().map(({ plugin }) => plugin), ["a"]);
      assertEquals(stash.logs().at(-1), {
        level: "error",
        message:
          `error executing post hooks: error running plugin: fork/exec ${folder}/b/run.sh: ` +
          "no such file or directory",
      });
    },
  ));

Deno.test("a hook that fails is logged, and neither the save nor later plugins care", () =>
  withPlugins(
    { a: { script: "exit 3" }, b: { script: `echo '{"error":"broken"}'` }, c: { script: "" } },
    { scenes: SEEDS },
    async (stash) => {
      await mutate(stash, 'sceneUpdate(input:{id:1,title:"New"}){id}');
      assertEquals(stash.logs().filter(({ level }) => level === "error"), [
        { level: "error", message: "Scene.Update.Post [a plugin]: returned error: exit status 3" },
        { level: "error", message: "Scene.Update.Post [b plugin]: returned error: broken" },
      ]);
      assertEquals(stash.hooksRun().map(({ code }) => code), [3, 0, 0]);
    },
  ));

Deno.test("a disabled plugin and a trigger with a typing error run nothing", () =>
  withPlugins(
    { a: { script: "" }, b: { script: "", triggers: ["Scene.Updated.Post"] } },
    { scenes: SEEDS },
    async (stash) => {
      await mutate(stash, "setPluginsEnabled(enabledMap:{a:false})");
      await mutate(stash, "sceneUpdate(input:{id:1}){id}");
      assertEquals(stash.hooksRun(), []);
      await mutate(stash, "setPluginsEnabled(enabledMap:{a:true})");
      await mutate(stash, "sceneUpdate(input:{id:1}){id}");
      assertEquals(stash.hooksRun().map(({ plugin }) => plugin), ["a"]);
    },
  ));

Deno.test("the cookie that a hook is given ends a loop after ten rounds, a key alone never", () =>
  withPlugins({ p: { script: log("ran") } }, { scenes: SEEDS }, async (stash) => {
    const body = JSON.stringify({ query: "mutation{sceneUpdate(input:{id:1}){id}}" });
    const save = async (cookie: string, key = {}) => {
      const before = stash.hooksRun().length;
      const response = await fetch(`${stash.url}/graphql`, {
        method: "POST",
        headers: { "Content-Type": "application/json", Cookie: `session=${cookie}`, ...key },
        body,
      });
      assertEquals((await response.json()).errors, undefined);
      const run = stash.hooksRun()[before];
      const { server_connection: { SessionCookie } } =
        (run?.input ?? { server_connection: {} }) as {
          server_connection: { SessionCookie?: { Value: string } };
        };
      return SessionCookie?.Value;
    };
    let cookie: string | undefined = stash.sessionCookie();
    for (let round = 1; round <= 10; round++) {
      // Now and then with the key beside it, which changes nothing.
      cookie = await save(cookie, round % 2 === 0 ? { ApiKey: stash.apiKey } : {});
      assert(cookie !== undefined);
    }
    assertEquals(await save(cookie), undefined);
    assertMatch(stash.logs().at(-1)?.message ?? "", /already triggered/);
    assert(await save("", { ApiKey: stash.apiKey }) !== undefined);
  }));

Deno.test("any event can be fired, and its runs come back", () =>
  withPlugins({ p: { script: ECHO } }, {}, async (stash) => {
    const runs = await stash.runHooks({ trigger: "SceneMarker.Create.Post", id: 0 });
    assertEquals(runs.map(toldOf), [{ type: "SceneMarker.Create.Post", input: null }]);
    const gone = AbortSignal.abort();
    const [run] = await stash.runHooks({ trigger: "Scene.Update.Post", id: 4 }, gone);
    assertEquals([run?.cancelled, run?.id], [true, "4"]);
  }));
