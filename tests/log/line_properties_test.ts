import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { LogFormat } from "../../src/config/config.ts";
import { byteLength } from "../../src/core/text/escape.ts";
import type { LogFields } from "../../src/log/line_fields.ts";
import { MAX_LINE_BYTES } from "../../src/log/line.ts";
import type { ResolvedTarget } from "../../src/log/output.ts";
import { AT, collect } from "./harness.ts";

/** Anything a scene title or a server's answer can hold, lone surrogates included, up to 40 kB. */
const hostile = fc.oneof(
  { weight: 6, arbitrary: fc.string({ unit: "binary", maxLength: 300 }) },
  {
    weight: 2,
    arbitrary: fc.array(fc.nat(0xffff), { maxLength: 50 }).map((units) =>
      String.fromCharCode(...units)
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(
      fc.constantFrom("x", "\x00", "é", "😀", "\ud83d", '"', "\\", "\n"),
      fc.nat(10_000),
    )
      .map(([text, count]) => text.repeat(count)),
  },
);

const fields: fc.Arbitrary<LogFields> = fc.record({
  event: hostile,
  path: hostile,
  scene_id: fc.oneof(hostile, fc.integer(), fc.double()),
  changed: fc.array(hostile, { maxLength: 5 }),
  details: fc.dictionary(hostile, fc.oneof(hostile, fc.boolean(), fc.constant(null))),
  error: fc.oneof(hostile, hostile.map((message) => new Error(message))),
}, { requiredKeys: [] });

const PREFIXES: Record<ResolvedTarget, RegExp> = {
  stash: /^\p{Cc}[tdiwe]\p{Cc}\[PlexSync [^]*\] /u,
  journal: /^<[3-7]>/,
  console: /^(\d\d:\d\d:\d\d INFO \[PlexSync |\{)/,
  file: /^(2026-\S+Z INFO \[PlexSync |\{)/,
};

const FORMATS: LogFormat[] = ["text", "json"];

for (const target of Object.keys(PREFIXES) as ResolvedTarget[]) {
  for (const format of FORMATS) {
    Deno.test(`a record is one short clean line, whatever it holds (${format} for ${target})`, () => {
      const anything = fc.tuple(hostile, hostile, fields);
      fc.assert(
        fc.property(anything, ([component, message, given]) => {
          const { log, lines } = collect({ target, format, component });
          log.info(message, given);
          assertEquals(lines.length, 1);
          const line = lines[0]!;
          assert(byteLength(line) <= MAX_LINE_BYTES, `${byteLength(line)} bytes`);
          assert(PREFIXES[target].test(line), line.slice(0, 80));
          assert(line.endsWith("\n"));
          const inner = target === "stash" ? line.slice(3, -1) : line.slice(0, -1);
          assertEquals(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/u.exec(inner), null);
          if (format === "json") JSON.parse(inner.slice(inner.indexOf('{"')));
        }),
        { numRuns: 150 },
      );
    });
  }
}

Deno.test("a JSON record that is short enough parses back to what was logged", () => {
  const short = fc.string({ unit: "binary", maxLength: 40 });
  fc.assert(fc.property(short, short, short, (message, path, hint) => {
    const { log, lines } = collect({ target: "file", format: "json" });
    log.info(message, { path, hint, scene_id: "12" });
    const want = {
      ts: new Date(AT).toISOString(),
      level: "info",
      component: "Worker",
      event: "log",
      message,
      path,
      hint,
      scene_id: "12",
    };
    assertEquals(JSON.parse(lines[0]!), want);
  }));
});

Deno.test("a long record loses its longest texts first and keeps what says what happened", () => {
  const error = {
    error_type: "PlexNotFound",
    hint: "Check that the file is there",
    scene_id: "12",
  };
  for (const format of FORMATS) {
    const { log, lines } = collect({ format, target: "journal" });
    log.error("x".repeat(100_000), { ...error, stack_trace: "😀".repeat(50_000) });
    const line = lines[0]!;
    assert(byteLength(line) > MAX_LINE_BYTES - 100, `${byteLength(line)} bytes are used`);
    for (const kept of Object.values(error)) assert(line.includes(kept), `${format} keeps ${kept}`);
    assertEquals(line.split("…[cut]").length, 3);
  }
});

Deno.test("a record with too many fields keeps its message", () => {
  const { log, lines } = collect({ format: "json", target: "file" });
  log.error("Scene 12 failed", { candidates: Array.from({ length: 5_000 }, String) });
  const { message, truncated, level } = JSON.parse(lines[0]!);
  assertEquals([message, truncated, level], ["Scene 12 failed", true, "error"]);
});
