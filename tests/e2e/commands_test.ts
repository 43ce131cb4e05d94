import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { CHAPTERS } from "../../src/cli/manual/chapters.ts";
import { isWrite } from "./care.ts";
import { withWorld } from "./world.ts";

interface Question {
  args: readonly string[];
  /** Prints a list: one JSON array. */
  list?: true;
  /** Exit codes that are an answer; default 0. */
  codes?: readonly number[];
}

const QUESTIONS: readonly Question[] = [
  { args: ["sync", "--all", "--yes"] },
  { args: ["sync", "--recent", "24h"] },
  { args: ["sync", "--scene", "1"] },
  { args: ["sync", "--scene", "1", "--dry-run"] },
  { args: ["plan", "--all"] },
  { args: ["status"], codes: [0, 3] },
  { args: ["stats"] },
  { args: ["--stats"] },
  { args: ["queue", "list"], list: true },
  { args: ["queue", "list", "--state", "waiting"], list: true },
  { args: ["match", "list"], list: true },
  { args: ["dead", "list"], list: true },
  { args: ["dead", "show", "1"] },
  { args: ["dead", "retry", "1"] },
  { args: ["config", "show"], list: true },
  { args: ["config", "check"], list: true },
  { args: ["config", "check", "--online"], list: true },
  { args: ["version"] },
];

/** Work of every kind: some is done, some waits, one is given up. */
const MIXED = { scenes: 10, seed: 23, missingPercent: 20, ambiguous: 1 };

Deno.test("every command prints one JSON document with --json, lists one array", async () => {
  await withWorld(MIXED, async (world) => {
    await world.syncAll();
    for (const { args, list, codes = [0] } of QUESTIONS) {
      const { code, stdout, stderr } = await world.run([...args, "--json"]);
      const said = `${args.join(" ")} ended with ${code}\n${stdout}\n${stderr}`;
      assert(codes.includes(code), said);
      assertEquals(Array.isArray(JSON.parse(stdout)), list === true, said);
    }
  });
});

