import { openStore, type Store } from "../../src/store/store.ts";
import { TARGETS } from "../one_target.ts";
import type { World } from "./world.ts";

/** Uses the program's own database, as a second process does. */
export async function withStore<T>(world: World, use: (store: Store) => T): Promise<T> {
  const store = await openStore(world.path("plexsync.db"), TARGETS, {
    driver: "builtin",
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  });
  try {
    return use(store);
  } finally {
    store.close();
  }
}
