import { assertEquals } from "@std/assert";
import { WorkTimeline } from "../../../src/app/reports/work_timeline.ts";
import type { OutcomeName } from "../../../src/core/jobs/outcome.ts";
import { TARGET } from "../../one_target.ts";
import { openTestStore, TempFolder } from "../../store/temp_store.ts";

const HOUR_MS = 3_600_000;
const NOW = Date.UTC(2026, 0, 31, 12, 10, 30);

Deno.test("what was done over a range goes along with outcomes and with the clock", async () => {
  using folder = new TempFolder();
  const store = await openTestStore(folder.file("plexsync.db"), "builtin");
  let now = NOW;
  const work = new WorkTimeline({
    store,
    runtime: { now: () => now, random: () => 0, sleep: () => Promise.resolve() },
  });
  const add = (at: number, outcome: OutcomeName, duration_ms: number) =>
    store.outcomes.add({
      job_id: 1,
      scene_id: "7",
      target: TARGET,
      run_id: null,
      at,
      outcome,
      error_type: null,
      error_message: null,
      duration_ms,
      confidence: null,
      items: "[]",
      changed_fields: "[]",
      left_out: "[]",
    });
  /** `minutes ago: written per minute, p95`. */
  const shown = () =>
    work.of("1h").filter(({ p95_ms }) => p95_ms !== null)
      .map(({ at, rates, p95_ms }) => `${(now - at) / 60_000 | 0}: ${rates.written}, ${p95_ms}`);
  add(NOW - 2 * HOUR_MS, "written", 5);
  add(NOW - 10 * 60_000, "written", 5);
  add(NOW, "written", 8);
  assertEquals(shown(), ["10: 1, 5", "0: 1, 8"]);
  add(NOW, "written", 9);
  add(NOW, "waiting", 9_000);
  assertEquals(shown(), ["10: 1, 5", "0: 2, 9"]);
  now += 60_000;
  // A batch that ends a little late still counts.
  add(NOW + 20_000, "written", 12);
  assertEquals(shown(), ["11: 1, 5", "1: 3, 12"]);
  now += HOUR_MS - 60_000;
  assertEquals(shown(), ["60: 3, 12"]);
  assertEquals(work.of("24h").filter(({ p95_ms }) => p95_ms !== null).length, 2);
  now = NOW;
  add(NOW - 10 * 60_000, "written", 7);
  assertEquals(shown(), ["10: 2, 7", "0: 3, 12"]);
  store.close();
});
