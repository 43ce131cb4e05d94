import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import type { HookEvent } from "../sim/stash/server.ts";
import { takeLock } from "../../src/app/data/lock.ts";
import { TRIGGERS } from "../../src/plugin/manifest.ts";
import type { World } from "../e2e/world.ts";
import { ask } from "../sim/stash/testing.ts";
import { reachedModules } from "../reached_modules.ts";
import { withPlugin } from "./plugin_rig.ts";

const scenesQueued = (world: World) =>
  world.query<{ scene_id: string }>("SELECT scene_id FROM jobs ORDER BY scene_id")
    .map((row) => row.scene_id);
const walks = (world: World) =>
  world.query<{ kind: string; entity_id: string; gone: number }>(
    "SELECT kind, entity_id, gone FROM fanouts ORDER BY id",
  ).map(({ kind, entity_id, gone }) => `${kind} ${entity_id}${gone === 1 ? " gone" : ""}`);

/** One event of each trigger, with what it leaves behind. */
const EVENTS: Readonly<Record<string, { event: Omit<HookEvent, "trigger">; leaves: string }>> = {
  "Scene.Create.Post": { event: { id: 11 }, leaves: "scene 11" },
  "Scene.Update.Post": {
    event: { id: 12, input: { id: "12", title: "x" }, fields: ["id", "title"] },
    leaves: "scene 12",
  },
  "Scene.Destroy.Post": { event: { id: 13, input: { id: "", path: "/a" } }, leaves: "scene 13" },
  "Performer.Update.Post": { event: { id: 21, fields: ["id", "name"] }, leaves: "performer 21" },
  "Performer.Destroy.Post": { event: { id: 22 }, leaves: "performer 22 gone" },
  "Studio.Update.Post": { event: { id: 31, fields: ["name", "id"] }, leaves: "studio 31" },
  "Studio.Destroy.Post": { event: { id: 32 }, leaves: "studio 32 gone" },
  "Tag.Update.Post": { event: { id: 41, fields: ["id", "name"] }, leaves: "tag 41" },
  "Tag.Destroy.Post": { event: { id: 42 }, leaves: "tag 42 gone" },
  "Tag.Merge.Post": {
    event: { id: 43, input: { source: ["44"], destination: "43" }, fields: ["source"] },
    leaves: "tag 43, tag 44 gone",
  },
};

Deno.test("a hook of every declared type is kept, without a request to Stash or Plex", () =>
  withPlugin({}, async (world) => {
    assertEquals(Object.keys(EVENTS).sort(), [...TRIGGERS].sort());
    world.stash.clearRequests();
    const lock = takeLock(world.path("plexsync.lock"), { pid: 1, since: 1 });
    for (const [trigger, { event }] of Object.entries(EVENTS)) {
      const runs = await world.stash.runHooks({ trigger, ...event });
      assertEquals(runs.map(({ code, output, error }) => [code, output, error]), [
        [0, "queued", undefined],
      ], trigger);
    }
    lock.release();
    const left = [...scenesQueued(world).map((id) => `scene ${id}`), ...walks(world)];
    assertEquals(left, Object.values(EVENTS).flatMap(({ leaves }) => leaves.split(", ")));
    assertEquals([world.stash.requests(), world.plex.requests()], [[], []]);
    const lines = world.stash.logs().filter(({ plugin }) => plugin !== undefined);
    assertEquals(lines.filter(({ level }) => level !== "debug"), []);
  }));

Deno.test("a hook of fields that are not synced leaves no file, and Stash is told why", () =>
  withPlugin({}, async (world) => {
    const hooks = [
      { trigger: "Scene.Update.Post", id: 1, fields: ["id", "play_duration", "urls"] },
      { trigger: "Performer.Update.Post", id: 1, fields: ["id", "birthdate", "image"] },
    ];
    const outputs: unknown[] = [];
    for (const hook of hooks) outputs.push((await world.stash.runHooks(hook))[0]!.output);
    assertEquals(outputs, [
      "nothing to do: no synced field changed",
      "nothing to do: the name did not change",
    ]);
    assertEquals([...Deno.readDirSync(world.dataDir)].map(({ name }) => name), ["plexsync.toml"]);
  }));

