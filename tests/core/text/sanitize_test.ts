import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { cleanText, cutOf, foldKey, tagKey, textKey } from "../../../src/core/text/sanitize.ts";

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

/** The rules in full, without a short way for what most texts are. */
const IN_FULL = {
  tag: (text: string) => text.normalize("NFC").replace(/\s+/g, " ").trim().toLowerCase(),
  text: (text: string) => text.replace(/\r\n?/g, "\n").normalize("NFC").trim(),
};
const anyText = fc.string({
  unit: fc.constantFrom(..."aZ ~\t\n\r\u00a0\u0000\u00e9e\u0301\u0130\u00df\ud83c\udfac"),
  maxLength: 6,
});
Deno.test("plain texts have the same keys as by the rules in full", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      assertEquals(tagKey(text), IN_FULL.tag(text));
      assertEquals(textKey(text), IN_FULL.text(text));
      assertEquals(foldKey(text), IN_FULL.tag(IN_FULL.tag(text).toUpperCase()));
      // A text behind it that has to be cleaned, and leaves nothing, changes nothing.
      assertEquals(cleanText(text, "title"), cleanText(`${text}\u0007`, "title"));
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("cutOf() counts what is left of a text, not what is taken out of it", () => {
  assertEquals(cutOf(" ".repeat(300) + "x", "title"), null);
  assertEquals(cutOf("x".repeat(256), "title"), "cut at 255 of 256 characters");
  assertEquals(cutOf("x".repeat(255), "title"), null);
});
