import { formatDuration } from "../time/duration.ts";
import type { Outage } from "../stats/outage_metrics.ts";
import { instant } from "../text/wording.ts";

/** Names of servers for people; any other is shown by its key. */
const TITLES: Readonly<Record<string, string>> = { plex: "Plex", stash: "Stash" };

/** An outage for people: `Plex, 2026-01-10 21:14:03 for 3m 20s: …`; "none" without one. */
export function outageText(outage: Outage | null, now: number): string {
  if (outage === null) return "none";
  const { server, started_at, ended_at, cause } = outage;
  const lasted = formatDuration(Math.max(0, (ended_at ?? now) - started_at));
  const length = ended_at === null ? `going on for ${lasted}` : `for ${lasted}`;
  return `${TITLES[server] ?? server}, ${instant(started_at)}, ${length}: ${cause}`;
}
