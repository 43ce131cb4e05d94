import { formatDuration } from "../../core/time/duration.ts";
import { type StatsJson, SyncStats } from "../../core/stats/sync_stats.ts";
import type { StatsReport } from "../../app/reports/stats_report.ts";
import { facts, table } from "../terminal/output.ts";
import { ago, countsText, instant, plural } from "../../core/text/wording.ts";
import { outageText } from "../../core/failures/outage_text.ts";
import type { Cell, Paint } from "../terminal/paint.ts";

/** The report as tables for people. */
export function statsText(report: StatsReport, paint: Paint): string {
  const { session, since_at } = report;
  const shown = since_at === null && session !== null ? [report, session] : [report];
  const head = since_at === null
    ? ["", "ALL TIME", report.daemon === null ? "LAST SESSION" : "THIS SESSION"]
    : ["", "WITHIN THE TIME"];
  return `${table(head.slice(0, shown.length + 1), counterRows(shown), paint)}\n${
    facts(rows(report, paint))
  }`;
}

function counterRows(columns: readonly StatsJson[]): string[][] {
  const row = (name: string, cell: (stats: StatsJson, computed: SyncStats) => string) => [
    name,
    ...columns.map((stats) => cell(stats, new SyncStats(0, stats))),
  ];
  return [
    row("Since", (stats) => instant(stats.session_start * 1000)),
    row("Jobs processed", (stats) => String(stats.jobs_processed)),
    row(
      "  succeeded",
      (stats, { successRate }) => `${stats.jobs_succeeded} (${successRate.toFixed(1)}%)`,
    ),
    row("  failed", (stats) => String(stats.jobs_failed)),
    row("  given up", (stats) => String(stats.jobs_to_dlq)),
    row("Average time", (_, { avgProcessingTime }) => duration(avgProcessingTime * 1000)),
    row(
      "Confidence",
      (stats) => `${stats.high_confidence_matches} high, ${stats.low_confidence_matches} low`,
    ),
    row("Errors", (stats) => countsText(stats.errors_by_type)),
  ];
}

function rows(report: StatsReport, paint: Paint): Cell[][] {
  const { p50_ms, p95_ms, daemon, queue, queue_oldest_at, since_at, outcomes_from_at } = report;
  const states = ["ready", "running", "waiting"] as const;
  const oldest = states.filter((state) => queue[state] > 0)
    .map((state) =>
      `${queue[state]} ${state} (oldest ${ago(queue_oldest_at[state], report.now_at)})`
    );
  const dead = countsText(report.dead_letters);
  const rows: Cell[][] = [
    [
      "Time per job",
      p50_ms === null || p95_ms === null
        ? "none timed"
        : `p50 ${duration(p50_ms)}, p95 ${duration(p95_ms)} (${since_at === null ? "newest " : ""}${
          plural(report.timed_jobs, "job")
        })`,
    ],
    [
      "Jobs per minute",
      `${report.rate_per_minute_5m} (last 5 minutes), ${report.rate_per_minute} (last hour)`,
    ],
    ["Queue", oldest.join(", ") || "empty"],
    ["Dead letters", dead === "none" ? dead : paint.warn(dead)],
    ["Last outage", outageText(report.last_outage, report.now_at)],
    [
      "Daemon",
      daemon === null
        ? paint.warn("not running")
        : `running, pid ${daemon.pid}, since ${instant(daemon.since_at)}`,
    ],
  ];
  if (since_at !== null && outcomes_from_at !== null && outcomes_from_at > since_at) {
    rows.push(["Oldest outcome", instant(outcomes_from_at)]);
  }
  return rows;
}

function duration(ms: number): string {
  return formatDuration(Math.round(ms));
}