Deno.test("a hook with a cover of 20 MB is kept", () =>
  withPlugin({}, async (world) => {
    const cover = `data:image/jpeg;base64,${"QUJD".repeat(5 * 1024 * 1024)}`;
    const input = { id: "7", cover_image: cover };
    const event = { trigger: "Scene.Update.Post", id: 7, input, fields: ["id", "cover_image"] };
    const [run] = await world.stash.runHooks(event);
    assertEquals([run!.code, run!.output], [0, "queued"]);
    assertEquals(scenesQueued(world), ["7"]);
  }));

Deno.test("a bulk edit in Stash makes one job per scene, and a repeat none", () =>
  withPlugin({ scenes: 8, seed: 3 }, async (world) => {
    const ids = world.stash.scenes().map(({ id }) => id);
    for (const details of ["once", "twice"]) {
      const { errors } = await ask(
        world.stash,
        "mutation($i: BulkSceneUpdateInput!){bulkSceneUpdate(input:$i){id}}",
        { i: { ids, details } },
      );
      assertEquals(errors, undefined);
    }
    assertEquals(world.stash.hooksRun().length, 2 * ids.length);
    assertEquals(scenesQueued(world).map(Number).sort((a, b) => a - b), ids.map(Number));
  }));

Deno.test("hooks of a scan come several at once, and none is lost", () =>
  withPlugin({}, async (world) => {
    const ids = Array.from({ length: 12 }, (_, n) => n + 1);
    await Promise.all(
      ids.map((id) => world.stash.runHooks({ trigger: "Scene.Create.Post", id })),
    );
    const outputs = world.stash.hooksRun().map(({ output, error }) => output ?? error);
    assertEquals(outputs, ids.map(() => "queued"));
    assertEquals(scenesQueued(world).length, ids.length);
  }));

Deno.test("a renamed performer reaches Plex, in the scenes concerned and no other", () =>
  withPlugin({ scenes: 12, seed: 5 }, async (world) => {
    await world.syncAll();
    const named = world.stash.scenes().filter(({ performers }) => performers.length > 0);
    const { id } = named[0]!.performers[0]!;
    const concerned = named.filter(({ performers }) => performers.some((one) => one.id === id));
    const renamed = await ask(
      world.stash,
      "mutation($i: PerformerUpdateInput!){performerUpdate(input:$i){id}}",
      { i: { id, name: "Renamed Performer" } },
    );
    assertEquals(renamed.errors, undefined);
    assertEquals(walks(world), [`performer ${id}`]);
    const before = world.query<{ id: number }>("SELECT max(id) AS id FROM outcomes")[0]!.id;
    await world.expect(0, "run", "--once");
    const done = world.query<{ scene_id: string }>(
      "SELECT DISTINCT scene_id FROM outcomes WHERE id > ?",
      before,
    );
    assertEquals(
      done.map((row) => Number(row.scene_id)).sort((a, b) => a - b),
      concerned.map((scene) => Number(scene.id)).sort((a, b) => a - b),
    );
    assertEquals(await world.differences(), []);
  }));

Deno.test("without a daemon a hook warns, but not again within a day", () =>
  withPlugin({}, async (world) => {
    for (const id of [1, 2, 3]) {
      await world.stash.runHooks({ trigger: "Scene.Create.Post", id });
    }
    const lines = world.stash.logs().filter(({ plugin, level }) => plugin && level !== "debug");
    assertEquals(lines.map(({ level }) => level), ["warning"]);
    assertMatch(lines[0]!.message, /^\[PlexSync Hook\] No daemon works on .*changes are queued/);
    assertStringIncludes(lines[0]!.message, "plexsync run");
    assertEquals(scenesQueued(world), ["1", "2", "3"]);
  }));

