import { assertEquals } from "@std/assert";
import { CLOSED } from "../../src/core/jobs/breaker.ts";
import { emptyReport } from "../../src/core/reconcile/reconcile_report.ts";
import { outcomeJson } from "../../src/app/scenes/outcome_json.ts";
import { breakerOf, machineOf, type MetaKey, SWEEP } from "../../src/core/meta_keys.ts";
import { scene } from "../core/samples.ts";
import { assertInvariants } from "./invariants.ts";
import { anyKey, attempt, claimed, done, indexed, T0, written } from "./samples.ts";
import { storeTest } from "./temp_store.ts";
import { TARGET } from "../one_target.ts";
import { noteScenes } from "../../src/store/library/scene_notes.ts";

storeTest(
  "forgetTarget() forgets the server, its items and what was written, no job",
  ({ store }) => {
    store.meta.set(machineOf("plex"), "abc");
    store.meta.set(anyKey("other"), 1);
    store.of(TARGET).index.put([indexed("100", "/a.mp4")], T0);
    noteScenes(store.database, [scene({ id: "7", links: [{ kind: "tag", id: "5" }] })], T0);
    store.of(TARGET).written.put(written("7"));
    store.jobs.enqueue(["7"], "hook", T0);
    store.of(TARGET).forget();
    assertEquals([store.meta.get(machineOf("plex")), store.meta.get(anyKey("other"))], [
      undefined,
      1,
    ]);
    assertEquals([store.of(TARGET).index.count(), store.of(TARGET).written.ofScene("7")], [{
      items: 0,
      files: 0,
    }, []]);
    assertEquals(store.scenes.scenesOf({ kind: "tag", id: "5" }, 0, 9), []);
    assertEquals(store.jobs.count(), 1);
    assertInvariants(store.database, { accepted: ["7"] });
  },
);

const values: unknown[] = [
  null,
  0,
  false,
  "",
  "é ☃ 𝄞 \u0001 '\"",
  1_790_000_000_000,
  { cursor: "2026-01-01T00:00:00Z", ids: ["1", "2"], deep: { a: [null] } },
];
storeTest("meta keeps any JSON value, a null apart from none", ({ store }) => {
  values.forEach((value, i) => store.meta.set(anyKey(`key ${i}`), value));
  values.forEach((value, i) => assertEquals(store.meta.get(anyKey(`key ${i}`)), value));
  assertEquals(store.meta.get(anyKey("none")), undefined);
  store.meta.set(anyKey("key 0"), "new");
  assertEquals(store.meta.get(anyKey("key 0")), "new");
  store.meta.remove(anyKey("key 0"));
  store.meta.remove(anyKey("none"));
  assertEquals(store.meta.get(anyKey("key 0")), undefined);
});

const damages: { name: string; value: string }[] = [
  { name: "no JSON", value: '{"state":"op' },
  { name: "another type", value: '"open"' },
  { name: "a part of it", value: '{"state":"open","failures":5}' },
  { name: "a value that it never has", value: '{"state":"ajar","failures":5,"probes":0}' },
];
for (const { name, value } of damages) {
  storeTest(`meta takes ${name} for a fact that was never stored`, ({ store }) => {
    const keys: MetaKey<unknown>[] = [breakerOf("plex"), SWEEP];
    for (const key of keys) {
      store.database.prepare("INSERT INTO meta VALUES (?, ?)").run(key.name, value);
      assertEquals(store.meta.get(key), undefined);
    }
    store.meta.set(breakerOf("plex"), CLOSED);
    assertEquals(store.meta.get(breakerOf("plex")), CLOSED);
  });
}

storeTest("an outage is kept from its first failure to its end, one at a time", ({ store }) => {
  store.outages.end("plex", 5);
  assertEquals(store.outages.recent(9), []);
  store.outages.begin("plex", 10, "refused");
  store.outages.begin("plex", 20, "timeout");
  store.outages.begin("stash", 15, "refused");
  const open = { id: 1, server: "plex", started_at: 10, ended_at: null, cause: "refused" };
  assertEquals(store.outages.current("plex"), open as never);
  store.outages.end("plex", 30);
  assertEquals(store.outages.current("plex"), undefined);
  store.outages.end("plex", 99);
  store.outages.begin("plex", 40, "503");
  // A clock that was set back makes no outage of negative length.
  store.outages.end("plex", 7);
  const rows = store.outages.recent(9, "plex");
  assertEquals(rows.map((row) => [row.started_at, row.ended_at]), [[40, 40], [10, 30]]);
  assertEquals(store.outages.recent(1).map((row) => row.cause), ["503"]);
  assertEquals(store.outages.current("stash")?.started_at, 15);
});

storeTest("a run whose stored counts are damaged counts as one that found nothing", ({ store }) => {
  const { reconcileRuns: runs } = store;
  const report = { ...emptyReport(), scenes: 3, queued: 1 };
  const begun = runs.begin({ at: T0, origin: "command", scope: "all", dryRun: false, report });
  assertEquals(runs.recent()[0]!.report, report);
  for (const counts of ["{", "[]", '{"scenes":"3","classes":{"empty":7}}']) {
    store.database.prepare("UPDATE reconcile_runs SET counts = ?").run(counts);
    assertEquals(runs.recent()[0]!.report, emptyReport());
  }
  assertEquals("id" in begun, true);
});

storeTest("an outcome whose list of fields is damaged changed none", ({ store }) => {
  const end = attempt(claimed(store), done("written"), { changedFields: ["title"] });
  store.settlement.settle([end], T0);
  const fields = () => outcomeJson(store.outcomes.recent(1)[0]!).changed_fields;
  assertEquals(fields(), ["title"]);
  for (const damaged of ['["title"', '{"title":1}', "[7,null]"]) {
    store.database.prepare("UPDATE outcomes SET changed_fields = ?").run(damaged);
    assertEquals(fields(), [], damaged);
  }
});
