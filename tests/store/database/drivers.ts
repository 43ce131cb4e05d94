/** Both SQLite drivers under the same tests; one that cannot load is skipped by name. */
import type { Database } from "../../../src/store/database/database.ts";
import { type DriverChoice, openDriver } from "../../../src/store/database/driver.ts";

export type DriverName = Exclude<DriverChoice, "auto">;

const PACKAGE: Readonly<Record<DriverName, string>> = {
  builtin: "node:sqlite",
  native: "@db/sqlite",
};

// Here and not in a test: the library stays loaded, which a test would be blamed for.
const nativeLoads = await canLoadNative();

/** The drivers that load here. */
export const LOADABLE: readonly DriverName[] = nativeLoads ? ["builtin", "native"] : ["builtin"];

/** Registers `body` as one test per driver, named after the promise and the driver. */
export function eachDriver(
  promise: string,
  body: (driver: DriverName) => void | Promise<void>,
): void {
  for (const driver of Object.keys(PACKAGE) as DriverName[]) {
    const ignore = !LOADABLE.includes(driver);
    const note = ignore ? `(${PACKAGE[driver]} cannot load here)` : `[${PACKAGE[driver]}]`;
    Deno.test({ name: `${promise} ${note}`, ignore, fn: () => body(driver) });
  }
}

/** A bare connection, without any set-up. */
export function connect(path: string, driver: DriverName): Promise<Database> {
  return openDriver(path, undefined, driver);
}

async function canLoadNative(): Promise<boolean> {
  // Without a path the package would download its library.
  if (!Deno.env.get("DENO_SQLITE_PATH")) return false;
  try {
    (await connect(":memory:", "native")).close();
    return true;
  } catch {
    return false;
  }
}
