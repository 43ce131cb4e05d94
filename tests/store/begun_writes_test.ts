import { assertEquals } from "@std/assert";
import type { Begun } from "../../src/core/written.ts";
import { attempt, done, T0, written } from "./samples.ts";
import { openTestStore, storeTest } from "./temp_store.ts";

const begun: Begun = { ratingKey: "100", text: { summary: ["New"] }, tags: { tags: ["Blue"] } };

storeTest("a begun write is known, also to the next process", async ({ store, path, driver }) => {
  store.written.put(written("7"));
  store.written.begin([{ sceneId: "7", begun }, { sceneId: "8", begun }]);
  const other = await openTestStore(path, driver);
  assertEquals(other.written.get("7"), { ...written("7"), begun });
  const { ratingKey, text, tags, begun: noted } = other.written.get("8")!;
  assertEquals([ratingKey, text, tags, noted], ["100", {}, {}, begun]);
  other.close();
});

storeTest("a settled write is begun no more; a retry leaves it as it was", ({ store }) => {
  store.jobs.enqueue(["7"], "hook", T0);
  const [job] = store.jobs.claim("me", T0, 1, 1_000);
  store.written.begin([{ sceneId: "7", begun }]);
  store.settlement.settle([attempt(job!, { to: "retry", at: T0 })], T0);
  assertEquals(store.written.get("7")?.begun, begun);
  const [again] = store.jobs.claim("me", T0, 1, 1_000);
  const end = attempt(again!, done("written"), { written: written("7") });
  store.settlement.settle([end], T0 + 1);
  assertEquals(store.written.get("7"), written("7"));
});

storeTest("nothing is begun for a scene or a Plex that is gone", ({ store }) => {
  store.written.begin([{ sceneId: "7", begun }, { sceneId: "8", begun }]);
  store.written.remove("7");
  assertEquals(store.written.get("7"), null);
  store.forgetPlex();
  assertEquals(store.written.get("8"), null);
});
