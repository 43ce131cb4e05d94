import { assertEquals } from "@std/assert";
import { PlexsyncError, UserError } from "../../src/core/failures/errors.ts";
import type { LogFormat, LogLevelName } from "../../src/config/config.ts";
import type { Log } from "../../src/log/logger.ts";
import { type ResolvedTarget, resolveTarget } from "../../src/log/output.ts";
import { AT, collect } from "./harness.ts";

const TS = "2026-01-02T03:04:05.678Z";

const local = new Date(AT);
const CLOCK = [local.getHours(), local.getMinutes(), local.getSeconds()]
  .map((part) => String(part).padStart(2, "0")).join(":");

const LINES: { target: ResolvedTarget; format: LogFormat; want: string }[] = [
  {
    target: "stash",
    format: "text",
    want: '\x01w\x02[PlexSync Worker] Scene 12 failed scene_id=12 path="/d/a b.mp4"\n',
  },
  {
    target: "stash",
    format: "json",
    want: '\x01w\x02[PlexSync Worker] {"level":"warning","component":"Worker","event":"failed",' +
      '"message":"Scene 12 failed","scene_id":"12","path":"/d/a b.mp4"}\n',
  },
  {
    target: "journal",
    format: "text",
    want: '<4>[PlexSync Worker] Scene 12 failed scene_id=12 path="/d/a b.mp4"\n',
  },
  {
    target: "journal",
    format: "json",
    want: '<4>{"level":"warning","component":"Worker","event":"failed",' +
      '"message":"Scene 12 failed","scene_id":"12","path":"/d/a b.mp4"}\n',
  },
  {
    target: "console",
    format: "text",
    want: `${CLOCK} WARNING [PlexSync Worker] Scene 12 failed scene_id=12 path="/d/a b.mp4"\n`,
  },
  {
    target: "console",
    format: "json",
    want: `{"ts":"${TS}","level":"warning","component":"Worker","event":"failed",` +
      '"message":"Scene 12 failed","scene_id":"12","path":"/d/a b.mp4"}\n',
  },
  {
    target: "file",
    format: "text",
    want: `${TS} WARNING [PlexSync Worker] Scene 12 failed scene_id=12 path="/d/a b.mp4"\n`,
  },
  {
    target: "file",
    format: "json",
    want: `{"ts":"${TS}","level":"warning","component":"Worker","event":"failed",` +
      '"message":"Scene 12 failed","scene_id":"12","path":"/d/a b.mp4"}\n',
  },
];

for (const { target, format, want } of LINES) {
  Deno.test(`createLogger() writes ${format} for ${target} byte for byte`, () => {
    const { log, lines } = collect({ target, format });
    log.warning("Scene 12 failed", { event: "failed", scene_id: "12", path: "/d/a b.mp4" });
    assertEquals(lines, [want]);
  });
}

const LEVELS: { level: LogLevelName; stash: string; journal: number }[] = [
  { level: "trace", stash: "t", journal: 7 },
  { level: "debug", stash: "d", journal: 7 },
  { level: "info", stash: "i", journal: 6 },
  { level: "warning", stash: "w", journal: 4 },
  { level: "error", stash: "e", journal: 3 },
];

function logAll(log: Log): void {
  for (const { level } of LEVELS) log[level]("m");
}

Deno.test("createLogger() marks each level for Stash and for journald", () => {
  const stash = collect({ target: "stash" });
  logAll(stash.log);
  assertEquals(stash.lines, LEVELS.map(({ stash }) => `\x01${stash}\x02[PlexSync Worker] m\n`));
  const journal = collect({ target: "journal" });
  logAll(journal.log);
  assertEquals(journal.lines, LEVELS.map(({ journal }) => `<${journal}>[PlexSync Worker] m\n`));
});

