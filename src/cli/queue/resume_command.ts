import { openSettings, openToAsk } from "../../app/installation.ts";
import { lockHolder } from "../../app/data/lock.ts";
import { resumeWork } from "../../app/queue/pause.ts";
import { instant } from "../../core/text/wording.ts";
import type { Command, Invocation } from "../frame/command.ts";
import { print } from "../terminal/output.ts";

export const command: Command = {
  usage: "resume",
  summary: "Let the work go on after plexsync pause",
  isServed: true,
  examples: [{ line: "plexsync resume", tells: "what was queued meanwhile is written now" }],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  using settings = openSettings(invocation.around, { need: "offline" });
  using installation = await openToAsk(settings);
  const since = resumeWork(installation);
  const daemon = lockHolder(settings.files.lock)?.pid ?? null;
  print(invocation, { was_paused_at: since, daemon }, () => {
    const what = since === null ? "It was not paused" : `Was paused since ${instant(since)}`;
    const hint = daemon === null ? "; no daemon runs: start it with plexsync run" : ", goes on now";
    return `${what}${since === null && daemon !== null ? "" : hint}\n`;
  });
  return 0;
}
