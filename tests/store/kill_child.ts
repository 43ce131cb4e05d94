/**
 * Kills itself before statement n of one piece of work on a database file.
 * Arguments: path, driver, n, and the index of an operation, or `open`, or `upgrade`.
 */
import { migrate } from "../../src/store/database/migrate.ts";
import { snapshot } from "../../src/store/files/snapshot.ts";
import { prepareDatabase } from "../../src/store/database/open.ts";
import { Store } from "../../src/store/store.ts";
import { connect, type DriverName } from "./database/drivers.ts";
import { GROWN } from "./database/grown_schema.ts";
import { OPERATIONS } from "./kill_operations.ts";
import { killing } from "./killing_database.ts";
import { TARGETS } from "../one_target.ts";

const [path, driver, n, work] = Deno.args as [string, DriverName, string, string];
const database = await connect(path, driver);
const deadly = killing(database, Number(n));
if (work === "open") {
  await prepareDatabase(deadly, path);
} else if (work === "upgrade") {
  await migrate(deadly, (from) => snapshot(deadly, path, from), GROWN);
} else {
  await prepareDatabase(database, path);
  const store = new Store(deadly, TARGETS);
  for (const step of OPERATIONS[Number(work)]!.steps) step(store);
}
database.close();