for (const [index, { level }] of LEVELS.entries()) {
  Deno.test(`createLogger() at ${level} logs it and what is above, no more`, () => {
    const { log, lines } = collect({ level, format: "json", target: "file" });
    logAll(log);
    const want = LEVELS.slice(index).map((l) => l.level);
    assertEquals(lines.map((line) => JSON.parse(line).level), want);
    assertEquals(LEVELS.map((l) => l.level).filter((l) => log.enabled(l)), want);
  });
}

Deno.test("createLogger() colours the level on a console only when asked", () => {
  const { log, lines } = collect({ target: "console", colour: true });
  log.error("m");
  log.info("m");
  assertEquals(lines, [
    `${CLOCK} \x1b[31mERROR\x1b[0m [PlexSync Worker] m\n`,
    `${CLOCK} INFO [PlexSync Worker] m\n`,
  ]);
});

Deno.test("child() names another component", () => {
  const { log, lines } = collect();
  log.child("Plex").info("m");
  log.info("m");
  assertEquals(lines, ["\x01i\x02[PlexSync Plex] m\n", "\x01i\x02[PlexSync Worker] m\n"]);
});

Deno.test("createLogger() gives JSON records without an event the event log", () => {
  const { log, lines } = collect({ format: "json", target: "file" });
  log.info("m");
  assertEquals(JSON.parse(lines[0]!).event, "log");
});

Deno.test("createLogger() shows fields of every shape in text, quoted where needed", () => {
  const { log, lines } = collect();
  log.info("m", {
    event: "not shown",
    count: 3,
    state: "",
    section: 'a "b"',
    source: "a=b",
    changed: ["title", "tags"],
    details: { a: 1 },
    total: undefined,
    hint: null,
  });
  assertEquals(lines, [
    '\x01i\x02[PlexSync Worker] m count=3 state="" section="a "b"" source="a=b" ' +
    'changed=["title","tags"] details={"a":1} hint=null\n',
  ]);
});

Deno.test("createLogger() does not repeat in text what the message spells out, and keeps it in JSON", () => {
  const fields = { scene_id: "12", attempt: 2, said: ["scene_id"] } as const;
  const text = collect();
  text.log.info("Scene 12 failed", fields);
  assertEquals(text.lines, ["\x01i\x02[PlexSync Worker] Scene 12 failed attempt=2\n"]);
  const json = collect({ format: "json", target: "file" });
  json.log.info("Scene 12 failed", fields);
  const { scene_id, attempt, said } = JSON.parse(json.lines[0]!);
  assertEquals([scene_id, attempt, said], ["12", 2, undefined]);
});

Deno.test("createLogger() shows all fields where the message had to be cut", () => {
  const { log, lines } = collect();
  log.info(`${"x".repeat(9_000)} scene 12`, { scene_id: "12", said: ["scene_id"] });
  assertEquals(lines[0]!.endsWith("…[cut] scene_id=12\n"), true);
});

const ERROR = new PlexsyncError("PlexPermanentError", "Plex answered 403", {
  cause: new Error("outer", { cause: new TypeError("inner") }),
  path: "/d/a.mp4",
  status: 403,
  hint: "Look",
});

Deno.test("createLogger() spells an error out as type, message with causes, path and hint", () => {
  const { log, lines } = collect({ level: "info" });
  log.error("Scene 12 failed", { scene_id: 12, error: ERROR, hint: "Look closer" });
  assertEquals(lines, [
    "\x01e\x02[PlexSync Worker] Scene 12 failed error_type=PlexPermanentError " +
    'error_message="Plex answered 403: outer: inner" path=/d/a.mp4 status=403 ' +
    'hint="Look closer" scene_id=12\n',
  ]);
});

Deno.test("createLogger() adds the stack trace of an unforeseen error, of others at debug", () => {
  const stackOf = (level: LogLevelName, error: unknown) => {
    const { log, lines } = collect({ level, format: "json", target: "file" });
    log.error("m", { error });
    return JSON.parse(lines[0]!).stack_trace;
  };
  const bug = new TypeError("x is not a function");
  assertEquals(stackOf("info", bug), bug.stack);
  assertEquals(stackOf("info", ERROR), undefined);
  assertEquals(stackOf("debug", ERROR), ERROR.stack);
  assertEquals(stackOf("info", "thrown text"), undefined);
});

