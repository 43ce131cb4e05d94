import { assertEquals } from "@std/assert";
import { LineReader, type LogMessage, type LongLines, readLogLine } from "./plugin_log.ts";
import { type PluginResult, readPluginOutput, withExit } from "./plugin_output.ts";

const LINES: { line: string; errLog?: string; want: LogMessage | undefined }[] = [
  { line: "\x01t\x02a", want: { level: "trace", text: "a" } },
  { line: "\x01d\x02a", want: { level: "debug", text: "a" } },
  { line: "\x01i\x02  a b ", want: { level: "info", text: "a b" } },
  { line: "\x01w\x02a", want: { level: "warning", text: "a" } },
  { line: "\x01e\x02é", want: { level: "error", text: "é" } },
  { line: "\x01i\x02", want: { level: "error", text: "\x01i\x02" } },
  { line: "\x01x\x02a", want: { level: "error", text: "\x01x\x02a" } },
  { line: " \x01i\x02a", want: { level: "error", text: " \x01i\x02a" } },
  { line: "plain", want: { level: "error", text: "plain" } },
  { line: "plain", errLog: "", want: { level: "error", text: "plain" } },
  { line: "plain", errLog: "info", want: { level: "info", text: "plain" } },
  { line: "plain", errLog: "none", want: undefined },
  { line: "\x01d\x02a", errLog: "none", want: { level: "debug", text: "a" } },
  { line: "\x01p\x020.25", want: { progress: 0.25 } },
  { line: "\x01p\x02 1e-1 ", want: { progress: 0.1 } },
  { line: "\x01p\x027", want: { progress: 1 } },
  { line: "\x01p\x02-7", want: { progress: 0 } },
  { line: "\x01p\x02-Inf", want: { progress: 0 } },
  { line: "\x01p\x02NaN", want: { progress: NaN } },
  {
    line: "\x01p\x0250%",
    want: { level: "error", text: "Error parsing progress value '50%'" },
  },
];
for (const { line, errLog, want } of LINES) {
  Deno.test(`readLogLine() ${JSON.stringify(line)} with errLog ${errLog ?? "unset"}`, () => {
    assertEquals(readLogLine(line, errLog ?? ""), want);
  });
}

const x = (length: number) => "x".repeat(length);
const STREAMS: { when: string; text: string; close: string[]; truncate?: string[] }[] = [
  { when: "lines, empty ones and the last one", text: "a\r\n\n\nb\nc", close: ["a", "b", "c"] },
  {
    when: "65,535 bytes and a newline",
    text: `${x(65_535)}\nafter\n`,
    close: [x(65_535), "after"],
  },
  {
    when: "65,536 bytes and a newline",
    text: `before\n${x(65_536)}\nafter\n`,
    close: ["before"],
    truncate: ["before", `${x(65_536)} [truncated]`, "after"],
  },
  {
    when: "a line of many buffers",
    text: `${x(300_000)}\nafter\n`,
    close: [],
    truncate: [`${x(65_536)} [truncated]`, "after"],
  },
  {
    when: "65,536 bytes and no end",
    text: x(65_536),
    close: [],
    truncate: [`${x(65_536)} [truncated]`],
  },
];
for (const { when, text, close, truncate } of STREAMS) {
  for (const longLines of ["close", "truncate"] as LongLines[]) {
    for (const step of [7_919, 1 << 20]) {
      Deno.test(`LineReader ${longLines}: ${when}, in chunks of ${step}`, () => {
        const lines: string[] = [];
        const reader = new LineReader(longLines, (line) => lines.push(line));
        const bytes = new TextEncoder().encode(text);
        let open = true;
        for (let at = 0; open && at < bytes.length; at += step) {
          open = reader.push(bytes.subarray(at, at + step));
        }
        if (open) reader.end();
        assertEquals(lines, longLines === "close" ? close : truncate ?? close);
      });
    }
  }
}

const OUTPUTS: { stdout: string; want: PluginResult }[] = [
  { stdout: '{"output":"ok"}', want: { output: "ok" } },
  { stdout: ' {"Output":{"a":[1]},"more":1}\n', want: { output: { a: [1] } } },
  { stdout: '{"error":"bad","output":2}', want: { error: "bad", output: 2 } },
  { stdout: '{"error":null}', want: {} },
  { stdout: '{"error":5}', want: { output: '{"error":5}' } },
  { stdout: "{}", want: {} },
  { stdout: "null", want: {} },
  { stdout: "[1]", want: { output: "[1]" } },
  { stdout: "hello\n", want: { output: "hello\n" } },
  { stdout: "", want: { output: "" } },
];
for (const { stdout, want } of OUTPUTS) {
  Deno.test(`readPluginOutput() ${JSON.stringify(stdout)}`, () => {
    assertEquals(readPluginOutput(stdout), want);
  });
}

Deno.test("withExit() makes a bad end an error, unless the plugin named its own", () => {
  assertEquals(withExit({ output: 1 }, 0, null), { output: 1 });
  assertEquals(withExit({ output: 1 }, 3, null), { output: 1, error: "exit status 3" });
  assertEquals(withExit({}, 137, "SIGKILL"), { error: "signal: killed" });
  assertEquals(withExit({ error: "own" }, 3, null), { error: "own" });
});
