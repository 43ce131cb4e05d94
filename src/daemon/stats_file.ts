import type { StatsJson } from "../core/stats.ts";
import { SyncStats } from "../core/stats.ts";
import { writeAtomic } from "./atomic_file.ts";

export const STATS_FILE = "stats.json";

/** `stats.json`: the counters of all time, when they were taken, and those since this start. */
export interface StatsSnapshot extends StatsJson {
  /** ISO 8601, UTC. */
  updated_at: string;
  session: StatsJson;
}

export type StatsRead =
  | { kind: "missing" }
  | { kind: "read"; stats: StatsJson }
  | { kind: "damaged"; reason: string };

/** Reads a snapshot, also one of the Python plugin: same keys. Never throws for what is in it. */
export function readStats(path: string): StatsRead {
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { kind: "missing" };
    throw error;
  }
  try {
    const value = JSON.parse(text);
    const problem = problemOf(value);
    if (problem !== null) return { kind: "damaged", reason: problem };
    return { kind: "read", stats: new SyncStats(0, value).toJSON() };
  } catch {
    return { kind: "damaged", reason: "it is no JSON" };
  }
}

/** Writes the snapshot, unless it would say just what the file says already. */
export function writeStats(path: string, now: number, all: StatsJson, session: StatsJson): boolean {
  const counters = JSON.stringify({ ...all, session });
  if (readCounters(path) === counters) return false;
  const snapshot: StatsSnapshot = { ...all, updated_at: new Date(now).toISOString(), session };
  writeAtomic(path, JSON.stringify(snapshot, null, 2) + "\n");
  return true;
}

/** Puts a damaged file out of the way, kept for a person to look at. */
export function setAside(path: string, now: number): string {
  const aside = `${path}.damaged-${now}`;
  Deno.renameSync(path, aside);
  return aside;
}

function readCounters(path: string): string | null {
  try {
    const { updated_at: _at, ...counters } = JSON.parse(Deno.readTextFileSync(path));
    return JSON.stringify(counters);
  } catch {
    return null;
  }
}

const NUMBERS = [
  "jobs_processed",
  "jobs_succeeded",
  "jobs_failed",
  "jobs_to_dlq",
  "total_processing_time",
  "session_start",
  "high_confidence_matches",
  "low_confidence_matches",
] as const;

function problemOf(value: unknown): string | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "it is no object";
  const record = value as Record<string, unknown>;
  for (const key of NUMBERS) {
    const number = record[key] ?? 0;
    if (typeof number !== "number" || !Number.isFinite(number) || number < 0) {
      return `${key} is no number of at least 0`;
    }
  }
  const errors = record.errors_by_type ?? {};
  if (typeof errors !== "object" || errors === null) return "errors_by_type is no object";
  const counts = Object.values(errors);
  return counts.every((count) => Number.isInteger(count) && count >= 0)
    ? null
    : "errors_by_type holds something else than counts";
}
