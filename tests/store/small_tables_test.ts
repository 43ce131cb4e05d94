import { assertEquals } from "@std/assert";
import type { EntityRef } from "../../src/core/scene.ts";
import { PLEX_MACHINE } from "../../src/core/plex_machine.ts";
import { assertInvariants } from "./invariants.ts";
import { indexed, T0, written } from "./samples.ts";
import { openTestStore, storeTest } from "./temp_store.ts";

storeTest("what was written comes back as it was given", async ({ store, path, driver }) => {
  const full = written("7");
  const empty = { ...full, sceneId: "8", text: {}, tags: {}, images: {}, rating: null };
  store.written.put(full);
  store.written.put(empty);
  const other = await openTestStore(path, driver);
  assertEquals(other.written.get("7"), full);
  assertEquals(other.written.get("8"), empty);
  other.close();
});

storeTest("a scene has one written row: the newer replaces the older", ({ store }) => {
  store.written.put(written("7"));
  const newer = { ...written("7", "200"), tags: {}, sceneHash: "other", writtenAt: 5 };
  store.written.put(newer);
  assertEquals(store.written.get("7"), newer);
  store.written.remove("7");
  store.written.remove("7");
  assertEquals(store.written.get("7"), null);
});

storeTest("an entity has the scenes that named it when they were last written", ({ store }) => {
  const tag = (id: string) => ({ kind: "tag", id } as const);
  const link = (sceneId: string, ...links: EntityRef[]) =>
    store.written.put({ ...written(sceneId), links });
  for (const scene of ["10", "9", "100"]) link(scene, tag("5"), { kind: "studio", id: "5" });
  link("11", tag("6"));
  assertEquals(store.written.scenesOf(tag("5"), 0, 9), ["9", "10", "100"]);
  assertEquals(store.written.scenesOf(tag("5"), 9, 1), ["10"]);
  assertEquals(store.written.scenesOf({ kind: "performer", id: "5" }, 0, 9), []);
  link("10", tag("6"));
  store.written.remove("9");
  assertEquals(store.written.scenesOf(tag("5"), 0, 9), ["100"]);
  assertEquals(store.written.scenesOf(tag("6"), 0, 9), ["10", "11"]);
  assertInvariants(store.database);
});

storeTest(
  "forgetPlex() forgets the server, its items and what was written, no job",
  ({ store }) => {
    store.meta.set(PLEX_MACHINE, "abc");
    store.meta.set("other", 1);
    store.index.put([indexed("100", "/a.mp4")], T0);
    store.written.put(written("7"));
    store.jobs.enqueue(["7"], "hook", T0);
    store.forgetPlex();
    assertEquals([store.meta.get(PLEX_MACHINE), store.meta.get("other")], [undefined, 1]);
    assertEquals([store.index.count(), store.written.get("7")], [{ items: 0, files: 0 }, null]);
    assertEquals(store.written.scenesOf({ kind: "tag", id: "5" }, 0, 9), []);
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
  values.forEach((value, i) => store.meta.set(`key ${i}`, value));
  values.forEach((value, i) => assertEquals(store.meta.get(`key ${i}`), value));
  assertEquals(store.meta.get("none"), undefined);
  store.meta.set("key 0", "new");
  assertEquals(store.meta.get("key 0"), "new");
  store.meta.remove("key 0");
  store.meta.remove("none");
  assertEquals(store.meta.get("key 0"), undefined);
});

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
