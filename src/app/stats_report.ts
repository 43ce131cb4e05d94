import type { Figures } from "../core/figures.ts";
import type { StatsJson } from "../core/sync_stats.ts";
import type { Store } from "../store/store.ts";
import type { Files } from "./data_files.ts";
import { lockHolder } from "./lock.ts";
import { readSessionStats } from "./session_stats.ts";

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

/** The figures, and what goes with them. */
export function statsReport({ figures, store, files, sinceAt, now }: {
  figures: Figures;
  store: Store;
  files: Files;
  sinceAt: number | null;
  now: number;
}): StatsReport {
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
