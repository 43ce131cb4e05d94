import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { DeadLetter } from "../../../src/core/jobs/job.ts";
import type { Store } from "../../../src/store/store.ts";
import { DataDir } from "../data_dir.ts";
import { bury, buryMany } from "../letters.ts";
import { TARGET } from "../../one_target.ts";

const left = (store: Store) => store.deadLetters.recent(100).map((letter) => letter.id).sort();
const queued = (store: Store) => store.queue.list(100).map((job) => job.scene_id).sort();

const RETRIES: { args: string[]; ids: number[] }[] = [
  { args: ["2"], ids: [2] },
  { args: ["5", "1,3"], ids: [1, 3, 5] },
  { args: ["4", "4"], ids: [4] },
  { args: ["--all"], ids: [1, 2, 3, 4, 5] },
  { args: ["--type", "PlexNotFound", "--since", "24h"], ids: [4] },
];
for (const { args, ids } of RETRIES) {
  Deno.test(`dead retry ${args.join(" ")} puts back just those, the number said first`, async () => {
    using dir = new DataDir();
    await dir.store((store) => bury(store, Date.now()));
    const { code, stdout, stderr } = await dir.run("dead", "retry", ...args, "--json");
    assertEquals([code, JSON.parse(stdout)], [0, { retried: ids, missing: [] }]);
    const s = ids.length === 1 ? "" : "s";
    assertEquals(stderr, `${ids.length} dead letter${s} will be put back\n`);
    await dir.store((store) => {
      assertEquals(left(store), [1, 2, 3, 4, 5].filter((id) => !ids.includes(id)));
      assertEquals(queued(store), ids.map((id) => String(10 + id)));
    });
  });
}

Deno.test("dead retry gives a fresh attempt count, also to a scene that is queued already", async () => {
  using dir = new DataDir();
  await dir.store((store) => {
    bury(store, Date.now());
    store.jobs.enqueue(["12"], "bulk", Date.now());
    store.database.exec("UPDATE jobs SET retry_count = 4, wait_count = 9");
  });
  assertEquals(await dir.text("dead", "retry", "1", "2"), "Put back 2 scenes\n");
  await dir.store((store) => {
    for (const scene of ["11", "12"]) {
      const job = store.jobs.get(scene, TARGET)!;
      assertEquals([job.state, job.retry_count, job.wait_count], ["ready", 0, 0], scene);
    }
    assertEquals(store.jobs.count(), 2);
  });
});

Deno.test("dead retry is safe to repeat", async () => {
  using dir = new DataDir();
  await dir.store((store) => bury(store, Date.now()));
  const first = await dir.run("dead", "retry", "1", "2");
  assertEquals([first.code, first.stdout], [0, "Put back 2 scenes\n"]);
  const again = await dir.run("dead", "retry", "1", "3");
  assertEquals([again.code, again.stdout], [1, "Put back 1 scene\n"]);
  assertStringIncludes(again.stderr, "error: No dead letter 1\n");
  assertEquals((await dir.run("dead", "retry", "--scene", "11")).code, 0);
  await dir.store((store) => {
    assertEquals([left(store), queued(store)], [[4, 5], ["11", "12", "13"]]);
    assertEquals(store.jobs.get("11", TARGET)!.generation, 1);
  });
});

const REMOVALS: { args: string[]; ids: number[]; verb: string }[] = [
  { args: ["discard", "2"], ids: [2], verb: "discarded" },
  { args: ["discard", "--text", "100%"], ids: [2], verb: "discarded" },
  { args: ["discard", "--all"], ids: [1, 2, 3, 4, 5], verb: "discarded" },
  { args: ["purge", "--older-than", "30d"], ids: [1], verb: "purged" },
  { args: ["purge", "--type", "PlexNotFound"], ids: [1, 2, 4], verb: "purged" },
  { args: ["purge", "--all"], ids: [1, 2, 3, 4, 5], verb: "purged" },
];
for (const { args, ids, verb } of REMOVALS) {
  Deno.test(`dead ${args.join(" ")} says the number, and wants --yes off a terminal`, async () => {
    using dir = new DataDir();
    await dir.store((store) => bury(store, Date.now()));
    const said = `${ids.length} dead letter${ids.length === 1 ? "" : "s"} will be ${verb}\n`;
    const unsure = await dir.call("dead", ...args);
    assertEquals([unsure.code, unsure.stdout], [2, ""]);
    assert(unsure.stderr.startsWith(said), unsure.stderr);
    assertStringIncludes(unsure.stderr, "hint: Add --yes to delete");
    await dir.store((store) => assertEquals(left(store), [1, 2, 3, 4, 5]));

    const sure = await dir.run("dead", ...args, "--yes", "--json");
    assertEquals([sure.code, sure.stderr], [0, said]);
    assertEquals(JSON.parse(sure.stdout), { [verb]: ids, missing: [] });
    await dir.store((store) => {
      assertEquals(left(store), [1, 2, 3, 4, 5].filter((id) => !ids.includes(id)));
      assertEquals(store.jobs.count(), 0);
    });
  });
}

