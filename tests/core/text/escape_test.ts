import { assertEquals } from "@std/assert";
import { cutText, escapeJson, escapeLine, fitLine } from "../../../src/core/text/escape.ts";

const ESCAPES = [
  ["plain, é, 😀, C:\\dir", "plain, é, 😀, C:\\dir"],
  ["a\nb\r\nc\td", "a\\nb\\r\\nc\\td"],
  ["\x01i\x02forged", "\\x01i\\x02forged"],
  ["\x1b[31mred\x7f\x85", "\\x1b[31mred\\x7f\\x85"],
  ["a\u2028b\u202ec\ud800d", "a\\u2028b\\u202ec\\ud800d"],
] as const;

for (const [text, want] of ESCAPES) {
  Deno.test(`escapeLine() shows ${JSON.stringify(text)} as ${want}`, () => {
    assertEquals(escapeLine(text), want);
  });
}

Deno.test("escapeJson() leaves JSON that means the same", () => {
  const value = { text: "a\x7f\u2028\u202e\n\x01" };
  const json = escapeJson(JSON.stringify(value));
  assertEquals(json, '{"text":"a\\u007f\\u2028\\u202e\\n\\u0001"}');
  assertEquals(JSON.parse(json), value);
});

Deno.test("cutText() never halves a character", () => {
  assertEquals(cutText("ab😀c", 3), "ab…[cut]");
  assertEquals(cutText("ab😀c", 4), "ab😀…[cut]");
  assertEquals(cutText("ab😀c", 5), "ab😀c");
});

Deno.test("fitLine() gives undefined when nothing helps", () => {
  assertEquals(fitLine(() => "too long", 5), undefined);
});
