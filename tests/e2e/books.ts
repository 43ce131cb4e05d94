/** Whether the store's books balance: read from the file itself, after the program has ended. */
import { assert, assertEquals } from "@std/assert";
import type { World } from "./world.ts";

interface Count {
  name: string;
  n: number;
}

const SUCCEEDED = ["written", "unchanged", "skipped"];
const FAILED = ["retry", "dead"];

/**
 * The database is whole, no job is in two places, no lease outlived its program, and the totals
 * are the sums of the outcomes.
 */
export function assertBalanced(world: World): void {
  const [{ integrity_check }] = world.query<{ integrity_check: string }>(
    "PRAGMA integrity_check",
  ) as [{ integrity_check: string }];
  assertEquals(integrity_check, "ok");
  assertEquals(world.query("PRAGMA foreign_key_check"), []);
  assertEquals(world.query("SELECT scene_id FROM jobs WHERE state = 'running'"), [], "running");
  const twice = world.query("SELECT d.job_id FROM dead_letters d JOIN jobs j ON j.id = d.job_id");
  assertEquals(twice, [], "both queued and dead");
  assertTotals(world);
}

/** Totals equal the sums over the outcomes. */
export function assertTotals(world: World): void {
  const totals = totalsOf(world);
  const of = (name: string) => totals[name] ?? 0;
  const outcomes = countsOf(
    world,
    "SELECT outcome AS name, count(*) AS n FROM outcomes GROUP BY 1",
  );
  const sum = (names: readonly string[]) => names.reduce((n, name) => n + (outcomes[name] ?? 0), 0);
  assertEquals(of("jobs_succeeded"), sum(SUCCEEDED), "jobs_succeeded");
  assertEquals(of("jobs_failed"), sum(FAILED), "jobs_failed");
  assertEquals(of("jobs_to_dlq"), sum(["dead"]), "jobs_to_dlq");
  assertEquals(of("jobs_processed"), sum([...SUCCEEDED, ...FAILED]), "jobs_processed");

  const counted = `outcome IN (${[...SUCCEEDED, ...FAILED].map((name) => `'${name}'`).join()})`;
  const [time] = world.query<{ ms: number | null }>(
    `SELECT sum(duration_ms) AS ms FROM outcomes WHERE ${counted}`,
  );
  assertEquals(of("total_processing_ms"), time?.ms ?? 0, "total_processing_ms");
  const errors = countsOf(
    world,
    `SELECT 'error:' || error_type AS name, count(*) AS n FROM outcomes
     WHERE outcome IN ('retry', 'dead') GROUP BY 1`,
  );
  const types = Object.entries(totals).filter(([name]) => name.startsWith("error:"));
  assertEquals(Object.fromEntries(types), errors);
  for (const confidence of ["high", "low"]) {
    const [row] = world.query<{ n: number }>(
      `SELECT count(*) AS n FROM outcomes WHERE confidence = ? AND outcome IN ('written', 'unchanged')`,
      confidence,
    );
    assertEquals(of(`${confidence}_confidence_matches`), row?.n, confidence);
  }
}

/** `stats.json` says just what the database says. */
export function assertStatsFile(world: World): void {
  const stats = readStatsFile(world);
  assert(stats !== null, "stats.json is missing");
  const totals = totalsOf(world);
  for (const name of ["jobs_processed", "jobs_succeeded", "jobs_failed", "jobs_to_dlq"]) {
    assertEquals(stats[name], totals[name] ?? 0, name);
  }
}

/** What `stats.json` holds, or null when there is none. It must be whole at any moment. */
export function readStatsFile(world: World): Record<string, unknown> | null {
  let text: string;
  try {
    text = Deno.readTextFileSync(world.path("stats.json"));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
  const stats = JSON.parse(text);
  assertEquals(typeof stats.jobs_processed, "number");
  return stats;
}

/** Raw totals by name. */
export function totalsOf(world: World): Record<string, number> {
  return countsOf(world, "SELECT name, value AS n FROM totals");
}

function countsOf(world: World, sql: string): Record<string, number> {
  return Object.fromEntries(world.query<Count>(sql).map(({ name, n }) => [name, n]));
}
