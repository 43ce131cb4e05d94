import { type StatsJson, SyncStats } from "../../core/sync_stats.ts";

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
  return isCounters(session) ? new SyncStats(0, session).toJSON() : null;
}

function isCounters(value: unknown): value is StatsJson {
  if (typeof value !== "object" || value === null) return false;
  const { errors_by_type, ...numbers } = value as Record<string, unknown>;
  const errors = Object.values(errors_by_type ?? {});
  return typeof numbers.jobs_processed === "number" &&
    [...Object.values(numbers), ...errors].every((number) => typeof number === "number");
}