Deno.test("dead discard of an ID that is not there fails, the others are discarded", async () => {
  using dir = new DataDir();
  await dir.store((store) => bury(store, Date.now()));
  const { code, stdout, stderr } = await dir.run("dead", "discard", "3", "77", "--yes");
  assertEquals([code, stdout], [1, "Discarded 1 dead letter\n"]);
  assertMatch(stderr, /^1 dead letter will be discarded\nerror: No dead letter 77\n/);
});

Deno.test("what fails between the number said and the deed is not touched", async () => {
  using dir = new DataDir();
  await dir.store((store) => {
    bury(store, Date.now());
    const { count, maxId } = store.deadLetters.extent({ types: ["PlexNotFound"] });
    assertEquals([count, maxId], [3, 4]);
    bury(store, Date.now(), [{ scene: "11", type: "PlexNotFound", ago: 0 }]);
    const filter = { types: ["PlexNotFound"] as const, upToId: maxId };
    assertEquals(store.deadLetters.discard(filter), [2, 4]);
    assertEquals(left(store), [3, 5, 6]);
  });
});

Deno.test("10,000 dead letters are put back in one transaction", async () => {
  using dir = new DataDir();
  await dir.store((store) => {
    buryMany(store, 10_000, Date.now());
    let begun = 0;
    const { exec } = store.database;
    store.database.exec = (sql) => {
      if (sql.startsWith("BEGIN")) begun++;
      exec(sql);
    };
    assertEquals(store.deadLetters.retryMatching({}, Date.now()).length, 10_000);
    assertEquals([begun, store.deadLetters.count(), store.jobs.count()], [1, 0, 10_000]);
  });
});

Deno.test("dead export writes what fits as JSON, a letter per line", async () => {
  using dir = new DataDir();
  await dir.store((store) => bury(store, Date.now()));
  const all = await dir.run("dead", "export");
  assertEquals([all.code, all.stderr], [0, "5 dead letters will be exported\n"]);
  const letters = JSON.parse(all.stdout) as DeadLetter[];
  assertEquals(letters, await dir.json("dead", "list"));
  assertEquals(all.stdout.split("\n").length, 5 + 3);
  const some = JSON.parse(await dir.text("dead", "export", "--type", "PlexNotFound"));
  assertEquals(some.map(({ id }: DeadLetter) => id), [4, 2, 1]);
  assertEquals(JSON.parse(await dir.text("dead", "export", "--scene", "99")), []);
  const missing = await dir.run("dead", "export", "1", "9");
  assertEquals([missing.code, missing.stdout], [1, ""]);
  await dir.store((store) => assertEquals(left(store), [1, 2, 3, 4, 5]));
});

Deno.test("dead export --output writes a file for its owner's eyes only", async () => {
  using dir = new DataDir();
  await dir.store((store) => bury(store, Date.now()));
  const file = dir.file("letters.json");
  Deno.writeTextFileSync(file, "older and much longer ".repeat(1_000));
  Deno.chmodSync(file, 0o644);
  const { code, stdout, stderr } = await dir.run("dead", "export", "1,2", "--output", file);
  assertEquals([code, stdout], [0, ""]);
  assertEquals(stderr, `2 dead letters will be exported to ${file}\n`);
  const ids = (JSON.parse(Deno.readTextFileSync(file)) as DeadLetter[]).map(({ id }) => id);
  assertEquals(ids, [2, 1]);
  if (Deno.build.os !== "windows") assertEquals(Deno.statSync(file).mode! & 0o777, 0o600);
  const bad = await dir.run("dead", "export", "--output", dir.file("none/letters.json"));
  assertEquals(bad.code, 1);
  assertMatch(bad.stderr, /error: Cannot write /);
});
