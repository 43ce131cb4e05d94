import { assert, assertEquals, assertMatch } from "@std/assert";
import { withWorld } from "./world.ts";

const MIXED = { scenes: 12, seed: 25, ambiguous: 1 };
const LIMIT_BYTES = 8_192;
// deno-lint-ignore no-control-regex
const WRAPPED = /^\x01([tdiwe])\x02\[PlexSync ([A-Z][A-Za-z]*)\] ([^\x00-\x1f\x7f]+)$/;

/** The lines of a text that ends with a line break. */
function linesOf(text: string): string[] {
  assert(text.endsWith("\n"), "the last line has no end");
  return text.slice(0, -1).split("\n");
}

/** Messages of lines in Stash's wrapper, each with its level. */
function unwrap(text: string): { level: string; component: string; message: string }[] {
  return linesOf(text).map((line) => {
    const [, level = "", component = "", message = ""] = WRAPPED.exec(line) ?? [];
    assert(message !== "", `Not in Stash's wrapper: ${JSON.stringify(line)}`);
    assert(new TextEncoder().encode(line).length <= LIMIT_BYTES, "a line is too long");
    return { level, component, message };
  });
}

Deno.test("under Stash every line of every level is in its wrapper, byte for byte", async () => {
  await withWorld(MIXED, async (world) => {
    world.stash.upsert([{ id: 2, title: "line\nbreak \u001b[31mand\u0001i\u0002 more", tags: [] }]);
    await world.expect(0, "sync", "--all", "--yes");
    const args = ["run", "--once", "--log-target", "stash"];
    const { stderr } = await world.expect(0, ...args, "--log-level", "trace");
    const lines = unwrap(stderr);
    assert(new Set(lines.map(({ level }) => level)).size >= 3, "too few levels to prove anything");
    // A start after that: what lies in the dead-letter store is said.
    const again = unwrap((await world.expect(0, ...args)).stderr);
    const said = again.filter(({ level }) => level === "w").map(({ message }) => message);
    assertEquals(said[0]?.replace(/ event=.*/, ""), "DLQ contains 1 failed jobs requiring review");
    assertMatch(said[1] ?? "", /^DLQ #1: scene \d+ - AmbiguousMatch: .{1,80}$/);
  });
});

const SUMMARY =
  /^Sync summary: 11\/12 succeeded \(91\.7%\), avg \d+ms, confidence: 11 high \/ 0 low$/;
const STATS =
  /^\{"processed":12,"succeeded":11,"failed":1,"to_dlq":1,"success_rate":"91\.7%","avg_time_ms":\d+,"high_confidence":11,"low_confidence":0,"errors_by_type":\{"AmbiguousMatch":1\},"dlq":\{"AmbiguousMatch":1\}/;

Deno.test("the batch summary is said in the words that other programs read", async () => {
  await withWorld(MIXED, async (world) => {
    await world.expect(0, "sync", "--all", "--yes");
    const { stderr } = await world.expect(0, "run", "--once", "--log-target", "stash");
    const lines = unwrap(stderr);
    const at = lines.findIndex(({ message }) => message.startsWith("Sync summary"));
    const [summary, stats, dlq] = lines.slice(at);
    assertMatch(summary?.message ?? "", SUMMARY);
    assertEquals([summary?.level, stats?.level, stats?.component], ["i", "i", "Stats"]);
    assertMatch(stats?.message ?? "", STATS);
    assertEquals([dlq?.level, dlq?.message], ["w", "DLQ contains 1 items: 1 AmbiguousMatch"]);
  });
});

Deno.test("with log_format json every message is one JSON object, also under Stash", async () => {
  await withWorld(MIXED, async (world) => {
    await world.expect(0, "sync", "--all", "--yes");
    const json = ["--log-format", "json", "--log-level", "trace"];
    const wrapped = await world.expect(0, "run", "--once", ...json, "--log-target", "stash");
    for (const { message } of unwrap(wrapped.stderr)) {
      const record = JSON.parse(message);
      if ("processed" in record && !("event" in record)) continue;
      for (const name of ["event", "level", "component"]) assert(name in record, message);
    }
    const bare = await world.expect(0, "run", "--once", ...json, "--log-target", "console");
    for (const line of linesOf(bare.stderr)) JSON.parse(line.slice(line.indexOf("{")));
  });
});

Deno.test("for the journal each line begins with its priority", async () => {
  await withWorld(MIXED, async (world) => {
    await world.expect(0, "sync", "--all", "--yes");
    const env = { JOURNAL_STREAM: "8:12345" };
    const { stderr } = await world.run(["run", "--once", "--log-level", "trace"], { env });
    for (const line of linesOf(stderr)) assertMatch(line, /^<[34567]>\[PlexSync [A-Za-z]+\] /);
  });
});
