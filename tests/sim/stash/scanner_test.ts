import { assertEquals, assertThrows } from "@std/assert";
import { ECHO, FOREVER, withPlugins } from "./plugin_testing.ts";
import type { HookRun, SceneSeed, SimStash } from "./server.ts";
import { ask, raw, withStash } from "./testing.ts";

const T0 = "2026-11-22T12:00:00Z";
const LATER = "2026-11-22T12:00:09Z";
const SEEDS: SceneSeed[] = [
  { title: "One", files: [{ path: "/data/a/one.mp4", size: 7, duration: 3 }] },
  { title: "Two", files: [{ path: "/data/a/two.mp4" }, { path: "/data/b/two.mp4" }] },
];

/** A clock that a test sets forward. */
function clock() {
  let now = Date.parse(T0);
  return { now: () => now, forward: (ms: number) => void (now += ms) };
}

interface Told {
  args: { hookContext: Record<string, unknown> };
}
const toldOf = ({ output }: HookRun) => (output as Told).args.hookContext;

async function filesOf(stash: SimStash, id: string) {
  const query =
    "query($id:ID!){findScene(id:$id){updated_at files{path size mod_time updated_at}}}";
  return (await ask(stash, query, { id })).data.findScene;
}

async function endOf(stash: SimStash, id: string) {
  await stash.until(() => !stash.jobs().some((job) => job.id === id));
  const query = "query($id:ID!){findJob(input:{id:$id}){status error description}}";
  return (await ask(stash, query, { id })).data.findJob;
}

async function control(stash: SimStash, path: string, body: unknown): Promise<string> {
  const answer = await raw(`${stash.url}/__sim__/${path}`, {
    method: "POST",
    body: JSON.stringify(body),
  });
  assertEquals(answer.status, 200, answer.text);
  return JSON.parse(answer.text).job;
}

Deno.test("a scan makes scenes, tells of each before it has a cover, and bumps it for the cover", () => {
  const { now, forward } = clock();
  return withPlugins({ p: { script: ECHO } }, { now, scenes: [{}] }, async (stash) => {
    const scan = stash.scan({ files: [{ path: "/data/new.mp4", size: 5, duration: 2 }] });
    await stash.until(() => {
      const over = stash.hooksRun()[0]?.code === 0;
      if (over) forward(9000); // what is made from now on is made after the hook
      return over;
    });
    assertEquals((await scan).status, "FINISHED");
    const hook = { id: 2, type: "Scene.Create.Post", input: null };
    assertEquals(stash.hooksRun().map(toldOf), [hook]);
    const scene = stash.scenes()[1];
    assertEquals([scene?.title, scene?.created_at, scene?.updated_at], ["", T0, LATER]);
    assertEquals(scene?.files, [
      { id: "1", path: "/data/new.mp4", basename: "new.mp4", size: 5, duration: 2 },
    ]);
  });
});

Deno.test("without covers a scanned scene has the default picture, and a known file is no news", () =>
  withStash({}, async (stash) => {
    const files = [{ path: "/data/new.mp4" }];
    const type = async () => {
      const headers = { ApiKey: stash.apiKey };
      return (await raw(`${stash.url}/scene/1/screenshot`, { headers })).headers["content-type"];
    };
    await stash.scan({ files, covers: false });
    assertEquals(await type(), "image/svg+xml");
    await stash.scan({ files });
    assertEquals([stash.scenes().length, await type()], [1, "image/svg+xml"]);
    await stash.scan({ files: [{ path: "/data/other.mp4" }] });
    const covered = `${stash.url}/scene/2/screenshot?apikey=${stash.apiKey}`;
    assertEquals((await raw(covered)).headers["content-type"], "image/png");
  }));

const CHANGES: {
  when: string;
  found: Parameters<SimStash["scan"]>[0];
  hook: boolean;
  sceneBumped: boolean;
  fileBumped: boolean;
  paths: string[];
}[] = [
  {
    when: "another copy joins",
    found: { files: [{ path: "/data/c/one.mp4", scene_id: "1" }] },
    hook: true,
    sceneBumped: true,
    fileBumped: false,
    paths: ["/data/a/one.mp4", "/data/c/one.mp4"],
  },
  {
    when: "a file is moved",
    found: { moved: [{ from: "/data/a/one.mp4", to: "/data/z/1.mp4" }] },
    hook: true,
    sceneBumped: false,
    fileBumped: true,
    paths: ["/data/z/1.mp4"],
  },
  {
    when: "a file's content changes",
    found: { changed: [{ path: "/data/a/one.mp4", size: 99 }] },
    hook: true,
    sceneBumped: false,
    fileBumped: true,
    paths: ["/data/a/one.mp4"],
  },
  {
    when: "its folder is renamed",
    found: { renamed_folders: [{ from: "/data/a", to: "/data/renamed" }] },
    hook: false,
    sceneBumped: false,
    fileBumped: false,
    paths: ["/data/renamed/one.mp4"],
  },
];
for (const { when, found, hook, sceneBumped, fileBumped, paths } of CHANGES) {
  Deno.test(`scan: when ${when} a hook ${hook ? "runs" : "does not run"}, and times say so`, () => {
    const { now, forward } = clock();
    return withPlugins({ p: { script: ECHO } }, { now, scenes: SEEDS }, async (stash) => {
      forward(9000);
      assertEquals((await stash.scan(found)).status, "FINISHED");
      const told = { id: 1, type: "Scene.Update.Post", input: null };
      assertEquals(stash.hooksRun().map(toldOf), hook ? [told] : []);
      const { updated_at, files } = await filesOf(stash, "1");
      assertEquals(files.map((file: { path: string }) => file.path), paths);
      assertEquals([updated_at, files[0].updated_at], [
        sceneBumped ? LATER : T0,
        fileBumped ? LATER : T0,
      ]);
      assertEquals(stash.scenes()[1]?.updated_at, T0);
    });
  });
}

