import { probeDaemon } from "../app/daemon_probe.ts";
import { openSettings } from "../app/installation.ts";
import { UserError } from "../core/errors.ts";
import type { Command, Invocation } from "./command.ts";
import { print } from "./output.ts";

export const command: Command = {
  usage: "health",
  summary: "Tell by the exit code whether the daemon is alive and can work",
  notes: [
    "The exit code is 0 when it is and 3 when it is not. Plex or Stash being down does not count.",
    "With listen set the daemon is asked, else only whether it runs.",
  ],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  if (invocation.words.length > 0) {
    throw new UserError(`Unexpected "${invocation.words[0]}"`, "usage");
  }
  using settings = openSettings(invocation.around, { need: "offline" });
  const report = await probeDaemon(settings);
  print(invocation, report, () => `${report.problems.join("\n") || "healthy"}\n`);
  return report.healthy ? 0 : 3;
}
