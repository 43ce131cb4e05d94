import { escapeLine } from "../../core/text/escape.ts";
import { addressText, localAddress, readAddress } from "../../core/http/listen_address.ts";
import type { Settings, Surroundings } from "../installation.ts";
import { resolveDataDir } from "../../config/data_dir.ts";
import { filesOf } from "../data/data_files.ts";
import { lockHolder } from "../data/lock.ts";
import { transportTo } from "../connections/transport.ts";

/** The object of `health --json`. Names are stable. */
export interface HealthReport {
  healthy: boolean;
  /** Why not; [] when healthy. */
  problems: string[];
  daemon: { pid: number; since_at: number } | null;
  /** Where it was asked; null when it has no listener or does not run. */
  asked: string | null;
}

/** A probe that hangs is no answer either. */
const LIMIT_MS = 5_000;

/**
 * Whether the daemon's own listener answers at an address; never rejects.
 * @param url Without a slash at its end
 * @returns what is wrong; null when nothing is
 */
export async function probeListener(url: string): Promise<string | null> {
  return await ask(url, "live");
}

/** Whether the daemon runs, and what its listener says, where there is one; never rejects. */
export async function probeDaemon({ config, files }: Settings): Promise<HealthReport> {
  const holder = lockHolder(files.lock);
  const { listen } = config;
  const asked = holder === null || listen === null
    ? null
    : `http://${addressText(localAddress(readAddress(listen)))}`;
  const problems = holder === null ? ["The daemon does not run"] : [];
  if (asked !== null) problems.push(...await problemsAt(asked));
  return {
    healthy: problems.length === 0,
    problems,
    daemon: holder === null ? null : { pid: holder.pid, since_at: holder.since },
    asked,
  };
}

/**
 * The same by the lock alone, where the settings cannot be read: a daemon that runs goes on by those
 * that it has. null where none runs, or what was typed may be what is wrong.
 */
export function probeLock({ world, flags }: Surroundings): HealthReport | null {
  if (Object.keys(flags).some((flag) => flag !== "data-dir")) return null;
  const folder = resolveDataDir(flags["data-dir"], world.env).path;
  const holder = lockHolder(filesOf(folder).lock);
  return holder === null ? null : {
    healthy: true,
    problems: [],
    daemon: { pid: holder.pid, since_at: holder.since },
    asked: null,
  };
}

/** What the daemon, or the attempt to reach it, says against its health. */
async function problemsAt(url: string): Promise<string[]> {
  const answers = await Promise.all(["live", "ready"].map((name) => ask(url, name)));
  return [...new Set(answers.filter((problem) => problem !== null))];
}

async function ask(url: string, name: string): Promise<string | null> {
  try {
    const { fetch } = transportTo(url, { caFile: null });
    const answer = await fetch(`${url}/health/${name}`, { signal: AbortSignal.timeout(LIMIT_MS) });
    const { problem } = await answer.json();
    if (answer.ok) return null;
    // It need not be plexsync that answered.
    return typeof problem === "string"
      ? escapeLine(problem.slice(0, 500))
      : `${url} answered ${answer.status}`;
  } catch (error) {
    const late = error instanceof DOMException && error.name === "TimeoutError";
    return late
      ? `${url} gave no answer within ${LIMIT_MS / 1000} s`
      : `${url} gave no answer that can be read`;
  }
}
