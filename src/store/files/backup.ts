import { dirname } from "node:path";
import { UserError } from "../../core/failures/errors.ts";
import type { Database } from "../database/database.ts";
import { checkFile, type CheckOptions } from "./integrity.ts";
import { schemaVersion } from "../database/migrate.ts";
import { flush, flushFolder } from "./flush.ts";
import { isThere } from "./is_there.ts";
import { makeRoom, removeRoom } from "./room.ts";

export interface BackupOptions extends CheckOptions {
  /** Takes the place of a file that is there; else that is an error. */
  replace?: boolean;
  /** Asked before the copy gets its name: throws when it must not. */
  confirm?: () => void;
  /**
   * In a thread of its own, which ends when this aborts: the copy and its check take seconds for
   * each 100 MB, in which nothing else could run. The thread reads the file that is at the path.
   */
  aside?: AbortSignal;
}

export interface Backup {
  path: string;
  bytes: number;
  /** Schema version of the copy. */
  schema: number;
}

/**
 * Copies the open database to the file `target`: one moment of it, whoever writes meanwhile. The
 * copy is readable by its owner alone, is checked by opening it, and has its name only then.
 * @throws {UserError} `target` is there already, or the copy is not whole
 * @throws the reason of `aside`, when that aborted
 */
export async function backUp(
  database: Database,
  target: string,
  options: BackupOptions = {},
): Promise<Backup> {
  if (!options.replace) refuseExisting(target);
  const { room, part } = makeRoom(target);
  try {
    const schema = schemaVersion(database);
    const bytes = options.aside
      ? await fillAside(part, fileOf(database), schema, options, options.aside)
      : await fill(part, database, schema, options);
    options.confirm?.();
    if (!options.replace) refuseExisting(target);
    Deno.renameSync(part, target);
    flushFolder(dirname(target));
    return { path: target, bytes, schema };
  } finally {
    removeRoom(room);
  }
}

/**
 * Copies the database into the empty file `part`, checks it, and makes it outlast a power cut.
 * @param schema What the copy must have
 * @returns the file's size
 * @throws {UserError} the copy is not whole
 */
export async function fill(
  part: string,
  database: Database,
  schema: number,
  options: CheckOptions,
): Promise<number> {
  await database.backup(part);
  await verify(part, schema, options);
  return flush(part);
}

/** The same for the database file `path`, in a thread of its own. */
async function fillAside(
  part: string,
  path: string,
  schema: number,
  { nativeLibrary, driver, thorough }: CheckOptions,
  stop: AbortSignal,
): Promise<number> {
  const { fillInThread }: typeof import("./backup_aside.ts") = await import(
    "./backup_aside.ts" as string
  );
  const checks = { nativeLibrary, driver, thorough };
  return await fillInThread({ part, path, schema, options: checks }, stop);
}

function fileOf(database: Database): string {
  return database.prepare("PRAGMA database_list").all<{ name: string; file: string }>()
    .find(({ name }) => name === "main")!.file;
}

async function verify(part: string, schema: number, options: CheckOptions): Promise<void> {
  const check = await checkFile(part, options);
  if (check.kind !== "whole") {
    throw new UserError(
      `The copy is not whole: ${check.reason}`,
      "failed",
      "plexsync run checks the database itself at its start; else check the disk of the copy",
    );
  }
  if (check.schema !== schema) {
    throw new UserError(`The copy has schema ${check.schema} instead of ${schema}`, "failed");
  }
}

function refuseExisting(target: string): void {
  if (!isThere(target)) return;
  throw new UserError(
    `${target} is there already`,
    "failed",
    "A backup overwrites nothing: name a new file",
  );
}
