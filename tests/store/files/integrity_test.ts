import { assert, assertEquals, assertRejects } from "@std/assert";
import { checkFile, quickCheck } from "../../../src/store/files/integrity.ts";
import { MIGRATIONS } from "../../../src/store/database/migrations.ts";
import { eachDriver } from "../database/drivers.ts";
import { T0 } from "../samples.ts";
import { makeOlder, openTestStore, storeTest, TempFolder } from "../temp_store.ts";

storeTest("quickCheck() finds nothing wrong with a store", ({ store }) => {
  store.jobs.enqueue(["1"], "hook", T0);
  assertEquals(quickCheck(store.database), null);
});

/** What may become of a file, given the bytes of a good one. */
const DAMAGES: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>> = {
  "some text": () => new TextEncoder().encode("hello world\n".repeat(2_000)),
  "a few bytes": () => new TextEncoder().encode("SQLite"),
  "noise amid the pages": (bytes) => bytes.fill(0x5a, bytes.length / 2, bytes.length / 2 + 20_480),
  "noise instead of the schema": (bytes) => bytes.fill(0x5a, 100, 4_096),
  "the first half of itself": (bytes) => bytes.subarray(0, bytes.length / 2),
  "zeros in place of its start": (bytes) => bytes.fill(0, 0, 4_096),
};

for (const [name, damage] of Object.entries(DAMAGES)) {
  eachDriver(`checkFile() takes ${name} for a damaged database`, async (driver) => {
    using folder = new TempFolder();
    const path = folder.file("plexsync.db");
    const store = await openTestStore(path, driver);
    store.jobs.enqueue(Array.from({ length: 2_000 }, (_, at) => `${at}`), "bulk", T0);
    store.close();
    assertEquals(await checkFile(path, { driver }), { kind: "whole", schema: MIGRATIONS.length });
    const damaged = damage(Deno.readFileSync(path));
    Deno.writeFileSync(path, damaged);
    const check = await checkFile(path, { driver });
    assert(check.kind === "damaged", JSON.stringify(check));
    assert(!check.reason.includes("\n"), check.reason);
    assertEquals(Deno.readFileSync(path), damaged);
    assertEquals(folder.names().filter((each) => !each.startsWith("plexsync.db")), []);
  });
}

eachDriver("checkFile() tells an older layout from damage", async (driver) => {
  using folder = new TempFolder();
  const path = folder.file("plexsync.db");
  const store = await openTestStore(path, driver);
  makeOlder(store.database);
  store.close();
  assertEquals((await checkFile(path, { driver })).kind, "older layout");
});

eachDriver("checkFile() does not take what it cannot open for damaged", async (driver) => {
  using folder = new TempFolder();
  Deno.mkdirSync(folder.file("plexsync.db"));
  await assertRejects(() => checkFile(folder.file("plexsync.db"), { driver }));
});
