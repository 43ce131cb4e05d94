import {
  openServerSettings,
  openSettings,
  openToAsk,
  type Settings,
} from "../../app/installation.ts";
import { redactorOf } from "../../app/redactor.ts";
import { checkServers } from "../../app/checks/server_check.ts";
import { statusReport } from "../../app/reports/status_report.ts";
import type { Command, Invocation } from "../frame/command.ts";
import { print } from "../terminal/output.ts";
import { statusText } from "./status_text.ts";

export const command: Command = {
  usage: "status [--offline]",
  summary: "Answer one question: is it working?",
  flags: [{ name: "offline", meaning: "do not ask Plex and Stash whether they answer" }],
  isServed: true,
  examples: [
    { line: "plexsync status", tells: "on one screen" },
    {
      line: "plexsync status --offline --json",
      tells: "for a program, without asking the servers",
    },
  ],
  notes: ["The exit code is 0 whatever the answer; plexsync health is for scripts."],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  using settings = await settingsOf(invocation);
  using installation = await openToAsk(settings);
  const servers = invocation.switches.has("offline") ? undefined : await checkServers(installation);
  const { report, problems } = redactorOf(settings)(statusReport(installation, {
    servers,
    driver: installation.empty ? null : installation.store.driver,
  }));
  print(invocation, report, (paint) => statusText(report, problems, paint));
  return 0;
}

/** A quick answer counts: Stash is asked for settings only where Plex is in none of the others. */
async function settingsOf({ around, switches }: Invocation): Promise<Settings> {
  const settings = openSettings(around, { need: "offline" });
  if (settings.config.plexUrl !== "" || switches.has("offline")) return settings;
  settings[Symbol.dispose]();
  return await openServerSettings(around, { need: "offline", quiet: true });
}
