import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { realDisk } from "../../../src/app/data/atomic_file.ts";
import { readStats, takeStats, writeStats } from "../../../src/app/reports/stats_file.ts";
import { TempFolder } from "../../store/temp_store.ts";
import { NO_STATS, NOW, PYTHON_FILE, STATS } from "../../daemon/samples.ts";

Deno.test("writeStats() writes all keys, those of this session, and the time", () => {
  using folder = new TempFolder();
  const path = folder.file("stats.json");
  assertEquals(writeStats(path, NOW, STATS, NO_STATS), { wrote: true, damage: null });
  assertEquals(JSON.parse(Deno.readTextFileSync(path)), {
    ...STATS,
    updated_at: "2026-11-22T10:00:00.000Z",
    session: NO_STATS,
  });
  assertEquals(folder.names(), ["stats.json"]);
});

Deno.test("writeStats() changes nothing when there was no work since, also after a restart", () => {
  using folder = new TempFolder();
  const path = folder.file("stats.json");
  writeStats(path, NOW, STATS, STATS);
  const before = Deno.readTextFileSync(path);
  const nothing = { wrote: false, damage: null };
  assertEquals(writeStats(path, NOW + 5_000, STATS, STATS), nothing);
  const restarted = { ...NO_STATS, session_start: NO_STATS.session_start + 9 };
  assertEquals(writeStats(path, NOW + 9_000, STATS, restarted), nothing);
  assertEquals(Deno.readTextFileSync(path), before);
});

Deno.test("writeStats() notices a change in every single counter", () => {
  using folder = new TempFolder();
  const path = folder.file("stats.json");
  for (const [key, value] of Object.entries(STATS)) {
    writeStats(path, NOW, STATS, STATS);
    const next = typeof value === "number" ? value + 1 : { ...value, Unknown: 1 };
    const { wrote } = writeStats(path, NOW, { ...STATS, [key]: next }, STATS);
    assert(wrote, key);
  }
});

Deno.test("writeStats() completes a file of the Python plugin that has the same counters", () => {
  using folder = new TempFolder();
  const path = folder.file("stats.json");
  Deno.writeTextFileSync(path, JSON.stringify(STATS));
  assert(writeStats(path, NOW, STATS, NO_STATS).wrote);
  assertEquals(JSON.parse(Deno.readTextFileSync(path)).session, NO_STATS);
});

Deno.test("writeStats() keeps the keys of a newer version's file", () => {
  using folder = new TempFolder();
  const path = folder.file("stats.json");
  const newer = { schema: 3, ...STATS, later: { a: [1, null] }, session: { ...STATS, more: 1 } };
  Deno.writeTextFileSync(path, JSON.stringify(newer));
  const all = { ...STATS, jobs_processed: 51, jobs_succeeded: 49 };
  writeStats(path, NOW, all, NO_STATS);
  writeStats(path, NOW, { ...all, jobs_processed: 52 }, NO_STATS);
  const { schema, later, jobs_processed, session } = JSON.parse(Deno.readTextFileSync(path));
  assertEquals([schema, later, jobs_processed], [3, { a: [1, null] }, 52]);
  assertEquals(session, NO_STATS);
});

const DAMAGED: { what: string; text: string; reason: RegExp }[] = [
  { what: "an empty file", text: "", reason: /no JSON/ },
  { what: "half a file", text: PYTHON_FILE.slice(0, 100), reason: /no JSON/ },
  { what: "zeros after a power cut", text: "\0".repeat(300), reason: /no JSON/ },
  { what: "NaN, which Python writes", text: '{"total_processing_time": NaN}', reason: /no JSON/ },
  { what: "a list", text: "[]", reason: /no object/ },
  { what: "null", text: "null", reason: /no object/ },
  { what: "a text for a number", text: '{"jobs_failed":"2"}', reason: /^jobs_failed/ },
  { what: "a negative number", text: '{"jobs_processed":-1}', reason: /^jobs_processed/ },
  { what: "half a job", text: '{"jobs_succeeded":1.5}', reason: /^jobs_succeeded/ },
  { what: "a number beyond all measure", text: '{"jobs_to_dlq":1e300}', reason: /^jobs_to_dlq/ },
  { what: "infinite time", text: '{"session_start":1e999}', reason: /^session_start/ },
  { what: "negative time", text: '{"total_processing_time":-1}', reason: /^total_processing/ },
  { what: "a list of errors", text: '{"errors_by_type":[1]}', reason: /^errors_by_type/ },
  {
    what: "errors without counts",
    text: '{"errors_by_type":{"a":"b"}}',
    reason: /^errors_by_type/,
  },
];

