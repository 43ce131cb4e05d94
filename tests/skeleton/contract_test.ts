/**
 * What the project relies on in the JSR packages. It runs against whichever is in use, the real
 * ones or the stand-ins, so that the two cannot drift apart.
 */
import {
  assert,
  assertEquals,
  AssertionError,
  assertMatch,
  assertNotEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { parseArgs, unicodeWidth } from "@std/cli";
import {
  BaseHandler,
  getLevelByName,
  type LevelName,
  Logger,
  LogLevels,
  type LogRecord,
} from "@std/log";
import { currentImports } from "../program.ts";

/** The message of the AssertionError that `fn` throws. Without `assertThrows`, which is on trial. */
function failure(fn: () => unknown): string {
  try {
    fn();
  } catch (error) {
    if (error instanceof AssertionError) return error.message;
    throw error;
  }
  throw new Error("The assertion passed");
}

const cycle: { self?: unknown } = {};
cycle.self = cycle;

const equalities: { name: string; a: unknown; b: unknown; same: boolean }[] = [
  { name: "NaN and NaN", a: NaN, b: NaN, same: true },
  { name: "0 and -0", a: 0, b: -0, same: true },
  { name: "1 and '1'", a: 1, b: "1", same: false },
  { name: "keys in another order", a: { x: 1, y: [2] }, b: { y: [2], x: 1 }, same: true },
  { name: "an undefined key and none", a: { x: undefined }, b: {}, same: false },
  {
    name: "a row without prototype and a plain object",
    a: Object.assign(Object.create(null), { x: 1 }),
    b: { x: 1 },
    same: true,
  },
  { name: "an array and its like", a: [1], b: { 0: 1, length: 1 }, same: false },
  { name: "equal dates", a: new Date(5), b: new Date(5), same: true },
  { name: "bytes", a: new Uint8Array([1, 2]), b: new Uint8Array([1, 2]), same: true },
  { name: "other bytes", a: new Uint8Array([1, 2]), b: new Uint8Array([1, 3]), same: false },
  { name: "sets in another order", a: new Set([1, 2]), b: new Set([2, 1]), same: true },
  {
    name: "maps of objects",
    a: new Map([["k", { x: 1 }]]),
    b: new Map([["k", { x: 1 }]]),
    same: true,
  },
  { name: "maps that differ", a: new Map([["k", 1]]), b: new Map([["k", 2]]), same: false },
  { name: "an object with itself inside", a: cycle, b: cycle, same: true },
];

for (const { name, a, b, same } of equalities) {
  Deno.test(`assertEquals() and assertNotEquals() on ${name}: ${same ? "equal" : "not"}`, () => {
    const [passes, fails] = same
      ? [assertEquals, assertNotEquals]
      : [assertNotEquals, assertEquals];
    passes(a, b);
    failure(() => fails(a, b));
  });
}

Deno.test("assertEquals() shows what differs, and the message", () => {
  const message = failure(() => assertEquals({ x: 1, y: 2 }, { x: 1, y: 3 }, "rows"));
  assertStringIncludes(message, "Values are not equal: rows");
  assertMatch(message, /-.*y: 2/);
  assertMatch(message, /\+.*y: 3/);
});

Deno.test("assert() narrows and fails on what is falsy", () => {
  const value: string | undefined = ["a"][0];
  assert(value);
  assertEquals(value.length, 1);
  assertEquals(failure(() => assert(0, "zero")), "zero");
});

Deno.test("assertStringIncludes() and assertMatch() name both sides", () => {
  assertStringIncludes("abc", "b");
  assertMatch("abc", /b/);
  assertMatch(failure(() => assertStringIncludes("abc", "x")), /"abc".*"x"/);
  assertMatch(failure(() => assertMatch("abc", /x/)), /"abc".*\/x\//);
});

Deno.test("assertThrows() returns the error and checks its class and message", () => {
  const fail = () => {
    throw new RangeError("too far");
  };
  assertEquals(assertThrows(fail, RangeError, "far").message, "too far");
  assert(assertThrows(fail) instanceof RangeError);
  assertThrows(fail, Error);
  failure(() => assertThrows(fail, TypeError));
  failure(() => assertThrows(fail, RangeError, "near"));
  failure(() => assertThrows(() => 1));
});

Deno.test("assertRejects() returns the error and checks its class and message", async () => {
  const fail = () => Promise.reject(new RangeError("too far"));
  assertEquals((await assertRejects(fail, RangeError, "far")).message, "too far");
  for (
    const attempt of [
      () => assertRejects(fail, TypeError),
      () => assertRejects(fail, RangeError, "near"),
      () => assertRejects(() => Promise.resolve()),
    ]
  ) {
    const outcome = await attempt().then(() => "passed", (error) => error);
    assert(outcome instanceof AssertionError);
  }
});

const options = {
  boolean: ["json", "wait"],
  string: ["config", "recent", "_"],
  collect: ["scene"],
  alias: { c: "config", s: "scene" },
  negatable: ["wait"],
} as const;

const lines: { line: string; want: Record<string, unknown> }[] = [
  { line: "", want: { _: [] } },
  { line: "status --json", want: { _: ["status"], json: true } },
  { line: "--json status", want: { _: ["status"], json: true } },
  { line: "--json=false", want: { _: [] } },
  { line: "--wait --no-wait", want: { _: [] } },
  { line: "explain 12", want: { _: ["explain", "12"] } },
  { line: "--config=a=b", want: { _: [], config: "a=b", c: "a=b" } },
  { line: "--config a", want: { _: [], config: "a", c: "a" } },
  { line: "-c a", want: { _: [], config: "a", c: "a" } },
  { line: "-ca", want: { _: [], c: "", config: "", a: true } },
  { line: "--config --json", want: { _: [], config: "", c: "", json: true } },
  { line: "--recent 24", want: { _: [], recent: "24" } },
  { line: "--recent 1h --recent 2h", want: { _: [], recent: "2h" } },
  { line: "--count 24", want: { _: [], count: 24 } },
  { line: "--scene x -s y", want: { _: [], scene: ["x", "y"], s: ["x", "y"] } },
  { line: "dead show -- --json 7", want: { _: ["dead", "show", "--json", "7"] } },
  { line: "-", want: { _: ["-"] } },
];

for (const { line, want } of lines) {
  Deno.test(`parseArgs() reads "${line}"`, () => {
    const got: Record<string, unknown> = parseArgs(line.split(" ").filter(Boolean), options);
    assertEquals(got, { json: false, wait: false, ...want });
  });
}

Deno.test("parseArgs() leaves words as they were written when told to", () => {
  const got: Record<string, unknown> = parseArgs(["0x10", "007", "1e3", "--", "-1"], {
    string: ["_"],
  });
  assertEquals(got._, ["0x10", "007", "1e3", "-1"]);
});

const WIDTHS: readonly [text: string, columns: number][] = [
  ["", 0],
  ["plexsync", 8],
  ["Grüße", 5],
  ["e\u0301", 1],
  ["天地", 4],
  ["한국어", 6],
  ["ｆｕｌｌ", 8],
  ["カメラ…", 7],
  ["📼 tape", 7],
  ["a\u200bb", 2],
  ["→ — “x”", 7],
  ["голубой", 7],
  ["tab\tbell\x07", 7],
];
for (const [text, columns] of WIDTHS) {
  Deno.test(`unicodeWidth() of ${JSON.stringify(text)} is ${columns}`, () => {
    assertEquals(unicodeWidth(text), columns);
  });
}

Deno.test("parseArgs() asks about what it does not know, and drops it on false", () => {
  const asked: unknown[] = [];
  const args = parseArgs(["status", "--jsn", "--depth=3", "-q", "--json"], {
    boolean: ["json"],
    unknown: (arg, key, value) => {
      asked.push([arg, key, value]);
      return key === undefined;
    },
  });
  assertEquals(args, { _: ["status"], json: true });
  assertEquals(asked, [
    ["status", undefined, undefined],
    ["--jsn", "jsn", true],
    ["--depth=3", "depth", "3"],
    ["-q", "q", true],
  ]);
});

Deno.test("parseArgs() fills in defaults, and stops early when told to", () => {
  const args = parseArgs(["--json", "run", "--once"], {
    boolean: ["json", "once"],
    string: ["level"],
    default: { level: "info" },
    stopEarly: true,
  });
  assertEquals(args, { _: ["run", "--once"], json: true, once: false, level: "info" });
});

Deno.test('parseArgs() keeps what follows "--" apart when told to', () => {
  const args = parseArgs(["a", "--", "--b", "1"], { "--": true });
  assertEquals(args, { _: ["a"], "--": ["--b", "1"] });
});

class Collecting extends BaseHandler {
  readonly seen: LogRecord[] = [];
  readonly written: string[] = [];

  override handle(record: LogRecord) {
    this.seen.push(record);
    super.handle(record);
  }

  override log(line: string) {
    this.written.push(line);
  }
}

const levels: [LevelName, number][] = [
  ["NOTSET", 0],
  ["DEBUG", 10],
  ["INFO", 20],
  ["WARN", 30],
  ["ERROR", 40],
  ["CRITICAL", 50],
];

for (const [name, number] of levels) {
  Deno.test(`getLevelByName() knows ${name} as ${number}`, () => {
    assertEquals(getLevelByName(name), number);
    assertEquals(LogLevels[name], number);
  });
}

Deno.test("a Logger drops what is below its level before a handler sees it", () => {
  const handler = new Collecting("NOTSET");
  const logger = new Logger("Queue", "WARN", { handlers: [handler] });
  logger.debug("a");
  logger.info("b");
  logger.warn("c", { scene: "1" });
  logger.error("d");
  logger.critical("e");
  assertEquals(handler.seen.map(({ msg, levelName }) => `${levelName} ${msg}`), [
    "WARN c",
    "ERROR d",
    "CRITICAL e",
  ]);
  assertEquals(handler.seen[0]?.args, [{ scene: "1" }]);
  assertEquals(handler.seen[0]?.loggerName, "Queue");
  assert(handler.seen[0]?.datetime instanceof Date);
});

Deno.test("a Logger takes a new level while it runs", () => {
  const handler = new Collecting("NOTSET");
  const logger = new Logger("Queue", "ERROR", { handlers: [handler] });
  logger.levelName = "DEBUG";
  logger.debug("a");
  assertEquals(logger.level, 10);
  assertEquals(handler.written, ["DEBUG a"]);
});

Deno.test("a handler formats and writes only what reaches its own level", () => {
  const handler = new Collecting("ERROR", { formatter: ({ msg }) => `<${msg}>` });
  const logger = new Logger("Queue", "NOTSET", { handlers: [handler] });
  logger.info("a");
  logger.error("b");
  assertEquals(handler.written, ["<b>"]);
  assertEquals(handler.seen.length, 2);
});

Deno.test({
  name: "@db/sqlite opens a database with 64-bit integers, or fails when it is imported",
  // Without a library at hand the real package downloads one, which no test may start.
  ignore: currentImports().value !== "offline" && !Deno.env.get("DENO_SQLITE_PATH"),
  // The package loads its library once and for good.
  sanitizeResources: false,
  fn: async () => {
    const loaded = await import("@db/sqlite").then(({ Database }) => Database, (error) => error);
    if (loaded instanceof Error) {
      assertStringIncludes(loaded.message, "@db/sqlite");
      return;
    }
    const db = new loaded(":memory:", { int64: true });
    db.exec("CREATE TABLE t (at INTEGER, name TEXT)");
    const insert = db.prepare("INSERT INTO t VALUES (?, ?)");
    assertEquals(insert.run(1_767_225_600_000, "a"), 1);
    const select = db.prepare("SELECT * FROM t WHERE name = ?");
    assertEquals(select.get("a"), { at: 1_767_225_600_000, name: "a" });
    assertEquals(select.get("b"), undefined);
    assertEquals(select.all("a").length, 1);
    assertEquals(db.lastInsertRowId, 1);
    assertThrows(() => db.exec("NONSENSE"), Error, "syntax error");
    insert.finalize();
    select.finalize();
    db.close();
  },
});
