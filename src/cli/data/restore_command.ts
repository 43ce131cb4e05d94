import { restoreDatabase, type RestorePlan } from "../../app/data/database_restore.ts";
import { openSettings } from "../../app/installation.ts";
import { instant } from "../../core/text/wording.ts";
import { confirmed, DECLINED, YES_FLAG } from "../terminal/ask_first.ts";
import type { Command, Invocation } from "../frame/command.ts";
import { escapeLine } from "../../core/text/escape.ts";
import { note, print } from "../terminal/output.ts";

export const command: Command = {
  usage: "restore FILE",
  summary: "Put a backup into the place of the database, which is kept aside",
  words: "FILE",
  flags: [{ ...YES_FLAG, meaning: "replace without asking" }],
  examples: [
    {
      line: "plexsync restore ~/.local/share/plexsync/backups/plexsync-2026-01-31.db",
      tells: "back to one of the daemon's own backups; stop the daemon first",
    },
  ],
  notes: [
    "FILE is copied and checked as a whole first; it is left as it is. The replaced database stays " +
    "in the data directory as plexsync.db.replaced-TIME.",
    "What happened since the backup is forgotten: jobs, dead letters, counters, and what was " +
    "written to Plex. The daemon finds what changed in Stash since then by itself.",
  ],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  using settings = openSettings(invocation.around, { need: "offline" });
  const done = await restoreDatabase(settings, invocation.words[0]!, (plan) => {
    if (plan.replaced !== null) {
      return confirmed(invocation, 1, planText(plan), undefined, "replace");
    }
    note(invocation, planText(plan));
    return true;
  });
  if (done === null) return DECLINED;
  print(invocation, done, () => {
    const kept = done.kept === null ? "" : `; the replaced one is kept as ${done.kept}`;
    return escapeLine(`Restored ${done.file}: ${done.bytes} bytes, verified${kept}`) + "\n";
  });
  return 0;
}

function planText({ file, at, replaced }: RestorePlan): string {
  const what = `${file}, changed ${instant(at)}, becomes the database`;
  return replaced === null
    ? what
    : `${what} in the place of one of ${replaced.bytes} bytes, changed ${instant(replaced.at)}`;
}
