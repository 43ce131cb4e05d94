import { UserError } from "../core/errors.ts";
import type { StatsJson } from "../core/stats.ts";
import { SyncStats } from "../core/stats.ts";
import { formatDuration } from "../core/duration.ts";
import { readStats } from "../daemon/stats_file.ts";
import type { Store } from "../store/store.ts";
import type { Command, Invocation } from "./command.ts";
import { instant, print, table } from "./output.ts";
import { existingStoreOf, openSession, type Session } from "./session.ts";

export const command: Command = {
  usage: "stats",
  summary: "Show what was done since the beginning",
  notes: ["plexsync --stats is the same. Works whether the daemon runs or not."],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const session = openSession(invocation, "offline");
  const store = await existingStoreOf(session, invocation);
  try {
    const stats = store === null ? fromFile(session) : store.totals.read();
    const queue = queueOf(store);
    const dead = store?.deadLetters.byType() ?? {};
    const computed = new SyncStats(0, stats);
    const all = {
      ...stats,
      success_rate: Math.round(computed.successRate * 10) / 10,
      avg_processing_time: Math.round(computed.avgProcessingTime * 1e6) / 1e6,
      queue,
      dead_letters: dead,
    };
    print(invocation, all, () => textOf(stats, computed, queue, dead));
    return 0;
  } finally {
    store?.close();
    session.close();
  }
}

/** A data directory that has only the file, such as one moved from the Python plugin. */
function fromFile(session: Session): StatsJson {
  const read = readStats(session.files.stats);
  if (read.kind === "damaged") {
    throw new UserError(
      `Cannot read ${session.files.stats}: ${read.reason}`,
      1,
      "plexsync run sets it aside and rebuilds it",
    );
  }
  return read.kind === "read" ? read.stats : new SyncStats(0).toJSON();
}

/** Jobs by state; every state is there. */
export function queueOf(store: Store | null): Record<"ready" | "running" | "waiting", number> {
  const counts = { ready: 0, running: 0, waiting: 0 };
  for (const { state, count } of store?.jobs.counts() ?? []) counts[state] = count;
  return counts;
}

function textOf(
  stats: StatsJson,
  computed: SyncStats,
  queue: Record<string, number>,
  dead: Record<string, number>,
): string {
  const list = (counts: Record<string, number>) =>
    Object.entries(counts).filter(([, n]) => n > 0).map(([name, n]) => `${n} ${name}`).join(", ") ||
    "none";
  return table(["", ""], [
    ["Since", instant(stats.session_start * 1000)],
    ["Jobs processed", String(stats.jobs_processed)],
    ["  succeeded", `${stats.jobs_succeeded} (${computed.successRate.toFixed(1)}%)`],
    ["  failed", String(stats.jobs_failed)],
    ["  given up", String(stats.jobs_to_dlq)],
    ["Average time", formatDuration(Math.round(computed.avgProcessingTime * 1000))],
    ["Confidence", `${stats.high_confidence_matches} high, ${stats.low_confidence_matches} low`],
    ["Errors", list(stats.errors_by_type)],
    ["Queue", list(queue)],
    ["Dead letters", list(dead)],
  ]).replace(/^\s*\n/, "");
}
