import { assert, assertEquals } from "@std/assert";
import type { LogFormat, LogLevelName } from "../../src/config/config.ts";
import { createLogger } from "../../src/log/logger.ts";
import { type Random, seededRandom } from "../sim/random.ts";
import { AT } from "./harness.ts";
import { StashReader } from "./stash_reader.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

function read(text: string): StashReader {
  const reader = new StashReader();
  reader.feed(bytes(text));
  return reader;
}

Deno.test("the model of Stash's reader follows the fact sheet", () => {
  const { entries, progress } = read(
    "\x01i\x02 a \r\n\n\x01w\x02b\nc\n\x01x\x02d\n\x01i\x02\n\x01p\x020.25\n",
  );
  assertEquals(entries, [
    { level: "info", text: "a" },
    { level: "warning", text: "b" },
    { level: "error", text: "c" },
    { level: "error", text: "\x01x\x02d" },
    { level: "error", text: "\x01i\x02" },
  ]);
  assertEquals(progress, [0.25]);
  const line = (length: number) => `\x01i\x02${"x".repeat(length - 3)}\n\x01i\x02after\n`;
  assertEquals(read(line(65_535)).entries.length, 2);
  const closed = read(line(65_536));
  assertEquals([closed.open, closed.entries.length], [false, 0]);
});

const LEVELS: LogLevelName[] = ["trace", "debug", "info", "warning", "error"];

const PIECES = [
  ...[
    "\n",
    "\r",
    "\r\n",
    "\n\n",
    "\x01",
    "\x02",
    "\x01e\x02",
    "\n\x01p\x020.5\n",
    "\x00",
    "\x1b[31m",
  ],
  ...[
    "\ud800",
    "\udfff",
    "\u2028",
    "\u202e",
    "\x85",
    "\ufeff",
    "\t",
    " ",
    '"',
    "\\",
    "'",
    "=",
    "{}",
  ],
  ...["é", "😀", "scene", "[PlexSync Worker]", "/data/a b.mp4", "%n", "C:\\media\\x.mkv", "NaN"],
];

const SEED = 20261122;
const MESSAGES = 10_000;
/** Every so many messages one has a megabyte. */
const HUGE_EVERY = 1_000;
const MEGABYTE = 1 << 20;

function hostile(random: Random, length: number): string {
  let text = "";
  while (text.length < length) {
    text += random.chance(70)
      ? random.pick(PIECES)
      : String.fromCharCode(random.whole(0, 0xffff)).repeat(random.whole(1, 40));
  }
  return text;
}

function messageOf(index: number, random: Random): string {
  if (index % HUGE_EVERY === 0) {
    return hostile(random, 200).repeat(Math.ceil(MEGABYTE / 200));
  }
  return hostile(random, random.chance(2) ? random.whole(5_000, 70_000) : random.whole(0, 120));
}

for (const format of ["text", "json"] as LogFormat[]) {
  Deno.test(`Stash reads ${MESSAGES} hostile messages as that many records of their levels (${format})`, () => {
    const random = seededRandom(SEED);
    const reader = new StashReader();
    let pending: Uint8Array[] = [];
    const log = createLogger({
      format,
      target: "stash",
      level: "trace",
      secrets: ["a-secret-of-somebody"],
      obfuscatePaths: false,
      write: (line) => void pending.push(line.slice()),
      now: () => AT,
      colour: false,
      component: "Worker",
    });
    for (let index = 0; index < MESSAGES; index++) {
      const where = `message ${index} of seed ${SEED}`;
      const level = random.pick(LEVELS);
      const message = messageOf(index, random);
      log[level](message, random.chance(30) ? { path: message, hint: message } : {});
      if (random.chance(1)) log.progress(random.next());
      for (const line of pending) feedInParts(reader, line, random);
      pending = [];
      assert(reader.open, `${where} stopped the reader`);
      assertEquals(reader.entries.length, index + 1, where);
      const entry = reader.entries.at(-1)!;
      assertEquals(entry.level, level, where);
      assert(entry.text.startsWith("[PlexSync Worker]"), `${where}: ${entry.text.slice(0, 80)}`);
      if (format === "json") {
        const record = JSON.parse(entry.text.slice(entry.text.indexOf("{")));
        assertEquals([record.level, record.component], [level, "Worker"], where);
        const whole = record.message === message;
        assert(whole || message.length > 1_000, `${where} was changed: ${record.message}`);
      }
    }
    assert(reader.progress.length > 0);
    assert(reader.progress.every((fraction) => fraction >= 0 && fraction <= 1));
  });
}

/** As a pipe delivers it: cut anywhere, also within a character. */
function feedInParts(reader: StashReader, line: Uint8Array, random: Random): void {
  const cut = random.whole(0, line.length);
  reader.feed(line.subarray(0, cut));
  reader.feed(line.subarray(cut));
}