Deno.test("scan workers run hooks side by side, as many as parallelTasks says", () => {
  // Each waits until two are there, which one after the other would never be.
  const script = `dir=\${0%/*}; : > $dir/on.$$
    while [ $(ls $dir/on.* | wc -l) -lt 2 ]; do sleep 0.01; done`;
  return withPlugins({ p: { script } }, { parallelTasks: 2 }, async (stash) => {
    const job = await stash.scan({ files: [{ path: "/a.mp4" }, { path: "/b.mp4" }] });
    assertEquals([job.status, stash.hooksRun().map(({ code }) => code)], ["FINISHED", [0, 0]]);
    const { data } = await ask(stash, "{configuration{general{parallelTasks}}}");
    assertEquals(data.configuration.general.parallelTasks, 2);
  });
});

Deno.test("a stopped scan kills its hook, and scans and covers nothing more", () =>
  withPlugins({ p: { script: FOREVER } }, { parallelTasks: 1 }, async (stash) => {
    const scan = stash.scan({ files: [{ path: "/a.mp4" }, { path: "/b.mp4" }] });
    await stash.until(() => stash.hooksRun().length === 1);
    const [running] = stash.jobs();
    assertEquals([running?.description, running?.subTasks], ["Scanning...", ["Scanning /a.mp4"]]);
    stash.stopJob(running?.id ?? "");
    assertEquals((await scan).status, "CANCELLED");
    await stash.until(() => stash.hooksRun()[0]?.signal === "SIGKILL");
    const { data } = await ask(stash, '{findScenes(scene_filter:{is_missing:"cover"}){count}}');
    assertEquals([stash.scenes().length, data.findScenes.count], [1, 1]);
  }));

Deno.test("clean takes missing files away: the last one with its scene, and a hook without its id", () => {
  const { now, forward } = clock();
  return withPlugins({ p: { script: ECHO } }, { now, scenes: SEEDS }, async (stash) => {
    const hash = (await ask(stash, '{findScene(id:1){files{fingerprint(type:"oshash")}}}'))
      .data.findScene.files[0].fingerprint;
    forward(9000);
    const job = await control(stash, "clean", { paths: ["/data/a/one.mp4", "/data/a/two.mp4"] });
    assertEquals(await endOf(stash, job), {
      status: "FINISHED",
      error: null,
      description: "Cleaning...",
    });
    const input = {
      ...{ id: "", delete_file: null, delete_generated: null },
      ...{ checksum: "", oshash: hash, path: "/data/a/one.mp4" },
    };
    assertEquals(stash.hooksRun().map(toldOf), [{ id: 1, type: "Scene.Destroy.Post", input }]);
    const [left] = stash.scenes();
    assertEquals([left?.id, left?.updated_at, left?.files.map((file) => file.path)], [
      "2",
      LATER,
      ["/data/b/two.mp4"],
    ]);
  });
});

Deno.test("identify tells what it changed, the cover as base64, and nothing of what it left", () => {
  const { now, forward } = clock();
  return withPlugins({ p: { script: ECHO } }, { now, scenes: SEEDS }, async (stash) => {
    forward(9000);
    const cover = btoa("no real picture");
    const job = await control(stash, "identify", [
      { id: "1", title: "Found", cover_image: cover },
      { id: "2" },
    ]);
    assertEquals((await endOf(stash, job)).status, "FINISHED");
    const [told, ...more] = stash.hooksRun().map(toldOf);
    const input = told?.input as Record<string, unknown>;
    assertEquals([more, told?.id, told?.type], [[], 1, "Scene.Update.Post"]);
    assertEquals((told?.inputFields as string[]).toSorted(), ["cover_image", "id", "title"]);
    assertEquals([input.title, input.cover_image, input.details], ["Found", cover, null]);
    assertEquals(stash.scenes().map((scene) => scene.updated_at), [LATER, T0]);
  });
});

Deno.test("bad scans are refused, and one that finds no such file fails", () =>
  withStash({ scenes: SEEDS }, async (stash) => {
    const bad = { files: [{ size: 1 }] } as unknown as Parameters<SimStash["scan"]>[0];
    assertThrows(() => stash.scan(bad), Error, "files.0.path");
    const job = await stash.scan({ moved: [{ from: "/no", to: "/where" }] });
    assertEquals([job.status, job.error], ["FAILED", 'no file "/no"']);
    const { data } = await ask(stash, "mutation{metadataScan(input:{scanGenerateCovers:true})}");
    assertEquals((await endOf(stash, data.metadataScan)).description, "Scanning...");
  }));
