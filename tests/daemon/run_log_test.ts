/** What the real program says of its work, and leaves in stats.json. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { readStatsFile } from "../e2e/books.ts";
import { until, withWorld, type World } from "../e2e/world.ts";

const SETTINGS = { sync_poster: false, sync_background: false, summary_interval: 1_000 };

function processed(world: World): number {
  const [row] = world.query<{ value: number }>(
    "SELECT value FROM totals WHERE name = 'jobs_processed'",
  );
  return row?.value ?? 0;
}

Deno.test("SIGTERM ends with a summary of what was unsaid and a snapshot of all", async () => {
  await withWorld({ scenes: 12, seed: 3, config: SETTINGS }, async (world) => {
    await world.expect(0, "sync", "--all", "--yes");
    await using program = await world.start(["run"]);
    // The watcher looks at the newest scene once more, before or after the stop.
    await until("12 jobs", () => processed(world) >= 12);
    program.kill("SIGTERM");
    const { code, stderr } = await program.result;
    assertEquals(code, 0, stderr);
    const jobs = Number(readStatsFile(world)?.jobs_processed);
    assertEquals(jobs === 12 || jobs === 13, true, `${jobs} jobs`);
    const summaries = stderr.match(/Sync summary: .*/g) ?? [];
    const want = `Sync summary: ${jobs}/${jobs} succeeded (100.0%), avg _, ` +
      `confidence: ${jobs} high / 0 low`;
    assertEquals(summaries.map((line) => line.replace(/avg \d+ms/, "avg _")), [want]);
  });
});

Deno.test("a failure of all jobs is said five times and then once with their number", async () => {
  const config = { ...SETTINGS, batch_size: 20 };
  // What all writes meet would be an outage; that two items fit is each scene's own.
  await withWorld(
    { scenes: 60, seed: 3, missingPercent: 0, ambiguous: 60, config },
    async (world) => {
      await world.expect(0, "sync", "--all", "--yes");
      const { stderr } = await world.run(["run", "--once", "--log-target", "stash"]);
      const lines = stderr.split("\n");
      const failed = lines.filter((line) =>
        line.includes("given up after attempt 1: AmbiguousMatch")
      );
      assertEquals(failed.length, 5, stderr);
      for (const line of failed) assertMatch(line, /Scene \d+: .* job_id=\d+ .*hint="/);
      const warnings = lines.filter((line) => /^\p{Cc}[we]/u.test(line));
      const counted = warnings.filter((line) => line.includes("more in"));
      assertEquals(counted.length, 1, stderr);
      const failures = world.query("SELECT 1 FROM outcomes WHERE outcome = 'dead'").length;
      assertStringIncludes(counted[0]!, `… and ${failures - failed.length} more in `);
      assertMatch(counted[0]!, /more in \S+ \(AmbiguousMatch\)/);
      // Those, their number, and how many dead letters there are.
      assertEquals(warnings.length, 7, stderr);
    },
  );
});
