import { copyDatabase } from "../../app/data/database_copy.ts";
import { openSettings } from "../../app/installation.ts";
import type { Command, Invocation } from "../frame/command.ts";
import { print } from "../terminal/output.ts";

export const command: Command = {
  usage: "backup FILE",
  summary: "Copy the database to a new file, also while the daemon runs, and check the copy",
  words: "FILE",
  examples: [
    { line: "plexsync backup before-upgrade.db", tells: "a copy in the folder where you are" },
  ],
  notes: [
    "The daemon makes one each day by itself, in the folder backups of the data directory, and " +
    "keeps 7. plexsync restore FILE puts one back.",
  ],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const file = invocation.words[0]!;
  using settings = openSettings(invocation.around, { need: "offline" });
  const { path, bytes, schema } = await copyDatabase(settings, file);
  print(
    invocation,
    { file: path, bytes, schema, verified: true },
    () => `Backup written to ${path}: ${bytes} bytes, verified\n`,
  );
  return 0;
}
