import { assertEquals } from "@std/assert";
import type { Database, Statement } from "../../../src/store/database/database.ts";
import { Rig } from "../rig.ts";

/** Counts what makes the disk wait: transactions, and changes outside of one. */
function countCommits(database: Database): () => number {
  let commits = 0;
  let isOpen = false;
  const exec = database.exec;
  database.exec = (sql) => {
    exec(sql);
    if (sql.startsWith("BEGIN")) isOpen = true;
    else if (sql === "COMMIT" || sql === "ROLLBACK") {
      isOpen = false;
      commits++;
    }
  };
  const prepare = database.prepare;
  database.prepare = (sql): Statement => {
    const statement = prepare(sql);
    const run: Statement["run"] = (...values) => {
      if (!isOpen) commits++;
      return statement.run(...values);
    };
    return { run, get: statement.get, all: statement.all };
  };
  return () => commits;
}

async function commitsOf(scenes: number): Promise<number> {
  await using rig = await Rig.open({ library: { scenes }, settings: { batchSize: 50 } });
  rig.enqueue();
  const count = countCommits(rig.store.database);
  await rig.once();
  assertEquals(rig.outcomes(), { written: scenes });
  return count();
}

Deno.test("a batch waits for the disk once more for every 25 further scenes, and no more", async () => {
  const few = await commitsOf(5);
  assertEquals(await commitsOf(25), few);
  assertEquals(await commitsOf(50), few + 1);
});