for (const { what, text, reason } of DAMAGED) {
  Deno.test(`takeStats() sets ${what} aside, kept as it was`, () => {
    using folder = new TempFolder();
    const path = folder.file("stats.json");
    Deno.writeTextFileSync(path, text);
    const { stats, damage } = takeStats(path, NOW);
    assertEquals([stats, damage?.aside], [null, `${path}.damaged-${NOW}`]);
    assertMatch(damage!.reason, reason);
    assertEquals(folder.names(), [`stats.json.damaged-${NOW}`]);
    assertEquals(Deno.readTextFileSync(damage!.aside!), text);
  });
}

Deno.test("takeStats() sets aside what is no file", () => {
  using folder = new TempFolder();
  Deno.mkdirSync(folder.file("stats.json"));
  const { stats, damage } = takeStats(folder.file("stats.json"), NOW);
  assertEquals(stats, null);
  assertMatch(damage!.reason, /^it cannot be read/);
  assertEquals(folder.names(), [`stats.json.damaged-${NOW}`]);
});

Deno.test("takeStats() takes a missing file for an empty one", () => {
  using folder = new TempFolder();
  const nothing = { stats: null, damage: null };
  assertEquals(takeStats(folder.file("stats.json"), NOW), nothing);
  assertEquals(takeStats(folder.file("no/such/folder/stats.json"), NOW), nothing);
  Deno.writeTextFileSync(folder.file("file"), "");
  assertEquals(takeStats(folder.file("file/stats.json"), NOW), nothing);
});

Deno.test("takeStats() reads a file that lacks keys, or has null for them", () => {
  using folder = new TempFolder();
  const path = folder.file("stats.json");
  Deno.writeTextFileSync(path, '{"jobs_processed":7,"errors_by_type":null,"session_start":null}');
  const want = { ...NO_STATS, jobs_processed: 7, session_start: 0 };
  assertEquals(takeStats(path, NOW), { stats: want, damage: null });
});

Deno.test("writeStats() sets a file aside that was damaged while it ran", () => {
  using folder = new TempFolder();
  const path = folder.file("stats.json");
  writeStats(path, NOW, NO_STATS, NO_STATS);
  Deno.writeTextFileSync(path, "{");
  const { wrote, damage } = writeStats(path, NOW, STATS, STATS);
  assertEquals([wrote, damage?.reason], [true, "it is no JSON"]);
  assertEquals(folder.names(), ["stats.json", `stats.json.damaged-${NOW}`]);
  assertEquals(readStats(path).kind, "read");
});

Deno.test("writeStats() leaves the old snapshot whole when the disk is full, and goes on after", () => {
  using folder = new TempFolder();
  const path = folder.file("stats.json");
  writeStats(path, NOW, NO_STATS, NO_STATS);
  const full = {
    ...realDisk,
    create(path: string) {
      const file = realDisk.create(path);
      return {
        writeSync(): number {
          throw new Error("No space left on device (os error 28)");
        },
        syncSync: () => file.syncSync(),
        close: () => file.close(),
      };
    },
  };
  assertThrows(() => writeStats(path, NOW, STATS, STATS, full), Error, "No space left");
  const read = readStats(path);
  assertEquals(read.kind === "read" && read.stats, NO_STATS);
  assertEquals(folder.names(), ["stats.json"]);
  assert(writeStats(path, NOW, STATS, STATS).wrote);
});
