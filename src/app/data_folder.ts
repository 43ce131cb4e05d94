import { UserError } from "../core/errors.ts";

/**
 * Makes the data directory if it is not there: only its owner may look into it.
 * @throws {UserError} it cannot be made
 */
export function ensureDataDir(path: string): void {
  try {
    Deno.mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(
      `Cannot make the data directory ${path}: ${reason}`,
      "failed",
      "Name a folder that you may write to with --data-dir",
      { cause: error },
    );
  }
}

/** Files that SQLite makes beside the database get its mode; a new database is made private. */
export function makePrivate(path: string): void {
  if (Deno.build.os === "windows") return;
  const file = Deno.openSync(path, { create: true, append: true, mode: 0o600 });
  file.close();
  Deno.chmodSync(path, 0o600);
}
