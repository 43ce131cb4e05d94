import { assertEquals, assertMatch } from "@std/assert";
import { needsOf } from "../../../src/app/checks/needs.ts";
import { unreadSectionsOf } from "../../../src/core/meta_keys.ts";
import { PlexsyncError } from "../../../src/core/failures/errors.ts";
import { IndexKeeper } from "../../../src/worker/index/index_keeper.ts";
import { TwoTargets } from "../two_targets_rig.ts";

const MINUTE_MS = 60_000;

Deno.test("needsOf() tells of a library that cannot be listed for ten minutes, until it can", async () => {
  await using pair = await TwoTargets.open();
  const { installation, runtime, store, right } = pair;
  const since = runtime.now();
  const unread = { section: "4", title: "Films", message: "Right answered 500", told: true };
  const keep = (parts: { since: number; told?: boolean }) =>
    store.meta.set(unreadSectionsOf("right"), [{ ...unread, absentSince: null, ...parts }]);
  keep({ since });
  assertEquals(needsOf(installation), {});
  await runtime.sleep(9 * MINUTE_MS);
  assertEquals(needsOf(installation), {});
  await runtime.sleep(MINUTE_MS);
  const needs = needsOf(installation);
  assertEquals(Object.keys(needs), ["library:right:4"]);
  assertMatch(needs["library:right:4"]!, /^right cannot list library "Films" since .*: Right/);
  // One that may be gone needs nobody.
  keep({ since, told: false });
  assertEquals(needsOf(installation), {});
  keep({ since });
  // It is none of the libraries any more.
  await new IndexKeeper(right, store, runtime, installation.log, []).refresh(0);
  assertEquals(needsOf(installation), {});
});

Deno.test("needsOf() keeps its key while a library fails otherwise from time to time", async () => {
  await using pair = await TwoTargets.open();
  const { installation, runtime, store, right } = pair;
  const keeper = new IndexKeeper(right, store, runtime, installation.log, []);
  const section = { section: "4", title: "Films", item_type: "movie" } as const;
  for (const status of [500, 502, 500, 404, 500]) {
    const error = new PlexsyncError("PlexTemporaryError", `Right answered ${status}`, { status });
    keeper.unread.failed({ ...section, cursor: 0, refreshed_at: 0, listed_at: 0 }, error, false);
    await runtime.sleep(10 * MINUTE_MS);
    assertEquals(Object.keys(needsOf(installation)), ["library:right:4"]);
  }
  keeper.unread.read({ ...section, cursor: 0, refreshed_at: 0, listed_at: 0 });
  assertEquals(needsOf(installation), {});
});
