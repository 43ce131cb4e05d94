import { checkFile } from "../../store/files/integrity.ts";
import type { NativeLibrary } from "../../store/database/native_library.ts";
import type { Files } from "../data/data_files.ts";
import { freeBytes } from "../data/disk_room.ts";
import { type Finding, fine, wrong } from "./finding.ts";
import { fileSystemType, kindOf } from "../data/network_fs.ts";

const MB = 1024 * 1024;
/** A backup of a large library and its write-ahead log need some hundred MB beside it. */
const LITTLE_ROOM = 1024 * MB;
/** With less SQLite may not be able to end a transaction. */
const NO_ROOM = 100 * MB;

/** What is to be said of a data directory and of the files in it. */
export async function checkFolder(
  files: Files,
  nativeLibrary: NativeLibrary | undefined,
): Promise<Finding[]> {
  const { folder } = files;
  if (statOf(folder)?.isDirectory !== true) {
    const hint = "plexsync run makes it; --data-dir names another one";
    return [wrong("data directory", "warning", "folder_missing", `There is no ${folder}`, hint)];
  }
  return [
    checkAccess(files),
    checkKind(folder),
    checkRoom(folder),
    ...await checkData(files, nativeLibrary),
  ];
}

/** Only the owner may look into it: the database tells what is in the library. */
function checkAccess({ folder, database, stats }: Files): Finding {
  const check = "data directory";
  const open = [folder, database, stats].filter((path) =>
    ((statOf(path)?.mode ?? 0) & 0o077) !== 0
  );
  if (open.length === 0 || Deno.build.os === "windows") return fine(check, folder);
  const paths = open.join(" ");
  return wrong(
    check,
    "warning",
    "folder_open",
    `Others on this machine can look into ${open.join(", ")}`,
    `chmod go= ${paths}`,
  );
}

function checkKind(folder: string): Finding {
  const check = "file system";
  const type = fileSystemType(folder);
  if (type === undefined) return fine(check, "of a kind that this system does not tell");
  const found = kindOf(type);
  if (found.kind === "local") return fine(check, "local");
  const hint = "Move the data directory to a local disk: SQLite cannot keep it whole elsewhere";
  return found.kind === "network"
    ? wrong(check, "error", "folder_remote", `The data directory is on ${found.name}`, hint)
    : wrong(check, "warning", "folder_fuse", "The data directory is on a FUSE file system", hint);
}

function checkRoom(folder: string): Finding {
  const check = "disk space";
  const free = freeBytes(folder);
  if (free === null) return fine(check, "not told by this system");
  const room = `${Math.floor(free / MB)} MB free`;
  if (free >= LITTLE_ROOM) return fine(check, room);
  const severity = free < NO_ROOM ? "error" : "warning";
  return wrong(check, severity, "folder_full", `Only ${room} at the data directory`, "Make room");
}

async function checkData(
  files: Files,
  nativeLibrary: NativeLibrary | undefined,
): Promise<Finding[]> {
  const check = "database";
  const size = statOf(files.database)?.size ?? 0;
  if (size === 0) {
    return [wrong(check, "warning", "database_none", "There is none yet", "plexsync run makes it")];
  }
  const restore = "The daemon sets it aside at its next start and goes on with the newest backup";
  try {
    const found = await checkFile(files.database, { nativeLibrary });
    if (found.kind === "damaged") {
      return [wrong(check, "error", "database_damaged", `It is damaged: ${found.reason}`, restore)];
    }
    if (found.kind === "older layout") {
      const hint = "Move plexsync.db aside; plexsync sync --all then queues all scenes";
      return [wrong(check, "error", "database_older", `It cannot be read: ${found.reason}`, hint)];
    }
    return [fine(check, `whole, ${Math.ceil(size / MB)} MB, schema ${found.schema}`)];
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return [wrong(check, "error", "database_unreadable", `It cannot be read: ${message}`)];
  }
}

function statOf(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(path);
  } catch {
    // Not there, or not to be looked at: the other checks say which.
    return undefined;
  }
}
