import { UserError } from "../core/errors.ts";
import { escapeLine } from "../core/escape.ts";
import { addressText, localAddress, readAddress } from "../core/listen_address.ts";
import { lockHolder } from "../app/lock.ts";
import type { Command, Invocation } from "./command.ts";
import { print } from "./output.ts";
import { openSession } from "./session.ts";

export const command: Command = {
  usage: "health",
  summary: "Tell by the exit code whether the daemon is alive and can work",
  notes: [
    "The exit code is 0 when it is and 3 when it is not. Plex or Stash being down does not count.",
    "With listen set the daemon is asked, else only whether it runs.",
  ],
  run,
};

/** The object of `health --json`. Names are stable. */
interface HealthReport {
  healthy: boolean;
  /** Why not; [] when healthy. */
  problems: string[];
  daemon: { pid: number; since_at: number } | null;
  /** Where it was asked; null when it has no listener or does not run. */
  asked: string | null;
}

/** A probe that hangs is no answer either. */
const LIMIT_MS = 5_000;

async function run(invocation: Invocation): Promise<number> {
  if (invocation.words.length > 0) throw new UserError(`Unexpected "${invocation.words[0]}"`, 2);
  const session = openSession(invocation, "offline");
  try {
    const holder = lockHolder(session.files.lock);
    const { listen } = session.config;
    const asked = holder === null || listen === null
      ? null
      : `http://${addressText(localAddress(readAddress(listen)))}`;
    const problems = holder === null ? ["The daemon does not run"] : [];
    if (asked !== null) problems.push(...await problemsAt(asked));
    const report: HealthReport = {
      healthy: problems.length === 0,
      problems,
      daemon: holder === null ? null : { pid: holder.pid, since_at: holder.since },
      asked,
    };
    print(invocation, report, () => `${problems.join("\n") || "healthy"}\n`);
    return report.healthy ? 0 : 3;
  } finally {
    session.close();
  }
}

/** What the daemon, or the attempt to reach it, says against its health. */
async function problemsAt(url: string): Promise<string[]> {
  const answers = await Promise.all(["live", "ready"].map((name) => ask(url, name)));
  return [...new Set(answers.filter((problem) => problem !== null))];
}

async function ask(url: string, name: string): Promise<string | null> {
  try {
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