Deno.test("createLogger() tells a fault of the disk in words, and calls it not unforeseen", () => {
  const { log, lines } = collect({ level: "info" });
  log.error("POST /api/hook failed", { error: new Error("database or disk is full") });
  log.error("Not kept", { error: new UserError("Cannot keep it", "failed", "Make room") });
  assertEquals(lines, [
    "\x01e\x02[PlexSync Worker] POST /api/hook failed " +
    'error_message="The disk is full: database or disk is full" ' +
    'hint="Free some space on it; what was accepted so far is safe"\n',
    '\x01e\x02[PlexSync Worker] Not kept error_message="Cannot keep it" hint="Make room"\n',
  ]);
});

Deno.test("createLogger() survives errors that cause themselves and values that cannot be read", () => {
  const { log, lines } = collect({ format: "json", target: "file" });
  const loop = new Error("loop");
  loop.cause = loop;
  log.error("m", { error: loop });
  const nested: Record<string, unknown> = {};
  nested.self = nested;
  log.info("m", { error: { deep: nested } });
  // deno-lint-ignore no-explicit-any
  log.info("m", { details: { big: 10n, nan: NaN, symbol: Symbol("s"), nested } as any });
  const trap = Object.defineProperty({}, "a", {
    enumerable: true,
    get: () => {
      throw loop;
    },
  });
  log.info("lost", { details: trap });
  assertEquals(lines.map((line) => JSON.parse(line).message), ["m", "m", "m"]);
  assertEquals(JSON.parse(lines[0]!).error_message, "loop");
  const { big, nan } = JSON.parse(lines[2]!).details;
  assertEquals([big, nan], ["10", "NaN"]);
});

Deno.test("createLogger() does not throw when nobody takes its lines, and goes on after that", () => {
  let broken = true;
  let taken = 0;
  const { log } = collect({
    write: () => {
      if (broken) throw new Deno.errors.BrokenPipe("Broken pipe (os error 32)");
      taken++;
    },
  });
  logAll(log);
  log.progress(0.5);
  broken = false;
  log.info("m");
  assertEquals(taken, 1);
});

const PROGRESS = [
  [0, "0"],
  [0.25, "0.25"],
  [1 / 3, "0.3333"],
  [1, "1"],
  [1.5, "1"],
  [-0.5, "0"],
  [1e-9, "0"],
  [NaN, "0"],
  [Infinity, "1"],
  [-Infinity, "0"],
] as const;

for (const [fraction, want] of PROGRESS) {
  Deno.test(`progress() tells Stash ${want} for ${fraction}`, () => {
    const { log, lines } = collect({ level: "error" });
    log.progress(fraction);
    assertEquals(lines, [`\x01p\x02${want}\n`]);
  });
}

Deno.test("progress() writes nothing for other targets", () => {
  for (const target of ["journal", "console", "file"] as const) {
    const { log, lines } = collect({ target });
    log.progress(0.5);
    assertEquals(lines, []);
  }
});

const TARGETS = [
  { configured: "auto", plugin: true, journalStream: true, want: "stash" },
  { configured: "auto", plugin: false, journalStream: true, want: "journal" },
  { configured: "auto", plugin: false, journalStream: false, want: "console" },
  { configured: "file", plugin: true, journalStream: true, want: "file" },
  { configured: "console", plugin: true, journalStream: false, want: "console" },
] as const;

for (const { configured, plugin, journalStream, want } of TARGETS) {
  Deno.test(`resolveTarget() makes ${want} of ${configured} (plugin ${plugin}, journal ${journalStream})`, () => {
    assertEquals(resolveTarget(configured, { plugin, journalStream }), want);
  });
}
