import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { LongStrings } from "../../src/http/long_strings.ts";

const MAX_STRING = 12;
const encoder = new TextEncoder();

/** What is left of a text that comes in pieces of these lengths, again and again. */
function left(text: string | Uint8Array, lengths: readonly number[], maxKept = 1 << 20) {
  const bytes = typeof text === "string" ? encoder.encode(text) : text;
  const strings = new LongStrings({ maxString: MAX_STRING, maxKept });
  for (let at = 0, n = 0; at < bytes.length; n++) {
    const length = lengths[n % lengths.length]!;
    strings.push(bytes.subarray(at, at + length));
    at += length;
  }
  return { text: new TextDecoder().decode(strings.kept), overflow: strings.overflow };
}

/** The same, of a value: names and texts that are written longer than allowed become "". */
function withoutLong(value: unknown): unknown {
  if (typeof value === "string") return short(value);
  if (Array.isArray(value)) return value.map(withoutLong);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [short(name), withoutLong(inner)]),
  );
}

function short(text: string): string {
  return encoder.encode(JSON.stringify(text)).length - 2 > MAX_STRING ? "" : text;
}

const awkward = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.array(fc.constantFrom("\\", '"', "é", "😀", "\n", "a", "{", ":"), { maxLength: 20 })
    .map((parts) => parts.join("")),
);
const json = fc.jsonValue({ stringUnit: "binary", maxDepth: 4 });
const documents = fc.oneof(json, fc.dictionary(awkward, fc.oneof(awkward, json)));
const lengths = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 5 });

Deno.test("LongStrings leaves any JSON as it is but for its long strings, however it is cut", () => {
  fc.assert(
    fc.property(documents, lengths, fc.boolean(), (value, lengths, spaced) => {
      const text = JSON.stringify(value, null, spaced ? 1 : 0);
      const want = withoutLong(JSON.parse(text));
      assertEquals(JSON.parse(left(text, lengths).text), want);
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("LongStrings takes any bytes, never keeps more than allowed, and says so", () => {
  const bytes = fc.uint8Array({ maxLength: 300 });
  const quotes = fc.array(fc.constantFrom(0x22, 0x5c, 0x61), { maxLength: 300 })
    .map((list) => Uint8Array.from(list));
  fc.assert(fc.property(fc.oneof(bytes, quotes), lengths, fc.nat(64), (bytes, lengths, max) => {
    const strings = new LongStrings({ maxString: MAX_STRING, maxKept: max });
    for (let at = 0; at < bytes.length; at += lengths[0]!) {
      strings.push(bytes.subarray(at, at + lengths[0]!));
    }
    assert(strings.kept.length <= max);
    assert(strings.overflow || strings.kept.length <= bytes.length);
  }));
});

const cases = [
  { name: "a string of exactly the limit", text: `["${"a".repeat(12)}"]`, want: null },
  { name: "one byte more", text: `["${"a".repeat(13)}"]`, want: '[""]' },
  { name: "an escaped quote in a long one", text: `["${"a".repeat(20)}\\"",1]`, want: '["",1]' },
  { name: "a backslash at the end of a long one", text: `["${"\\\\".repeat(9)}"]`, want: '[""]' },
  { name: "a cover", text: `{"a":"${"x".repeat(1e6)}","b":[1]}`, want: '{"a":"","b":[1]}' },
  { name: "a string without an end", text: '{"a":"xyz', want: null },
];

for (const { name, text, want } of cases) {
  Deno.test(`LongStrings handles ${name}`, () => {
    for (const length of [1, 2, 7, 65_536]) assertEquals(left(text, [length]).text, want ?? text);
  });
}

Deno.test("LongStrings is not deceived by a string that never ends, and holds nothing of it", () => {
  const strings = new LongStrings({ maxString: MAX_STRING, maxKept: 1024 });
  strings.push(encoder.encode('{"a":"'));
  const chunk = new Uint8Array(65_536).fill(0x78);
  for (let n = 0; n < 256; n++) strings.push(chunk);
  assertEquals([strings.overflow, strings.kept.length], [false, 6]);
});

Deno.test("LongStrings overflows on what is no string: numbers, blanks, many short strings", () => {
  for (const text of ["1".repeat(5_000), " ".repeat(5_000), '"ab",'.repeat(1_000)]) {
    assertEquals(left(text, [100], 1024).overflow, true);
  }
});
