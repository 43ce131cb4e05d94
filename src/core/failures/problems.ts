import type { Breaker } from "../jobs/breaker.ts";
import type { JobState } from "../jobs/job.ts";
import type { PathRule } from "../match/path.ts";
import { instant } from "../text/wording.ts";

export type ProblemId =
  | "daemon_stopped"
  | "needs_attention"
  | "paused"
  | `${string}_${
    | "paths_unfit"
    | "paths_partly_unfit"
    | "library_unread"
    | "library_missing"
    | "library_ambiguous"
    | "no_library"
    | "other_server"}`
  | "stash_not_ready"
  | "settings_wrong"
  | `folder_${"missing" | "open" | "remote" | "fuse" | "full"}`
  | `database_${"none" | "damaged" | "older" | "unreadable"}`
  | "clock_differs"
  | "plugin_unknown"
  | "dead_letters"
  | "waiting"
  | `${string}_${"unset" | "unreachable" | "refused" | "faulty" | "down"}`;

/** What is wrong with a set-up: made once, shown by whoever is asked. */
export interface Problem {
  /** Stable. */
  id: ProblemId;
  /** error: no job is worked on until it is mended. */
  severity: "error" | "warning";
  /** What is wrong, in one sentence without a full stop. */
  summary: string;
  /**
   * What to do about it; null where nobody has said. One that begins with a small letter completes
   * the summary behind a colon, any other is shown apart from it.
   */
  hint: string | null;
  facts: Readonly<Record<string, string | number | null>>;
  /** Media paths that its texts name, for a log that has to hide them. */
  paths?: readonly string[];
  /** The whole `path_map` that the hint says to set; unset where it says something else. */
  rules?: readonly PathRule[];
}

/** The problem in one line. */
export function problemLine({ summary, hint }: Problem): string {
  return hint !== null && completes(hint) ? `${summary}: ${hint}` : summary;
}

/** What `problemLine` leaves to be said apart, or null. */
export function hintApart({ hint }: Problem): string | null {
  return hint === null || completes(hint) ? null : hint;
}

function completes(hint: string): boolean {
  return /^[a-z]/.test(hint);
}

/** What is known of a server when a person asks whether all is well. */
export interface ServerState {
  /** Its settings begin with it. */
  key: string;
  /** For people. */
  name: string;
  /** The setting that lets us in. */
  secret: string;
  /** "" when it is not configured. */
  url: string;
  /** null when it was not asked just now. */
  reachable: boolean | null;
  authorized: boolean | null;
  /** What it said or did wrong just now, and what to do about that. */
  error: string | null;
  hint: string | null;
  breaker: Breaker["state"];
  /** What opened the breaker. */
  cause: string | null;
}

export interface Situation {
  daemonRuns: boolean;
  /** What the daemon rests for until a person mends it. */
  attention: { message: string; hint: string } | null;
  /** Since when a person lets no job be taken, epoch ms; null while work goes on. */
  pausedAt: number | null;
  /** Bytes left for the database; null where that is not told. */
  freeBytes: number | null;
  servers: readonly ServerState[];
  queue: Readonly<Record<JobState, number>>;
}

const KIB = 1024;
/** With less than this nothing can be noted: a batch in hand takes some hundred KiB of the log. */
const NO_ROOM_BYTES = 256 * KIB;

/** Why jobs are not worked on now; [] when all is well. */
export function problemsOf(
  { daemonRuns, attention, pausedAt, freeBytes, servers, queue }: Situation,
): Problem[] {
  const problems = servers.map((server) => problemOfServer(server, daemonRuns))
    .filter((problem) => problem !== null);
  if (pausedAt !== null) problems.unshift(paused(pausedAt));
  if (attention !== null) {
    problems.unshift({
      id: "needs_attention",
      severity: "error",
      summary: `The daemon needs attention: ${attention.message}`,
      hint: attention.hint,
      facts: {},
    });
  }
  if (freeBytes !== null && freeBytes < NO_ROOM_BYTES) {
    problems.unshift({
      id: "folder_full",
      severity: "error",
      summary: `The disk of the data directory is full, ${
        Math.floor(freeBytes / KIB)
      } KiB are left`,
      hint: "free some space on it; what was accepted so far is safe",
      facts: { free_bytes: freeBytes },
    });
  }
  if (!daemonRuns) {
    const waits = queue.ready + queue.running;
    const jobs = waits === 0 ? "" : ` and ${waits} ${waits === 1 ? "job waits" : "jobs wait"}`;
    problems.unshift({
      id: "daemon_stopped",
      severity: "error",
      summary: `The daemon does not run${jobs}`,
      hint: "start it with plexsync run",
      facts: { jobs: waits },
    });
  }
  return problems;
}

