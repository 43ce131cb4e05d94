import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { FULL_SYNC_AGREED_AT } from "../../src/core/meta_keys.ts";
import { emptyReport } from "../../src/core/reconcile/reconcile_report.ts";
import { withWorld, type World } from "../e2e/world.ts";
import { DataDir } from "./data_dir.ts";

interface Reconciled {
  id: number;
  state: string;
  origin: string;
  scope: string;
  dry_run: boolean;
  scenes: number;
  queued: number;
  result: string;
  error: string | null;
  orphans_looked_for: boolean;
  classes: Record<string, { found: number; queued: number; why_not: Record<string, number> }>;
}

/** The rows of the first table, by class: found, queued, why not. */
function rows(text: string): Record<string, string[]> {
  const [head, ...lines] = text.split("\n\n")[0]!.trimEnd().split("\n");
  assertMatch(head!, /^CLASS +FOUND +QUEUED +WHY NOT$/);
  return Object.fromEntries(lines.map((line) => {
    const [name, found, queued, ...why] = line.split(/ {2,}/);
    return [name!, [found!, queued!, why.join(" ")]];
  }));
}

const jobs = (world: World) =>
  world.query<{ scene_id: string; reason: string }>(
    "SELECT scene_id, reason FROM jobs ORDER BY id",
  );

Deno.test("reconcile prints what it found by class, queues it, and says why the rest is not", async () => {
  await withWorld({ scenes: 12, missingPercent: 0 }, async (world) => {
    await world.syncAll();
    world.stash.upsert([
      { id: 1, title: "Changed" },
      { title: "Bare", files: [{ path: "/data/scenes/bare.mp4", size: 5, duration: 5 }] },
    ]);
    world.stash.destroy(["5"]);
    const dry = await world.expect(0, "reconcile", "--scope", "all", "--dry-run");
    assertStringIncludes(dry.stdout, "Dry run: QUEUED is what would be queued");
    assertEquals(jobs(world), []);

    const { stdout } = await world.expect(0, "reconcile", "--scope", "all");
    assertEquals(rows(stdout), {
      missing: ["0", "0", ""],
      empty: ["0", "0", ""],
      stale: ["1", "1", ""],
      drifted: ["0", "0", ""],
      equal: ["10", "0", "10 nothing to do"],
      skipped: ["1", "0", "1 no metadata"],
      orphaned: ["1", "0", "1 only reported"],
    });
    const [{ rating_key, title }] = orphan(world);
    assertMatch(stdout, /^ORPHANED ITEM +SCENE +TITLE IN PLEX$/m);
    assertStringIncludes(stdout.replaceAll(/ +/g, " "), `\n${rating_key} 5 ${title}\n`);
    assertStringIncludes(stdout, "12 scenes compared, 1 queued: 1 stale; 1 orphaned in Plex");
    assertStringIncludes(stdout, "No daemon runs: start it with plexsync run");
    assertEquals(jobs(world), [{ scene_id: "1", reason: "reconcile" }]);

    const again = await world.json<Reconciled>("reconcile", "--scope", "all");
    assertEquals(
      again.result,
      "12 scenes compared, 0 queued: 1 stale (1 already queued), 10 equal, " +
        "1 skipped (1 no metadata); 1 orphaned in Plex",
    );
    const { state, origin, scope, dry_run, queued, orphans_looked_for } = again;
    assertEquals(
      { state, origin, scope, dry_run, queued, orphans_looked_for },
      {
        state: "done",
        origin: "command",
        scope: "all",
        dry_run: false,
        queued: 0,
        orphans_looked_for: true,
      },
    );
    const history = await world.json<Reconciled[]>("reconcile", "history");
    assertEquals(history.map((run) => [run.dry_run, run.queued]), [
      [false, 0],
      [false, 1],
      [true, 1],
    ]);
    const table = (await world.expect(0, "reconcile", "history")).stdout;
    assertMatch(table, /^STARTED +TOOK +BY +SCOPE +STATE +QUEUED +RESULT$/m);
    assertMatch(table, /command +all +done, dry run +0 +12 scenes compared, 1 would be queued/);
  });
});

/** Item and title of the scene that was destroyed. */
function orphan(world: World): [{ rating_key: string; title: string }] {
  const [row] = world.query<{ rating_key: string }>(
    "SELECT item AS rating_key FROM written WHERE scene_id = '5'",
  );
  const item = world.plex.items().find(({ ratingKey }) => ratingKey === row!.rating_key);
  return [{ rating_key: row!.rating_key, title: item!.title! }];
}

