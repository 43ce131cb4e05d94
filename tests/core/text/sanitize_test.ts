import { assertEquals } from "@std/assert";
import { cleanText, tagKey, textKey } from "../../../src/core/text/sanitize.ts";

const cases: [string, "title" | "summary" | "tag", string][] = [
  ["  a  b ", "title", "a  b"],
  ["a\nb\r\nc", "title", "a b c"],
  ["a\r\nb\rc", "summary", "a\nb\nc"],
  ["a\u0000\u0007b\u001b[1m", "summary", "ab[1m"],
  ["x\ud800y", "title", "xy"],
  ["🎬 ok", "title", "🎬 ok"],
  ["x".repeat(300), "title", "x".repeat(255)],
  ["x".repeat(254) + "🎬", "tag", "x".repeat(254)],
];
for (const [text, kind, want] of cases) {
  Deno.test(`cleanText() makes ${JSON.stringify(want.slice(0, 20))} of ${JSON.stringify(text.slice(0, 20))}`, () => {
    assertEquals(cleanText(text, kind), want);
  });
}

Deno.test("tagKey() ignores letter case, blanks around and Unicode form; textKey() keeps case", () => {
  assertEquals(tagKey(" Cafe\u0301  Noir "), tagKey("CAF\u00c9 noir"));
  assertEquals(textKey("a\r\n") === textKey("a"), true);
  assertEquals(textKey("A") === textKey("a"), false);
});
