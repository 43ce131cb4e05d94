import type { Database } from "./database.ts";
import { openBuiltin } from "./driver_builtin.ts";
import { openNative } from "./driver_native.ts";

/** `auto` prefers the native library wherever one is at hand without a download. */
export type DriverChoice = "auto" | "native" | "builtin";

/**
 * Opens the SQLite file `path`.
 * @param nativeLibrary Path of an SQLite library (`DENO_SQLITE_PATH`), or undefined. Without
 * one `@db/sqlite` would download its own at import, which a drop-in binary must never do.
 */
export async function openDriver(
  path: string,
  nativeLibrary: string | undefined,
  choice: DriverChoice = "auto",
): Promise<Database> {
  if (choice === "builtin") return openBuiltin(path);
  if (choice === "native") return await openNative(path);
  if (nativeLibrary === undefined || nativeLibrary === "") return openBuiltin(path);
  try {
    return await openNative(path);
  } catch {
    return openBuiltin(path);
  }
}