/** Not an error: somebody wants it so. */
function paused(since: number): Problem {
  return {
    id: "paused",
    severity: "warning",
    summary: `Work is paused since ${instant(since)}`,
    hint: "plexsync resume lets it go on",
    facts: { since_at: since },
  };
}

function problemOfServer(server: ServerState, daemonRuns: boolean): Problem | null {
  const { key, name, secret, url, reachable, authorized, error, breaker, cause } = server;
  const made = (id: ProblemId, summary: string, hint: string | null): Problem => {
    return { id, severity: "error", summary, hint, facts: { url } };
  };
  if (url === "") return made(`${key}_unset`, `${name} is not configured`, `set ${key}_url`);
  if (reachable === false) {
    return made(`${key}_unreachable`, `${name} does not answer: ${error}`, server.hint);
  }
  if (authorized === false) {
    return made(`${key}_refused`, `${name} refuses ${secret}: ${error}`, server.hint);
  }
  if (error !== null) {
    return made(`${key}_faulty`, `${name} answers with a fault: ${error}`, server.hint);
  }
  if (breaker !== "open") return null;
  if (reachable === true) {
    // Left by a daemon that is no more, it says nothing about a server that answers now.
    const summary = `${name} answers, and the daemon has yet to try it: ${cause}`;
    return daemonRuns ? made(`${key}_down`, summary, null) : null;
  }
  return made(`${key}_down`, `${name} is down: ${cause}`, null);
}

/** What is written to, by its key and its name for people. */
export interface TargetName {
  id: string;
  title: string;
}

/** @param there Titles of the libraries that there are */
export function libraryMissing({ id, title }: TargetName, name: string, there: string): Problem {
  return {
    id: `${id}_library_missing`,
    severity: "error",
    summary: `${id}_library: ${title} has no movie or show library "${name}"`,
    hint: `Libraries in ${title}: ${there}`,
    facts: { library: name, libraries: there },
  };
}

/** @param keys Of the libraries that are called so */
export function libraryAmbiguous(
  { id, title }: TargetName,
  name: string,
  keys: readonly string[],
): Problem {
  return {
    id: `${id}_library_ambiguous`,
    severity: "error",
    summary: `${id}_library: ${title} has ${keys.length} libraries called "${name}"`,
    hint: `Name the one that is meant by its key: ${id}_library = "${keys[0]}" (keys: ${
      keys.join(", ")
    })`,
    facts: { library: name, keys: keys.join(", ") },
  };
}

export function noLibrary({ id, title }: TargetName): Problem {
  return {
    id: `${id}_no_library`,
    severity: "error",
    summary: `${title} has no movie or show library`,
    hint: `Create a library in ${title}`,
    facts: {},
  };
}

export function otherServer({ id, title }: TargetName): Problem {
  return {
    id: `${id}_other_server`,
    severity: "error",
    summary:
      `The ${title} server at ${id}_url is another one than before; nothing is written to it`,
    hint: `Correct ${id}_url, or start once with: plexsync run --accept-new-${id}`,
    facts: {},
  };
}

/** @param status What Stash says of itself instead of `OK` */
export function stashNotReady(status: string): Problem {
  return {
    id: "stash_not_ready",
    severity: "error",
    summary: `Stash is not ready: its status is ${status}`,
    hint: null,
    facts: { status },
  };
}

/** Libraries that cannot be listed, while others are kept equal. */
export function libraryUnread(
  { id, title }: { id: string; title: string },
  unread: readonly { title: string; message: string }[],
): Problem {
  const titles = unread.map((each) => `"${each.title}"`).join(", ");
  return {
    id: `${id}_library_unread`,
    severity: "warning",
    summary: `${title} cannot list ${titles} (${unread[0]!.message}); the scenes of other ` +
      "libraries are synced, those that are in none of them wait",
    hint: `Look into ${title}'s log for what is wrong with the library, or leave it out of ` +
      `${id}_library; work resumes by itself`,
    facts: { count: unread.length },
  };
}