Deno.test("every command prints text for people without --json", async () => {
  await withWorld(MIXED, async (world) => {
    await world.syncAll();
    for (const { args, codes = [0] } of QUESTIONS) {
      const { code, stdout, stderr } = await world.run(args);
      assert(codes.includes(code), `${args.join(" ")} ended with ${code}\n${stderr}`);
      assert(stdout.endsWith("\n") && !/^[[{]/.test(stdout), stdout);
      // deno-lint-ignore no-control-regex
      assert(!/\x1b/.test(stdout + stderr), "colour off a terminal");
    }
  });
});

Deno.test("--help of each command it lists ends with 0 and shows how to use it", async () => {
  await withWorld({}, async (world) => {
    const { stdout } = await world.expect(0, "--help");
    const names = new Set(stdout.matchAll(/^ {2}([a-z]+) /gm).map(([, name]) => name ?? ""));
    for (const known of ["run", "sync", "plan", "status", "stats", "queue", "dead", "config"]) {
      assert(names.has(known), `no ${known} in\n${stdout}`);
    }
    for (const name of names) {
      const help = await world.expect(0, name, "--help");
      assertStringIncludes(help.stdout, `Usage: plexsync ${name}`);
      // A chapter of the same name stands behind it.
      const all = (await world.expect(0, "help", name)).stdout;
      assert(Object.hasOwn(CHAPTERS, name) ? all.startsWith(help.stdout) : all === help.stdout);
    }
  });
});

Deno.test("help prints each chapter, without what is for those who write it", async () => {
  await withWorld({}, async (world) => {
    for (const name of Object.keys(CHAPTERS)) {
      const { stdout } = await world.expect(0, "help", name);
      assertMatch(stdout, /^[A-Z][A-Z,: ]+\n\n/m);
      assert(!stdout.includes("<!--"), stdout);
    }
    const { stderr } = await world.expect(2, "help", "setings");
    assertMatch(stderr, /error: No help on "setings"\nhint: The nearest is settings/);
  });
});

const MISTYPED: readonly { args: readonly string[]; says: RegExp }[] = [
  { args: [], says: /error: No command given/ },
  { args: ["stauts"], says: /error: Unknown command "stauts"\nhint: .*status/ },
  { args: ["snyc", "--all"], says: /error: Unknown command "snyc"\nhint: .*sync/ },
  { args: ["run", "--onec"], says: /error: Unknown flag --onec\nhint: .*--once/ },
  { args: ["run", "--pol-interval", "3"], says: /Unknown flag --pol-interval\nhint: .*poll-int/ },
  { args: ["run", "--idle-exit", "soon"], says: /error: --idle-exit .*"soon"/ },
  { args: ["sync"], says: /error: .*--all.*--recent.*--scene/ },
  { args: ["sync", "--all", "--scene", "1"], says: /error: .*--all.*--recent.*--scene/ },
  { args: ["sync", "--scene", "1;2"], says: /error: --scene .*"1;2"/ },
  { args: ["sync", "--recent", "yesterday"], says: /error: --recent .*"yesterday"/ },
  { args: ["sync", "12"], says: /error: Unexpected "12"/ },
  { args: ["dead", "shwo"], says: /error: .*shwo/ },
  { args: ["dead", "show", "x"], says: /error: .*"x"/ },
  { args: ["dead", "retry"], says: /error: .*--all/ },
  {
    args: ["match", "pin", "1"],
    says: /error: match pin takes SCENE ITEM\nhint: For example: plexsync match pin 12 /,
  },
  { args: ["match", "pin", "1", "nobody"], says: /error: .*"nobody"/ },
  { args: ["queue", "list", "--state", "lost"], says: /error: --state .*lost/ },
  { args: ["queue", "list", "--limit", "-1"], says: /error: / },
  { args: ["status", "--batch-size", "many"], says: /batch_size.*many|many.*batch_size/s },
];

Deno.test("what is mistyped ends with 2, says what is wrong, and touches nothing", async () => {
  await withWorld({ scenes: 1, seed: 1 }, async (world) => {
    for (const { args, says } of MISTYPED) {
      const { code, stdout, stderr } = await world.run(args);
      assertEquals([code, stdout], [2, ""], `${args.join(" ")}\n${stderr}`);
      assertMatch(stderr, says);
    }
    assertEquals(world.plex.requests().length + world.stash.requests().length, 0);
    const files = [...Deno.readDirSync(world.dataDir)].map(({ name }) => name);
    assertEquals(files, ["plexsync.toml"]);
  });
});

interface ScenePlan {
  scene_id: string;
  outcome: string;
  changes: { field: string; from: string; to: string }[];
}

Deno.test("a plan shows each field old and new, counts them, and writes nothing", async () => {
  await withWorld(MIXED, async (world) => {
    const { missingIds, ambiguousIds } = world.library;
    const text = (await world.expect(0, "plan", "--all")).stdout;
    assertMatch(text, /^ {2}tags: "" → ".+"$/m);
    assertMatch(text, /^10 scenes: 7 change, 2 waiting, 1 dead$/m);
    assertMatch(text, /^Changes: .*\d+ date/m);
    assertEquals((await world.expect(0, "sync", "--all", "--dry-run")).stdout, text);

    const plan = await world.json<{ scenes: ScenePlan[]; totals: Record<string, number> }>(
      "plan",
      "--all",
    );
    assertEquals(plan.totals.scenes, 10);
    const ids = (outcome: string) =>
      plan.scenes.filter((scene) => scene.outcome === outcome).map(({ scene_id }) => scene_id);
    assertEquals([ids("waiting"), ids("dead")], [missingIds, ambiguousIds]);
    assertEquals(world.plex.requests().filter(isWrite), []);
    assertEquals(world.query("SELECT id FROM jobs"), []);

    await world.syncAll();
    const after = (await world.expect(0, "plan", "--all")).stdout;
    assertMatch(after, /^10 scenes: 7 equal, 2 waiting, 1 dead$/m);
    world.stash.upsert([{ id: Number(ids("change")[0]), title: "Another title" }]);
    const one = (await world.expect(0, "plan", "--all")).stdout;
    assertMatch(one, /^ {2}title: ".*" → "Another title"$/m);
    assertMatch(one, /^10 scenes: 1 change, 6 equal, 2 waiting, 1 dead$/m);
  });
});

Deno.test("sync --wait returns when the daemon has worked through the queue", async () => {
  await withWorld({ scenes: 20, seed: 24 }, async (world) => {
    const { stderr } = await world.expect(1, "sync", "--all", "--yes", "--wait");
    assertMatch(stderr, /error: Cannot wait: no daemon runs\nhint: /);
    await using daemon = await world.start(["run"]);
    await daemon.stderr.line("starts");
    await world.expect(0, "sync", "--all", "--yes", "--wait");
    assertEquals(await world.differences(), []);
  });
});

Deno.test("plan shows no character that makes its lines read as something else", async () => {
  await withWorld({ scenes: 1, seed: 1 }, async (world) => {
    world.stash.upsert([{ id: "1", title: "a\u202eb\u2028c\u0085d" }]);
    const { stdout } = await world.expect(0, "plan", "--all");
    assertMatch(stdout, /a\\u202eb\\u2028c/);
    assertEquals(/[\u202e\u2028\u2029\u0085]/.test(stdout), false);
  });
});

Deno.test("a single pass says that all it leaves is waiting for Plex", async () => {
  await withWorld({ scenes: 0, seed: 1 }, async (world) => {
    const file = { path: "/data/scenes/late.mp4", size: 9, duration: 1 };
    world.stash.upsert([{ title: "Late", details: "Of late.", files: [file] }]);
    await world.expect(0, "sync", "--all", "--yes");
    const { stderr } = await world.expect(0, "run", "--once");
    assertMatch(stderr, /plexsync ends: nothing due; 1 scene waits for Plex/);
  });
});
