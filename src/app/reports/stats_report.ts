import { UserError } from "../../core/failures/errors.ts";
import type { Figures } from "../../core/stats/figures.ts";
import { metricsOf } from "../../core/stats/metrics.ts";
import { exposition } from "../../core/stats/prometheus.ts";
import type { StatsJson } from "../../core/stats/sync_stats.ts";
import { readFigures, readFiguresSince } from "../../store/figures/read_figures.ts";
import { type Installation, openToAsk, type Settings } from "../installation.ts";
import { lockHolder } from "../data/lock.ts";
import { readSessionStats } from "./session_stats.ts";
import { readStats } from "./stats_file.ts";

/** The object of `stats --json` and of `GET /api/stats`. Names are stable. Times are epoch ms in `_at`. */
export interface StatsReport extends Figures {
  /** The same counters since the daemon's last start, as it wrote them last; null without. */
  session: StatsJson | null;
  daemon: { pid: number; since_at: number } | null;
  /** With `--since`: from when on it counts; else null. */
  since_at: number | null;
  /** When the oldest outcome that is kept was settled: `--since` sees nothing before. */
  outcomes_from_at: number | null;
  now_at: number;
}

/** All that is known, for the daemon's own listener. */
export function statsReport(
  installation: Pick<Installation, "store" | "files" | "runtime">,
): StatsReport {
  const { store, runtime } = installation;
  const now = runtime.now();
  return reportOf(readFigures(store, null, now), installation, null, now);
}

/**
 * The same of everything that there is in the data directory, be it only a `stats.json`.
 * @param sinceMs Only what was done within this time; undefined for all
 * @throws {UserError} there is no database, and `stats.json` is damaged
 */
export async function collectStats(
  settings: Settings,
  sinceMs: number | undefined,
): Promise<StatsReport> {
  using installation = await openToAsk(settings);
  const now = settings.runtime.now();
  const sinceAt = sinceMs === undefined ? null : now - sinceMs;
  return reportOf(figuresOf(installation, sinceAt, now), installation, sinceAt, now);
}

function figuresOf(
  { store, files, empty }: Pick<Installation, "store" | "files"> & { empty: boolean },
  sinceAt: number | null,
  now: number,
): Figures {
  if (sinceAt !== null) return readFiguresSince(store, sinceAt, now);
  const read = readStats(files.stats);
  // A damaged file matters only where it is all there is.
  if (read.kind === "damaged" && empty) {
    throw new UserError(
      `Cannot read ${files.stats}: ${read.reason}`,
      "failed",
      "plexsync run sets it aside and rebuilds it",
    );
  }
  return readFigures(store, read.kind === "read" ? read.stats : null, now);
}

function reportOf(
  figures: Figures,
  { store, files }: Pick<Installation, "store" | "files">,
  sinceAt: number | null,
  now: number,
): StatsReport {
  const holder = lockHolder(files.lock);
  return {
    ...figures,
    session: readSessionStats(files.stats),
    daemon: holder === null ? null : { pid: holder.pid, since_at: holder.since },
    since_at: sinceAt,
    outcomes_from_at: store.outcomes.oldestAt(),
    now_at: now,
  };
}

/** The figures as Prometheus' text format. */
export function metricsText(figures: Figures, daemonRuns: boolean, now: number): string {
  return exposition(metricsOf(figures, daemonRuns, now));
}
