import { assert, assertEquals } from "@std/assert";
import { LOG_FIELDS } from "../../src/log/line_fields.ts";
import { assertBalanced, assertTotals, readStatsFile } from "../e2e/books.ts";
import { until, withWorld, type World } from "../e2e/world.ts";
import { type Random, seededRandom } from "../sim/random.ts";
import { openTestStore } from "../store/temp_store.ts";
import { countersIn } from "./samples.ts";

const SEED = 20261122;
const KILLS = 50;
const SCENES = 60;
const CHANGED_PER_ROUND = 20;
/** Writes to these fail with 400 (given up at once) or 500 (given up at the second time). */
const REFUSED = ["3", "17", "31"];
const BROKEN = ["8", "22", "45"];
const FAULTY = [...REFUSED, ...BROKEN].sort();

const SETTINGS = {
  // Several batches fit between two kills, and a kill hits any step of one.
  batch_size: 5,
  summary_interval: 5,
  max_retries: 1,
  poll_interval: 0.1,
  log_level: "trace",
  sync_poster: false,
  sync_background: false,
};

Deno.test(`totals, outcomes, dead letters and stats.json agree after ${KILLS} kills at any moment`, async () => {
  const random = seededRandom(SEED);
  const plex = { latencyMs: 10 };
  await withWorld({ scenes: SCENES, seed: 5, config: SETTINGS, plex }, async (world) => {
    await world.syncAll();
    // How long a round's work takes depends on the machine and on what else it does.
    const latestKillMs = await workTime(world, random);
    world.plex.setFaults([
      { path: writesTo(world, REFUSED), method: "PUT", status: 400 },
      { path: writesTo(world, BROKEN), method: "PUT", status: 500 },
    ]);
    change(world, 0, random);
    let midBatch = 0;
    for (let round = 1; round <= KILLS; round++) {
      change(world, round, random);
      const delay = random.whole(0, latestKillMs);
      const afterStart = random.chance(80);
      const what = `round ${round} of seed ${SEED}, killed ${delay} ms after its ` +
        (afterStart ? "first line" : "birth");
      try {
        await killed(world, delay, afterStart, round % 2 === 0);
        assertAgreement(world);
      } catch (cause) {
        throw new Error(what, { cause });
      }
      midBatch += world.query("SELECT 1 FROM jobs WHERE state = 'running'").length;
    }
    assert(midBatch > 0, "no kill hit a batch");
    assert(world.query("SELECT 1 FROM dead_letters").length > 0, "nothing was given up");

    await finish(world);
    assertBalanced(world);
    assertAgreement(world);
    const letters = world.query<{ scene_id: string }>("SELECT scene_id FROM dead_letters");
    assertEquals(letters.map(({ scene_id }) => scene_id).sort(), FAULTY);
    const wrong = (await world.differences()).filter((line) =>
      !/: (poster|background) /.test(line) && !FAULTY.some((id) => line.startsWith(`scene ${id}:`))
    );
    assertEquals(wrong, []);
    const store = await openTestStore(world.path("plexsync.db"), "builtin");
    try {
      assertEquals(countersIn(world.path("stats.json")), store.totals.read());
    } finally {
      store.close();
    }
    assertLogs(world);
  });
});

/** A pattern for the edits of these scenes' items. */
function writesTo(world: World, sceneIds: readonly string[]): string {
  const files = new Map(world.stash.scenes().map(({ id, files }) => [id, files[0]?.path]));
  const paths = sceneIds.map((id) => files.get(id));
  const keys = world.plex.items().filter((item) => item.files.some((path) => paths.includes(path)))
    .map((item) => item.ratingKey);
  assertEquals(keys.length, sceneIds.length);
  return `[?&]id=(${keys.join("|")})(&|$)`;
}

/** New titles; the faulty scenes get theirs seldom, so that they are given up between. */
function change(world: World, round: number, random: Random): void {
  const ids = Array.from({ length: SCENES }, (_, index) => String(index + 1));
  const healthy = ids.filter((id) => !FAULTY.includes(id));
  const chosen = new Set<string>(round % 12 === 0 ? FAULTY : []);
  while (chosen.size < CHANGED_PER_ROUND) chosen.add(random.pick(healthy));
  world.stash.upsert([...chosen].map((id) => ({ id, title: `Title ${id} of round ${round}` })));
}

