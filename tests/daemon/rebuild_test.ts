import { assertEquals, assertStringIncludes } from "@std/assert";
import { FULL_SYNC_AGREED_AT } from "../../src/core/meta_keys.ts";
import { isRebuildWanted, rebuild, wantRebuild } from "../../src/daemon/rebuild.ts";
import { createStashClient } from "../../src/stash/client.ts";
import { generateLibrary } from "../sim/library.ts";
import { startSimStash } from "../sim/stash/server.ts";
import { memory } from "../core/samples.ts";
import { storeTest } from "../store/temp_store.ts";
import { FakeRuntime } from "../worker/fake_runtime.ts";
import { collect } from "../log/harness.ts";

for (const isAgreed of [false, true]) {
  const what = isAgreed
    ? "all scenes"
    : "what was written before, until a sync of all is agreed to";
  storeTest(`rebuild() queues ${what}`, async ({ store }) => {
    const stash = await startSimStash(generateLibrary({ scenes: 3, seed: 1 }));
    const runtime = new FakeRuntime();
    const { log, lines } = collect();
    store.of("plex").written.put(memory({ sceneId: "2", writtenAt: 1 }));
    if (isAgreed) store.meta.set(FULL_SYNC_AGREED_AT, 1);
    wantRebuild(store.meta, runtime.now());
    const timeOuts = { connectTimeoutMs: 5_000, readTimeoutMs: 5_000 };
    const client = createStashClient({ fetch, ...timeOuts, url: stash.url, apiKey: stash.apiKey });
    await rebuild({ store, stash: client, runtime, log });
    await stash.close();
    const queued = store.queue.list(9).map(({ scene_id }) => scene_id).sort();
    assertEquals(queued, isAgreed ? ["1", "2", "3"] : ["2"]);
    assertEquals(isRebuildWanted(store.meta), false);
    assertStringIncludes(lines.join(""), isAgreed ? "All 3 scenes" : "plexsync sync --all shows");
  });
}
