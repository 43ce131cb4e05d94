import { resolve } from "node:path";
import { UserError } from "../core/errors.ts";
import { backUp } from "../store/backup.ts";
import type { Command, Invocation } from "./command.ts";
import { print } from "./output.ts";
import { existingStoreOf, openSession } from "./session.ts";

export const command: Command = {
  usage: "backup FILE",
  summary: "Copy the database to a new file, also while the daemon runs, and check the copy",
  notes: [
    "The daemon makes one each day by itself, in the folder backups of the data directory, and",
    "keeps 7. To restore one: stop the daemon and remove plexsync.db, plexsync.db-wal and",
    "plexsync.db-shm, then copy the backup to plexsync.db.",
  ],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const [file, ...rest] = invocation.words;
  if (file === undefined || rest.length > 0) {
    throw new UserError("backup takes one FILE", 2, `Usage: plexsync ${command.usage}`);
  }
  const session = openSession(invocation, "offline");
  const store = await existingStoreOf(session, invocation);
  try {
    if (store === null) {
      throw new UserError(
        `There is no database in ${session.files.folder} yet`,
        1,
        "--data-dir names another data directory",
      );
    }
    const nativeLibrary = invocation.world.env.DENO_SQLITE_PATH;
    const { path, bytes, schema } = await backUp(store.database, resolve(file), { nativeLibrary });
    print(
      invocation,
      { file: path, bytes, schema, verified: true },
      () => `Backup written to ${path}: ${bytes} bytes, verified\n`,
    );
    return 0;
  } finally {
    store?.close();
    session.close();
  }
}
