import { problemOfStats, type StatsJson, SyncStats } from "../../core/stats/sync_stats.ts";
import { type Disk, realDisk, writeAtomic } from "../data/atomic_file.ts";

/**
 * `stats.json`: the counters of all time, when they were taken, and those since the start of
 * the run that took them. Keys of a newer version's file stand behind these, untouched.
 */
export interface StatsSnapshot extends StatsJson {
  /** ISO 8601, UTC. */
  updated_at: string;
  session: StatsJson;
}

export type StatsRead =
  | { kind: "missing" }
  | { kind: "read"; stats: StatsJson; raw: Readonly<Record<string, unknown>> }
  | { kind: "damaged"; reason: string };

/** A damaged file that was found, and where it was put; null where it could not be moved. */
export interface Damage {
  reason: string;
  aside: string | null;
}

/** Reads a snapshot, also one of the Python plugin: same keys. Never throws. */
export function readStats(path: string): StatsRead {
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { kind: "missing" };
    if (error instanceof Deno.errors.NotADirectory) return { kind: "missing" };
    const reason = error instanceof Error ? error.message : String(error);
    return { kind: "damaged", reason: `it cannot be read: ${reason}` };
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: "damaged", reason: "it is no JSON" };
  }
  const problem = problemOfStats(value);
  if (problem !== null) return { kind: "damaged", reason: problem };
  const raw = value as Record<string, unknown>;
  return { kind: "read", stats: new SyncStats(0, raw).toJSON(), raw };
}

/**
 * The counters to begin with, for a database that has none yet; null without a good file.
 * A damaged one is put out of the way, kept for a person to look at.
 */
export function takeStats(
  path: string,
  now: number,
): { stats: StatsJson | null; damage: Damage | null } {
  const read = readStats(path);
  if (read.kind !== "damaged") {
    return { stats: read.kind === "read" ? read.stats : null, damage: null };
  }
  let aside: string | null = null;
  try {
    aside = setAside(path, now);
  } catch {
    // Where nothing can be renamed nothing can be written either: the first snapshot says so.
  }
  return { stats: null, damage: { reason: read.reason, aside } };
}

/**
 * Writes the snapshot, unless the file has these counters already. The caller keeps other
 * writers out, so that an older state never replaces a newer one.
 * @returns whether it wrote, and the damaged file that it found in its place
 * @throws when the disk is full or the folder not writable; the old file then still stands
 */
export function writeStats(
  path: string,
  now: number,
  all: StatsJson,
  session: StatsJson,
  disk: Disk = realDisk,
): { wrote: boolean; damage: Damage | null } {
  const read = readStats(path);
  if (read.kind === "read" && isSame(read.raw, all)) return { wrote: false, damage: null };
  const damage = read.kind === "damaged"
    ? { reason: read.reason, aside: setAside(path, now) }
    : null;
  const snapshot: StatsSnapshot = { ...all, updated_at: new Date(now).toISOString(), session };
  const unknown = read.kind === "read"
    ? Object.entries(read.raw).filter(([key]) => !Object.hasOwn(snapshot, key))
    : [];
  const whole = { ...snapshot, ...Object.fromEntries(unknown) };
  writeAtomic(path, JSON.stringify(whole, null, 2) + "\n", disk);
  return { wrote: true, damage };
}

function setAside(path: string, now: number): string {
  const aside = `${path}.damaged-${now}`;
  Deno.renameSync(path, aside);
  return aside;
}

/** True when the file is one of this program and has these counters. */
function isSame(raw: Readonly<Record<string, unknown>>, all: StatsJson): boolean {
  if (typeof raw.updated_at !== "string" || typeof raw.session !== "object") return false;
  return Object.entries(all).every(([key, value]) =>
    JSON.stringify(raw[key]) === JSON.stringify(value)
  );
}
