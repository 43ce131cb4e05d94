import { UserError } from "../../core/failures/errors.ts";
import type { Database } from "./database.ts";
import { openBuiltin } from "./driver_builtin.ts";
import { embeddedLibrary, type NativeLibrary, placeLibrary } from "./native_library.ts";

/** `auto` prefers the native library wherever one is at hand without a download. */
export type DriverChoice = "auto" | "native" | "builtin";

/**
 * Opens the SQLite file `path`.
 * @param library Which library `@db/sqlite` is to load. Without one it would download its own at
 * import, which a drop-in binary must never do.
 * @throws {UserError} a library that was named does not load
 */
export async function openDriver(
  path: string,
  library: NativeLibrary | undefined,
  choice: DriverChoice = "auto",
): Promise<Database> {
  if (choice === "builtin") return openBuiltin(path);
  if (choice === "native") return (await loadNative())(path);
  if (library === undefined) return openBuiltin(path);
  if ("named" in library) return (await loadNamed(library.named))(path);
  return await openEmbedded(path, library.embeddedFor);
}

// A busy writer holds the lock for milliseconds; another program (a backup) for seconds.
const BUSY_TIMEOUT_MS = 30_000;

/** Lets a connection wait for locks of others, which SQLite by itself takes for a failure. */
export function waitForLocks(database: Database): void {
  database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
}

/** With the package and all that it needs, which a process without a library never reads. */
async function loadNative(library?: string) {
  const driver: typeof import("./driver_native.ts") = await import("./driver_native.ts" as string);
  return await driver.loadNative(library);
}

async function loadNamed(path: string) {
  try {
    return await loadNative(path);
  } catch (error) {
    throw new UserError(
      `Cannot load the SQLite library ${path}: ${reasonOf(error)}`,
      "usage",
      "Let DENO_SQLITE_PATH name a library for this machine, or unset it to do without",
      { cause: error },
    );
  }
}

/** With the embedded library where there is one and it loads: nobody asked for it by name. */
async function openEmbedded(path: string, dataDir: string): Promise<Database> {
  const embedded = embeddedLibrary();
  if (embedded === null) return openBuiltin(path);
  let open;
  try {
    open = await loadNative(await placeLibrary(dataDir, embedded));
  } catch (error) {
    // On a file system without the right to execute, nothing else is wrong with the installation.
    const builtin = openBuiltin(path);
    const driver = `${builtin.driver} (the embedded library does not load: ${reasonOf(error)})`;
    return { ...builtin, driver };
  }
  return open(path);
}

/** The package wraps the loader's own words. */
function reasonOf(error: unknown): string {
  const { cause, message } = error as Error;
  return cause instanceof Error ? cause.message : message;
}
