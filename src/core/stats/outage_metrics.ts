/** A time in which a server did not answer. Epoch ms. */
export interface Outage {
  id: number;
  server: string;
  started_at: number;
  /** null while it lasts. */
  ended_at: number | null;
  cause: string;
}

export interface OutageMetrics {
  count: number;
  /** Milliseconds without the server. */
  down_ms: number;
  /** Mean time to repair: the average outage that has ended, ms; null when none has. */
  mttr_ms: number | null;
  /** Mean time between failures: from the start of one outage to that of the next, ms. */
  mtbf_ms: number | null;
  /** Percent of the time from `since` to `now` in which the server answered. */
  availability: number;
}

/**
 * What the outages of one server come to.
 * @param since Epoch ms from which on the server was watched
 */
export function outageMetrics(
  outages: readonly Outage[],
  since: number,
  now: number,
): OutageMetrics {
  const sorted = [...outages].sort((a, b) => a.started_at - b.started_at);
  const ended = sorted.filter((outage) => outage.ended_at !== null);
  const repair = ended.reduce((sum, outage) => sum + (outage.ended_at! - outage.started_at), 0);
  // A clock that was set back must not make time negative.
  const down = sorted.reduce((sum, { started_at, ended_at }) => {
    return sum + Math.max(0, (ended_at ?? now) - Math.max(started_at, since));
  }, 0);
  const watched = Math.max(now - since, 0);
  const spans = sorted.length - 1;
  return {
    count: sorted.length,
    down_ms: down,
    mttr_ms: ended.length === 0 ? null : Math.max(0, Math.round(repair / ended.length)),
    mtbf_ms: spans < 1
      ? null
      : Math.max(0, Math.round((sorted.at(-1)!.started_at - sorted[0]!.started_at) / spans)),
    availability: watched === 0 ? 100 : Math.max(0, Math.min(100, 100 * (1 - down / watched))),
  };
}