/** Milliseconds from a run's first line until the changes of one round are written. */
async function workTime(world: World, random: Random): Promise<number> {
  const written = () => world.query("SELECT 1 FROM outcomes WHERE outcome = 'written'").length;
  const before = written();
  change(world, 1, random);
  await using program = await world.start(["run"]);
  await program.stderr.line("starts");
  const started = performance.now();
  await until("the work of a round", () => written() >= before + CHANGED_PER_ROUND);
  return Math.ceil(performance.now() - started);
}

async function killed(
  world: World,
  delayMs: number,
  afterStart: boolean,
  json: boolean,
): Promise<void> {
  await using program = await world.start(["run", ...(json ? ["--log-format", "json"] : [])]);
  if (afterStart) await program.stderr.line("starts");
  // The moment is what is random here: nothing is waited for.
  await new Promise((resolve) => setTimeout(resolve, delayMs));
  program.kill("SIGKILL");
  const { code, stderr } = await program.result;
  assertEquals(code, 128 + 9, stderr);
}

/** What must hold at any moment, whatever was cut off. */
function assertAgreement(world: World): void {
  const integrity = world.query<{ integrity_check: string }>("PRAGMA integrity_check");
  assertEquals(integrity.map((row) => row.integrity_check), ["ok"]);
  assertTotals(world);
  const dead = world.query("SELECT scene_id, job_id FROM dead_letters ORDER BY scene_id");
  const outcomes = world.query(
    // A scene that was given up because too many kills met it is written in the end.
    `SELECT scene_id, max(job_id) AS job_id FROM outcomes AS dead
     WHERE outcome = 'dead' AND NOT EXISTS (
       SELECT 1 FROM outcomes AS later WHERE later.scene_id = dead.scene_id
         AND later.id > dead.id AND later.outcome IN ('written', 'unchanged'))
     GROUP BY scene_id ORDER BY scene_id`,
  );
  assertEquals(JSON.stringify(dead), JSON.stringify(outcomes), "dead letters and outcomes");
  const twice = world.query("SELECT j.id FROM jobs j JOIN dead_letters d ON d.job_id = j.id");
  assertEquals(twice, [], "both queued and dead");
  assertNotAhead(world);
}

/** The snapshot may lag by what was cut off; it never knows more than the database. */
function assertNotAhead(world: World): void {
  const stats = readStatsFile(world);
  if (stats === null) return;
  const rows = world.query<{ name: string; value: number }>("SELECT name, value FROM totals");
  const totals = new Map(rows.map(({ name, value }) => [name, value]));
  const errors = Object.entries(stats.errors_by_type as Record<string, number>)
    .map(([type, count]) => [`error:${type}`, count]);
  const counts = Object.entries(stats).filter(([key]) => /^jobs_|_matches$/.test(key));
  for (const [key, count] of [...counts, ...errors] as [string, number][]) {
    assert(count <= (totals.get(key) ?? 0), `${key}: ${count} in the file, ${totals.get(key)}`);
  }
}

/** Runs without a kill until nothing is left to do. */
async function finish(world: World): Promise<void> {
  await world.expect(0, "sync", "--all", "--yes");
  await world.expect(0, "run", "--once");
  await until("an empty queue", async () => {
    const jobs = world.query<{ scene_id: string }>("SELECT scene_id FROM jobs");
    if (jobs.length === 0) return true;
    // What waits for its next attempt is due now; the attempts that it made still count.
    await world.expect(0, "sync", "--scene", jobs.map(({ scene_id }) => scene_id).join());
    await world.expect(0, "run", "--once");
    return false;
  });
}

/** No secret at any level, and every JSON field is a documented one. */
function assertLogs(world: World): void {
  const known = ["ts", "level", "component", "message", "truncated", ...Object.keys(LOG_FIELDS)];
  const events = new Set<string>();
  for (const output of world.outputs) {
    for (const secret of [world.plex.token, world.stash.apiKey]) assert(!output.includes(secret));
    // The last line may have been cut off.
    for (const line of output.split("\n").slice(0, -1)) {
      if (!line.startsWith("{")) continue;
      const record = JSON.parse(line);
      events.add(record.event);
      if (record.event === "summary") continue;
      for (const key of Object.keys(record)) assert(known.includes(key), `${key} in ${line}`);
    }
  }
  for (const event of ["job_written", "job_dead", "summary", "figures", "batch"]) {
    assert(events.has(event), `no ${event} among ${[...events]}`);
  }
}
