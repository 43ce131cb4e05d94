/** Promises 1 and 5: no kill at any statement leaves a job in two places, in none, or miscounted. */
import { assertEquals } from "@std/assert";
import { dirname } from "node:path";
import { migrate, schemaVersion } from "../../src/store/database/migrate.ts";
import { snapshot } from "../../src/store/files/snapshot.ts";
import { runChild } from "./children.ts";
import { connect, type DriverName, eachDriver } from "./database/drivers.ts";
import { GROWN } from "./database/grown_schema.ts";
import { assertInvariants, dump } from "./invariants.ts";
import { OPERATIONS } from "./kill_operations.ts";
import { statementsOf } from "./killing_database.ts";
import { claimAll, LEASE_MS, T0 } from "./samples.ts";
import { openTestStore, TempFolder, withoutSync } from "./temp_store.ts";

/** Children at a time: as many as the smallest machine has cores. */
const AT_ONCE = 2;

interface KillRun {
  driver: DriverName;
  /** What the child does; see kill_child.ts. */
  work: string;
  /** Makes the file that the child with this path starts from. */
  prepare(path: string): void;
  /** Looks at what the child left. */
  inspect(path: string, when: string): Promise<void>;
}

/**
 * Runs children that are killed before statement 1, 2, 3 … until one ends by itself.
 * @returns how many were killed
 */
async function killAtEachStatement({ driver, work, prepare, inspect }: KillRun): Promise<number> {
  for (let first = 1;; first += AT_ONCE) {
    const ends = await Promise.all(Array.from({ length: AT_ONCE }, async (_, i) => {
      const n = first + i;
      using folder = new TempFolder();
      const path = folder.file("plexsync.db");
      prepare(path);
      const { end, stderr } = await runChild("kill_child.ts", [path, driver, `${n}`, work]);
      assertEquals([end === 0 || end === "killed", stderr], [true, ""], `statement ${n}: ${end}`);
      await inspect(path, `killed before statement ${n}`);
      return end;
    }));
    const killed = ends.filter((end) => end === "killed").length;
    if (killed < AT_ONCE) return first - 1 + killed;
  }
}

OPERATIONS.forEach((operation, index) => {
  eachDriver(`no kill breaks ${operation.name}`, async (driver) => {
    using folder = new TempFolder();
    const template = folder.file("template.db");
    const allowed: string[] = [];
    const store = await openTestStore(template, driver);
    operation.before(store);
    store.close();
    Deno.copyFileSync(template, folder.file("whole.db"));
    const whole = await openTestStore(folder.file("whole.db"), driver);
    allowed.push(JSON.stringify(dump(whole.database)));
    for (const step of operation.steps) {
      step(whole);
      allowed.push(JSON.stringify(dump(whole.database)));
    }
    const base = operation.name.startsWith("takeOver") ? whole.totals.read() : null;
    whole.close();

    const seen = new Set<number>();
    const killed = await killAtEachStatement({
      driver,
      work: `${index}`,
      prepare: (path) => Deno.copyFileSync(template, path),
      async inspect(path, when) {
        const left = withoutSync(await openTestStore(path, driver));
        const state = allowed.indexOf(JSON.stringify(dump(left.database)));
        assertEquals(state >= 0, true, `${when}: neither before nor after a step`);
        seen.add(state);
        const { accepted } = operation;
        const taken = state === 0 ? null : base;
        assertInvariants(left.database, { accepted, base: taken }, when);
        // The next process goes on from there.
        left.jobs.rescueAll(T0 + LEASE_MS);
        claimAll(left, T0 + LEASE_MS);
        assertInvariants(left.database, { accepted, base: taken }, `${when}, then gone on`);
        left.close();
      },
    });
    // Each step was met before and after, so the kills came where they were meant to.
    assertEquals(
      [...seen].sort(),
      allowed.map((_, i) => i).filter((i) => allowed.indexOf(allowed[i]!) === i),
    );
    assertEquals(killed >= operation.steps.length, true);
  });
});

eachDriver("no kill breaks the making of a new database", async (driver) => {
  const tables = new Set<number>();
  const killed = await killAtEachStatement({
    driver,
    work: "open",
    prepare: () => {},
    async inspect(path, when) {
      const database = await connect(path, driver);
      tables.add(Object.keys(dump(database)).length);
      assertEquals(tables.size <= 2, true, `${when}: half a schema`);
      database.close();
      const store = withoutSync(await openTestStore(path, driver));
      assertEquals(store.jobs.enqueue(["1"], "hook", T0), { added: 1, merged: 0 });
      assertInvariants(store.database, { accepted: ["1"] }, when);
      store.close();
    },
  });
  assertEquals(tables.has(0) && tables.size === 2, true);
  assertEquals(killed > 30, true, `${killed} statements`);
});

eachDriver("no kill breaks an upgrade, and what was before it is kept", async (driver) => {
  using folder = new TempFolder();
  const template = folder.file("template.db");
  const old = await connect(template, driver);
  await migrate(old, () => Promise.resolve(), GROWN.slice(0, 1));
  old.close();
  const versions = new Set<number>();
  const killed = await killAtEachStatement({
    driver,
    work: "upgrade",
    prepare: (path) => Deno.copyFileSync(template, path),
    async inspect(path, when) {
      const database = await connect(path, driver);
      versions.add(schemaVersion(database));
      await migrate(database, (from) => snapshot(database, path, from), GROWN);
      assertEquals(database.prepare("SELECT * FROM notes").all(), [{ text: "first", at: 7 }], when);
      database.close();
      const copy = await connect(`${path}.before-schema-1`, driver);
      assertEquals(schemaVersion(copy), 1, when);
      assertEquals(copy.prepare("SELECT * FROM notes").all(), [{ text: "first" }], when);
      copy.close();
      const left = [...Deno.readDirSync(dirname(path))].map(({ name }) => name)
        .filter((name) => name.includes(".before-schema-1."));
      assertEquals(left, [], when);
    },
  });
  assertEquals([...versions].sort(), [1, 3]);
  assertEquals(killed > GROWN.length, true);
});

Deno.test("statementsOf() parts a script at its semicolons", () => {
  assertEquals(statementsOf("CREATE TABLE a (b);\n -- c\n SELECT 1; \n"), [
    "CREATE TABLE a (b)",
    "\n -- c\n SELECT 1",
  ]);
});
