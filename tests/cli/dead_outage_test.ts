import { assertEquals, assertStringIncludes } from "@std/assert";
import { MINUTE_MS } from "../../src/core/time/duration.ts";
import type { ErrorType } from "../../src/core/failures/error_types.ts";
import type { Store } from "../../src/store/store.ts";
import { DataDir } from "./data_dir.ts";
import { TARGET } from "../one_target.ts";

const START = Date.UTC(2026, 0, 10, 20);
const END = START + 60 * MINUTE_MS;

function letter(store: Store, scene: string, type: ErrorType, failedAt: number): void {
  store.database.prepare(
    `INSERT INTO dead_letters (job_id, scene_id, target, job_data, error_type, error_message, retry_count,
       hint, failed_at) VALUES (1, ?, 'plex', '{}', ?, 'failed', 5, 'hint', ?)`,
  ).run(scene, type, failedAt);
}

function outage(store: Store, end: number | null): void {
  store.outages.begin("plex", START, "refused");
  if (end !== null) store.outages.end("plex", end);
}

Deno.test("dead retry --outage puts back what Plex's last outage caused, and nothing else", async () => {
  using dir = new DataDir();
  await dir.store((store) => {
    store.outages.begin("plex", START - 999 * MINUTE_MS, "an older one");
    store.outages.end("plex", START - 900 * MINUTE_MS);
    outage(store, END);
    letter(store, "1", "TransientError", START + MINUTE_MS);
    letter(store, "2", "PlexTemporaryError", END + MINUTE_MS);
    letter(store, "3", "TransientError", START - MINUTE_MS);
    letter(store, "4", "TransientError", END + 60 * MINUTE_MS);
    letter(store, "5", "AmbiguousMatch", START + MINUTE_MS);
  });
  assertEquals(await dir.text("dead", "retry", "--outage"), "Put back 2 scenes\n");
  assertEquals(await dir.text("dead", "retry", "--outage"), "Put back 0 scenes\n");
  await dir.store((store) => {
    assertEquals(store.queue.list(9).map((job) => job.scene_id).sort(), ["1", "2"]);
    assertEquals(store.jobs.get("1", TARGET)?.generation, 1);
  });
});

Deno.test("dead retry --outage waits for Plex to be back", async () => {
  using dir = new DataDir();
  await dir.store((store) => {
    outage(store, null);
    letter(store, "1", "TransientError", START + MINUTE_MS);
  });
  const { code, stderr } = await dir.run("dead", "retry", "--outage");
  assertEquals(code, 3);
  assertStringIncludes(stderr, "Plex is down since");
  await dir.store((store) => assertEquals(store.jobs.count(), 0));
});

Deno.test("dead retry --outage without any outage puts nothing back", async () => {
  using dir = new DataDir();
  await dir.store((store) => letter(store, "1", "TransientError", START));
  assertEquals(await dir.text("dead", "retry", "--outage"), "Put back 0 scenes\n");
});
