import { join } from "node:path";
import type { Database } from "../../src/store/database/database.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { type DriverName, eachDriver } from "./database/drivers.ts";
import { TARGETS } from "../one_target.ts";

/** A fresh folder, gone at the end of the scope. */
export class TempFolder implements Disposable {
  readonly path = Deno.makeTempDirSync({ prefix: "plexsync-store-" });

  /** Path of the file `name` in it. */
  file(name: string): string {
    return join(this.path, name);
  }

  /** Names of its files, sorted. */
  names(): string[] {
    return [...Deno.readDirSync(this.path)].map((entry) => entry.name).sort();
  }

  [Symbol.dispose]() {
    Deno.removeSync(this.path, { recursive: true });
  }
}

/** Opens the store of a file with a driver of choice. */
export function openTestStore(path: string, driver: DriverName): Promise<Store> {
  // Waits for the process that makes the same new file at this moment.
  const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
  return openStore(path, TARGETS, { driver, sleep });
}

/**
 * Lets the store leave its writes to the system's cache: no test cuts the power, and a kill does not
 * touch that cache, so a wait for the disk at each commit would prove nothing.
 */
export function withoutSync(store: Store): Store {
  store.database.exec("PRAGMA synchronous = OFF");
  return store;
}

/** Makes the open database one of an earlier layout of the same schema version. */
export function makeOlder(database: Database): void {
  database.exec("PRAGMA application_id = 0");
}

/** What a store test works with. */
export interface StoreTest {
  store: Store;
  driver: DriverName;
  folder: TempFolder;
  /** Path of the store's file. */
  path: string;
}

/** Registers a test per driver, each with a fresh store in a fresh folder. */
export function storeTest(promise: string, body: (test: StoreTest) => void | Promise<void>): void {
  eachDriver(promise, async (driver) => {
    using folder = new TempFolder();
    const path = folder.file("plexsync.db");
    const store = withoutSync(await openTestStore(path, driver));
    try {
      await body({ store, driver, folder, path });
    } finally {
      store.close();
    }
  });
}
