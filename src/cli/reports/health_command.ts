import { type HealthReport, probeDaemon, probeLock } from "../../app/checks/daemon_probe.ts";
import { openSettings, openToAsk, type Settings } from "../../app/installation.ts";
import { redactorOf } from "../../app/redactor.ts";
import { checkServers } from "../../app/checks/server_check.ts";
import { problemsNow } from "../../app/reports/status_report.ts";
import { UserError } from "../../core/failures/errors.ts";
import { problemLine } from "../../core/failures/problems.ts";
import { escapeLine } from "../../core/text/escape.ts";
import type { Command, Invocation } from "../frame/command.ts";
import { print } from "../terminal/output.ts";

export const command: Command = {
  usage: "health",
  summary: "Tell by the exit code whether the daemon is alive and can work",
  isServed: true,
  examples: [
    { line: "plexsync health || systemctl restart plexsync", tells: "for a watchdog of your own" },
  ],
  notes: [
    "The exit code is 0 when it is and 3 when it is not. Plex or Stash being down does not count, " +
    "but is said as a warning: both are asked.",
    "With listen set the daemon is asked, else only whether it runs. That is all that is asked where " +
    "the settings cannot be read, which is said as a warning: a daemon that runs goes on by those " +
    "that it has.",
  ],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  let settings: Settings;
  try {
    settings = openSettings(invocation.around, { need: "offline" });
  } catch (thrown) {
    // A watchdog must not end a daemon that is well, and would not start again.
    const report = thrown instanceof UserError ? probeLock(invocation.around) : null;
    if (report === null) throw thrown;
    const { message } = thrown as UserError;
    return tell(invocation, report, [
      `The settings cannot be read, and the daemon goes on by those that it has: ${message}`,
    ]);
  }
  using opened = settings;
  const report = await probeDaemon(opened);
  return tell(invocation, report, report.healthy ? await warningsOf(opened) : []);
}

function tell(invocation: Invocation, report: HealthReport, warnings: string[]): number {
  print(invocation, { ...report, warnings }, () => {
    const lines = report.healthy ? ["healthy"] : report.problems;
    return [...lines, ...warnings.map((each) => escapeLine(`warning: ${each}`))].join("\n") + "\n";
  });
  return report.healthy ? 0 : 3;
}

/** Why nothing is synced all the same: what the daemon noted, and what the servers say now. */
async function warningsOf(settings: Settings): Promise<string[]> {
  using installation = await openToAsk(settings);
  const problems = problemsNow(installation, await checkServers(installation));
  return redactorOf(settings)(problems).filter(({ id }) => RESTS.test(id)).map(problemLine);
}

/** The problems for which the work rests although the daemon is well. */
const RESTS = /^needs_attention$|^paused$|_(down|unreachable|refused|faulty)$/;
