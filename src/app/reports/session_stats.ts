import { problemOfStats, type StatsJson, SyncStats } from "../../core/stats/sync_stats.ts";

/**
 * The counters of the daemon's last session, which only `stats.json` has.
 * @returns null when there are none that can be read, as in a file of the Python plugin
 */
export function readSessionStats(path: string): StatsJson | null {
  let session: unknown;
  try {
    session = JSON.parse(Deno.readTextFileSync(path))?.session;
  } catch {
    return null;
  }
  if (problemOfStats(session) !== null) return null;
  return new SyncStats(0, session as Partial<StatsJson>).toJSON();
}