const BROKEN: { when: string; stdin: string; says: RegExp }[] = [
  { when: "no document at all", stdin: "", says: /^Cannot read what Stash sent.*empty$/ },
  {
    when: "a document that is cut off",
    stdin: '{"server_connection":{"SessionCookie":{"Value":"canary-session"}},"args":{"hook',
    says: /not JSON$/,
  },
  { when: "an unknown task", stdin: '{"args":{"mode":"sync-al"}}', says: /nearest is sync-all/ },
  { when: "neither hook nor task", stdin: "{}", says: /^There is no task null: mode must be one/ },
];
for (const { when, stdin, says } of BROKEN) {
  Deno.test(`plexsync plugin answers ${when} with one error`, () =>
    withPlugin({}, async (world) => {
      const { code, stdout, stderr } = await world.run(["plugin"], { stdin });
      const answer = JSON.parse(stdout);
      assertEquals([Object.keys(answer), code === 0], [["error"], false]);
      assertMatch(answer.error, says);
      assert(!(stdout + stderr).includes("canary-session"));
    }));
}

Deno.test("plexsync plugin answers a database that cannot be opened with an error", () =>
  withPlugin({}, async (world) => {
    const stdin = JSON.stringify({ args: { hookContext: { id: 1, type: "Scene.Create.Post" } } });
    const text = "this is no database, and long enough".repeat(99);
    await Deno.writeTextFile(world.path("plexsync.db"), text);
    const { code, stdout, stderr } = await world.run(["plugin"], { stdin });
    const says = /^The database is damaged: .*\(plexsync run sets it aside/;
    assertMatch(JSON.parse(stdout).error, says);
    assertEquals([code, stderr], [1, ""]);
  }));

Deno.test("plexsync plugin answers a database of an older layout with what to do", () =>
  withPlugin({}, async (world) => {
    const stdin = JSON.stringify({ args: { hookContext: { id: 1, type: "Scene.Create.Post" } } });
    assertEquals((await world.run(["plugin"], { stdin })).code, 0);
    const older = new DatabaseSync(world.path("plexsync.db"));
    older.exec("PRAGMA application_id = 0");
    older.close();
    const { code, stdout, stderr } = await world.run(["plugin"], { stdin });
    assertMatch(JSON.parse(stdout).error, /older layout.*\(Move plexsync\.db aside, or name/);
    assertEquals([code, stderr], [1, ""]);
    const status = await world.run(["status"]);
    assertMatch(status.stderr, /^error: .*older layout.*\nhint: Move plexsync\.db aside/);
    assertEquals(status.code, 1);
  }));

Deno.test("plexsync plugin takes no hook into a place that a wrong flag does not name", () =>
  withPlugin({}, async (world) => {
    const stdin = JSON.stringify({ args: { hookContext: { id: 1, type: "Scene.Create.Post" } } });
    const { code, stderr } = await world.run(["plugin", "--datadir", "/x"], { stdin });
    assertMatch(stderr, /^error: Unknown flag --datadir\nhint: The nearest is --data-dir/);
    assertEquals(code, 2);
  }));

Deno.test("a hook reads no more modules than it runs", async () => {
  const reached = await reachedModules([
    "main.ts",
    "src/plugin/plugin_main.ts",
    "src/app/queue/hook_keeping.ts",
  ]);
  const own = reached.filter((name) => !name.includes(":"));
  assert(own.includes("src/store/queue/jobs.ts"), "nothing was followed");
  // Each of them costs a hook 5 to 20 ms.
  const slow = reached.filter((name) =>
    /^node:(path|fs|crypto)$|^npm:\/?(ws|eventsource-parser)@/.test(name)
  );
  assertEquals(slow, []);
  assert(own.length <= 40, `${own.length} modules:\n${own.join("\n")}`);
});
