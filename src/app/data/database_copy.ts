import { resolve } from "node:path";
import { UserError } from "../../core/failures/errors.ts";
import { backUp } from "../../store/files/backup.ts";
import { openExisting, type Settings } from "../installation.ts";

/**
 * Copies the database to a new file, also while the daemon runs, and checks the copy.
 * @throws {UserError} there is no database, the file is there already, or the copy is not whole
 */
export async function copyDatabase(
  settings: Settings,
  file: string,
): Promise<{ path: string; bytes: number; schema: number }> {
  using installation = await openExisting(settings);
  if (installation === null) {
    throw new UserError(
      `There is no database in ${settings.files.folder} yet`,
      "failed",
      "--data-dir names another data directory",
    );
  }
  const { nativeLibrary } = settings;
  return await backUp(installation.store.database, resolve(file), { nativeLibrary });
}
