import { STASH } from "../../core/jobs/course.ts";
import { DAY_MS } from "../../core/time/duration.ts";
import { type Outage, outageMetrics } from "../../core/stats/outage_metrics.ts";
import type { Installation } from "../installation.ts";

/** Within how many days outages are summed up. */
export const SUMMED_DAYS = 30;
const KNOWN = 1_000;

/** What the outages of the last 30 days come to, one row a server, and the newest ones. */
export function outageSums(
  { store, runtime, targets }: Pick<Installation, "store" | "runtime" | "targets">,
  newest: number,
): { sums: { server: string; count: number; down_ms: number }[]; newest: Outage[] } {
  const { outages } = store;
  const now = runtime.now();
  const since = now - SUMMED_DAYS * DAY_MS;
  const servers = [...targets, { key: STASH, title: "Stash" }];
  const sums = servers.map(({ key, title: server }) => {
    const known = outages.recent(KNOWN, key)
      .filter(({ ended_at }) => ended_at === null || ended_at >= since);
    const { count, down_ms } = outageMetrics(known, since, now);
    return { server, count, down_ms };
  });
  return { sums, newest: outages.recent(newest) };
}
