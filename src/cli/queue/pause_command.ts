import { openInstallation, openSettings } from "../../app/installation.ts";
import { lockHolder } from "../../app/data/lock.ts";
import { pauseWork } from "../../app/queue/pause.ts";
import { instant } from "../../core/text/wording.ts";
import type { Command, Invocation } from "../frame/command.ts";
import { print } from "../terminal/output.ts";

export const command: Command = {
  usage: "pause",
  summary: "Let nothing be written until plexsync resume, also after a restart",
  isServed: true,
  examples: [
    { line: "plexsync pause", tells: "before a repair of Plex's database, then plexsync resume" },
  ],
  notes: [
    "The daemon brings the batch in hand to its end and takes no job after that. Changes are found " +
    "and queued all the same, and nothing is lost. plexsync status shows it.",
  ],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  using settings = openSettings(invocation.around, { need: "offline" });
  using installation = await openInstallation(settings);
  const { since_at, already } = pauseWork(installation);
  const daemon = lockHolder(settings.files.lock)?.pid ?? null;
  print(invocation, { paused_at: since_at, already, daemon }, () => {
    if (already) return `Paused already, since ${instant(since_at)}\n`;
    const batch = daemon === null ? "" : ": the daemon ends the batch in hand first";
    return `Paused${batch}. plexsync resume lets the work go on\n`;
  });
  return 0;
}