Deno.test("reconcile takes scope and missing from the settings unless flags say otherwise", async () => {
  const config = { reconcile_scope: "7days", reconcile_missing: false };
  await withWorld({ scenes: 5, config }, async (world) => {
    await world.agree();
    world.stash.upsert([{
      title: "Lost",
      details: "Not in Plex",
      files: [{ path: "/data/scenes/lost.mp4", size: 6, duration: 5 }],
    }]);
    const { stdout } = await world.expect(0, "reconcile");
    assertEquals(rows(stdout).missing, ["1", "0", "1 reconcile_missing is off"]);
    assertEquals(rows(stdout).orphaned, ["-", "-", "looked for only with --scope all"]);
    assertStringIncludes(
      stdout,
      "1 scene compared, 0 queued: 1 missing (1 reconcile_missing is off)",
    );
    assertStringIncludes(stdout, "Missing scenes are not queued: --missing true does that");
    const asked = await world.json<Reconciled>("reconcile", "--missing", "true", "--scope=24h");
    assertEquals([asked.scope, asked.queued], ["24h", 1]);
    assertEquals(jobs(world).map(({ reason }) => reason), ["reconcile"]);
  });
});

Deno.test("reconcile fails with the reason when a server is down, and the history has it", async () => {
  await withWorld({ scenes: 5 }, async (world) => {
    world.stash.setFaults([{ path: "graphql", status: 502 }]);
    const { stderr } = await world.expect(1, "reconcile", "--scope", "all");
    assertMatch(stderr, /^error: .*502/m);
    const [run] = await world.json<Reconciled[]>("reconcile", "history");
    assertEquals(run!.state, "failed");
    assertMatch(run!.result, /^failed after 0 scenes: .*502/);
  });
});

Deno.test("the daemon reconciles by itself, and status says when the next time is", async () => {
  const config = { reconcile_interval: "daily", reconcile_scope: "all", log_level: "debug" };
  await withWorld({ scenes: 8, config }, async (world) => {
    await world.agree();
    await using daemon = await world.start(["run"]);
    await daemon.stderr.line(/Reconciled \(all\): 8 scenes compared, 8 queued: 8 empty/);
    daemon.kill("SIGTERM");
    await daemon.result;
    const [run] = await world.json<(Reconciled & { started_at: number })[]>("reconcile", "history");
    assertEquals([run!.origin, run!.state, run!.queued], ["schedule", "done", 8]);
    const status = await world.json<{ next_reconcile_at: number }>("status", "--offline");
    assertEquals(status.next_reconcile_at, run!.started_at + 24 * 60 * 60_000);
    assertMatch((await world.expect(0, "status", "--offline")).stdout, /reconciliation: \d{4}-/);
  });
});

const WRONG: [args: string[], error: string][] = [
  [["--scope", "1h"], '--scope must be one of all, 24h, 7days: it is "1h"'],
  [["--missing", "maybe"], '--missing must be true or false: it is "maybe"'],
  [["everything"], "Unknown: reconcile everything"],
  [["history", "--dry-run"], "--dry-run is not for reconcile history"],
  [["history", "--scope", "all"], "--scope is not for reconcile history"],
];
for (const [args, error] of WRONG) {
  Deno.test(`reconcile ${args.join(" ")} is wrong usage`, async () => {
    using dir = new DataDir();
    const { code, stderr } = await dir.call("reconcile", ...args);
    assertEquals([code, stderr.split("\n")[0]], [2, `error: ${error}`]);
    assertEquals(dir.names(), []);
  });
}

Deno.test("reconcile history of a fresh directory has nothing to tell, and makes no file", async () => {
  using dir = new DataDir();
  const { code, stdout } = await dir.call("reconcile", "history");
  assertEquals([code, stdout, dir.names()], [0, "No reconciliation so far\n", []]);
});

Deno.test("reconcile does not begin beside another run, unless that one's daemon is dead", async () => {
  await withWorld({ scenes: 3 }, async (world) => {
    using dir = new DataDir();
    await Deno.copyFile(world.path("plexsync.toml"), dir.file("plexsync.toml"));
    const begin = (origin: "schedule" | "command") =>
      dir.store((store) => {
        const first = { at: Date.now(), origin, scope: "all", dryRun: false } as const;
        assert("id" in store.reconcileRuns.begin({ ...first, report: emptyReport() }));
      });
    await dir.store((store) => store.meta.set(FULL_SYNC_AGREED_AT, 1));
    await begin("schedule");
    assertEquals((await dir.call("reconcile", "--scope", "all")).code, 0);
    await begin("command");
    const { code, stderr } = await dir.call("reconcile", "--scope", "all");
    assertEquals(code, 1);
    assertMatch(stderr, /^error: Another reconciliation is under way since /m);
  });
});
