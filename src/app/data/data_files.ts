import { storeFault } from "../../core/failures/store_fault.ts";
import { fileIn } from "../../core/text/file_path.ts";
import type { Runtime } from "../../core/runtime.ts";
import type { Database } from "../../store/database/database.ts";
import type { NativeLibrary } from "../../store/database/native_library.ts";
import { openDatabase } from "../../store/database/open.ts";
import { askForWriting, ensureDataDir, makePrivate } from "./data_folder.ts";

/** The files of one data directory. */
export interface Files {
  folder: string;
  database: string;
  stats: string;
  lock: string;
  /** The generated bearer token of the HTTP listener. */
  listenToken: string;
}

export function filesOf(folder: string): Files {
  const at = (name: string) => fileIn(folder, name);
  return {
    folder,
    database: at("plexsync.db"),
    stats: at("stats.json"),
    lock: at("plexsync.lock"),
    listenToken: at("listen-token"),
  };
}

/** Opens the database of a data directory, made when it is not there. */
export async function openDatabaseFile(
  files: Files,
  runtime: Pick<Runtime, "sleep">,
  nativeLibrary: NativeLibrary | undefined,
): Promise<Database> {
  ensureDataDir(files.folder);
  makePrivate(files.database);
  try {
    return await openDatabase(files.database, {
      nativeLibrary,
      sleep: (ms) => runtime.sleep(ms),
    });
  } catch (thrown) {
    // SQLite says of a read-only file system just that it cannot open the file.
    if (storeFault(thrown) === "unreadable") askForWriting(files.database);
    throw thrown;
  }
}
