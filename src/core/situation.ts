import type { Breaker } from "./breaker.ts";
import type { JobState } from "./job.ts";

/** What is known of a server when a person asks whether all is well. */
export interface ServerState {
  name: "Plex" | "Stash";
  /** "" when it is not configured. */
  url: string;
  /** null when it was not asked just now. */
  reachable: boolean | null;
  authorized: boolean | null;
  /** What it said or did wrong just now. */
  error: string | null;
  breaker: Breaker["state"];
  /** What opened the breaker. */
  cause: string | null;
}

export interface Situation {
  daemonRuns: boolean;
  /** What the daemon rests for until a person mends it. */
  attention: string | null;
  servers: readonly ServerState[];
  queue: Readonly<Record<JobState, number>>;
}

/** Why jobs are not worked on now, one sentence each; [] when all is well. */
export function problemsOf({ daemonRuns, attention, servers, queue }: Situation): string[] {
  const problems = servers.map(problemOf).filter((problem) => problem !== null);
  if (attention !== null) problems.unshift(`The daemon needs attention: ${attention}`);
  if (!daemonRuns) {
    const waits = queue.ready + queue.running;
    const jobs = waits === 0 ? "" : ` and ${waits} ${waits === 1 ? "job waits" : "jobs wait"}`;
    problems.unshift(`The daemon does not run${jobs}: start it with plexsync run`);
  }
  return problems;
}

function problemOf(server: ServerState): string | null {
  const { name, url, reachable, authorized, error, breaker, cause } = server;
  const key = name.toLowerCase();
  if (url === "") return `${name} is not configured: set ${key}_url`;
  if (reachable === false) return `${name} does not answer: ${error}`;
  if (authorized === false) {
    return `${name} refuses ${name === "Plex" ? "plex_token" : "stash_api_key"}: ${error}`;
  }
  if (error !== null) return `${name} answers with a fault: ${error}`;
  // Kept from the last time that it was needed; it answers now, so work resumes by itself.
  if (reachable === true || breaker !== "open") return null;
  return `${name} is down: ${cause}`;
}
