/** What must be true of every database file at any moment, whatever was killed before. */
import { assertEquals } from "@std/assert";
import { type StatsJson, SyncStats } from "../../src/core/stats/sync_stats.ts";
import type { Database } from "../../src/store/database/database.ts";
import { HourSums } from "../../src/store/figures/hour_sums.ts";
import type { Outcome } from "../../src/store/figures/outcomes.ts";
import { Totals } from "../../src/store/figures/totals.ts";

/** Each rule as a query for the rows that break it. */
const RULES: Readonly<Record<string, string>> = {
  "one job per scene and target":
    "SELECT scene_id AS it FROM jobs GROUP BY scene_id, target HAVING count(*) > 1",
  "one dead letter per scene and target":
    "SELECT scene_id AS it FROM dead_letters GROUP BY scene_id, target HAVING count(*) > 1",
  "no job is both in the queue and dead":
    "SELECT j.id AS it FROM jobs j JOIN dead_letters d ON d.job_id = j.id",
  "what died is not in the queue":
    "SELECT j.id AS it FROM jobs j JOIN outcomes o ON o.job_id = j.id AND o.outcome = 'dead'",
  "each dead letter has its outcome": `SELECT d.id AS it FROM dead_letters d WHERE NOT EXISTS (
     SELECT 1 FROM outcomes o WHERE o.job_id = d.job_id AND o.outcome = 'dead')`,
  "just a running job has a lease": `SELECT id AS it FROM jobs
     WHERE (state = 'running') <> (lease_owner IS NOT NULL)
       OR (lease_owner IS NULL) <> (lease_until IS NULL)`,
  "each item has files":
    "SELECT item AS it FROM index_items WHERE (target, item) NOT IN (SELECT target, item FROM index_files)",
  "a link is of a scene that is there": `SELECT scene_id AS it FROM scene_links
     WHERE scene_id NOT IN (SELECT scene_id FROM scenes WHERE gone_at IS NULL)`,
  "a scene that is gone was written": `SELECT scene_id AS it FROM scenes
     WHERE gone_at IS NOT NULL AND scene_id NOT IN (SELECT scene_id FROM written)`,
  "what a job belongs to is known":
    "SELECT id AS it FROM jobs WHERE run_id NOT IN (SELECT id FROM runs)",
  "one outage per server at a time":
    "SELECT server AS it FROM outages WHERE ended_at IS NULL GROUP BY server HAVING count(*) > 1",
  "rows are counted": `WITH
     kept AS (SELECT kind, target, count FROM row_counts WHERE count <> 0),
     there AS (SELECT state, target, count(*) FROM jobs GROUP BY 1, 2
       UNION ALL SELECT 'item', target, count(*) FROM index_items GROUP BY 2
       UNION ALL SELECT 'file', target, count(*) FROM index_files GROUP BY 2)
     SELECT kind AS it FROM (
       SELECT * FROM (SELECT * FROM kept EXCEPT SELECT * FROM there)
       UNION ALL SELECT * FROM (SELECT * FROM there EXCEPT SELECT * FROM kept))`,
  "hours sum up their outcomes": `WITH
     kept AS (SELECT hour_at, name, value FROM hour_sums WHERE name LIKE 'outcome:%'),
     made AS (SELECT at - at % 3600000, 'outcome:' || outcome, count(*) FROM outcomes GROUP BY 1, 2)
     SELECT hour_at AS it FROM (
       SELECT * FROM (SELECT * FROM kept EXCEPT SELECT * FROM made)
       UNION ALL SELECT * FROM (SELECT * FROM made EXCEPT SELECT * FROM kept))`,
  "references hold": 'SELECT "table" AS it FROM pragma_foreign_key_check',
};

export interface Expected {
  /** Scenes that were accepted, none of which may be lost. */
  accepted?: readonly string[];
  /** Counters taken over from an older program: the totals start there. */
  base?: StatsJson | null;
}

/** The rules that are broken, in words. */
export function brokenRules(database: Database, { accepted = [], base }: Expected = {}): string[] {
  const broken: string[] = [];
  const integrity = database.prepare("PRAGMA integrity_check").get<{ integrity_check: string }>()!;
  if (integrity.integrity_check !== "ok") broken.push(`integrity: ${integrity.integrity_check}`);
  for (const [rule, query] of Object.entries(RULES)) {
    for (const { it } of database.prepare(query).all<{ it: unknown }>()) {
      broken.push(`${rule}: ${it}`);
    }
  }
  const known = new Set(
    database.prepare(`SELECT scene_id FROM jobs UNION SELECT scene_id FROM dead_letters
      UNION SELECT scene_id FROM outcomes
        WHERE outcome IN ('written', 'unchanged', 'skipped', 'gone')`)
      .all<{ scene_id: string }>().map((row) => row.scene_id),
  );
  for (const scene of accepted) if (!known.has(scene)) broken.push(`lost: scene ${scene}`);

  const totals = new Totals(database).read();
  const folded = foldOutcomes(database, base ?? null);
  const same = { ...totals, session_start: 0 };
  if (!equalJson(same, folded)) {
    broken.push(`totals ${JSON.stringify(same)} <> outcomes ${JSON.stringify(folded)}`);
  }
  const hours = new HourSums(database).since(0);
  const outcomes = foldOutcomes(database, null);
  if (!equalJson(hours, outcomes)) {
    broken.push(`hours ${JSON.stringify(hours)} <> outcomes ${JSON.stringify(outcomes)}`);
  }
  return broken;
}

/** @throws {AssertionError} naming every rule that is broken */
export function assertInvariants(database: Database, expected: Expected = {}, when = ""): void {
  assertEquals(brokenRules(database, expected), [], when);
}

/** The totals as the rows of `outcomes` say, on top of `base`; `session_start` is 0. */
export function foldOutcomes(database: Database, base: StatsJson | null): StatsJson {
  const stats = new SyncStats(0, { ...base, session_start: 0 });
  for (const row of database.prepare("SELECT * FROM outcomes ORDER BY id").all<Outcome>()) {
    const seconds = row.duration_ms / 1000;
    switch (row.outcome) {
      case "written":
      case "unchanged":
      case "skipped":
        stats.recordSuccess(seconds, row.confidence);
        break;
      case "retry":
      case "dead":
        stats.recordFailure(row.error_type ?? "Unknown", seconds, row.outcome === "dead");
    }
  }
  return stats.toJSON();
}

function equalJson(a: StatsJson, b: StatsJson): boolean {
  const sorted = (stats: StatsJson) =>
    JSON.stringify({ ...stats, errors_by_type: Object.entries(stats.errors_by_type).sort() });
  return sorted(a) === sorted(b);
}

/** Every row of every table, to compare two moments; {} for a file without schema. */
export function dump(database: Database): Record<string, unknown[]> {
  const tables = database.prepare(
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
  ).all<{ name: string }>();
  return Object.fromEntries(
    tables.map(({ name }) => [name, database.prepare(`SELECT * FROM ${name}`).all()]),
  );
}
