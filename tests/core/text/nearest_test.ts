import { assertEquals } from "@std/assert";
import { nearest } from "../../../src/core/text/nearest.ts";
import { KEYS } from "../../../src/config/schema.ts";

const CASES = [
  { word: "plex_ulr", want: "plex_url" },
  { word: "Plex-URL", want: "plex_url" },
  { word: "token", want: "plex_token" },
  { word: "max_retry", want: "max_retries" },
  { word: "loglevel", want: "log_level" },
  { word: "dry", want: undefined, maxDistance: 1 },
  { word: "", want: undefined, maxDistance: 2 },
  { word: "x".repeat(100_000), want: undefined, maxDistance: 3 },
];

for (const { word, want, maxDistance } of CASES) {
  Deno.test(`nearest() takes "${word.slice(0, 20)}" for ${want}`, () => {
    assertEquals(nearest(word, KEYS, maxDistance), want);
  });
}

Deno.test("nearest() finds nothing among nothing", () => {
  assertEquals(nearest("a", []), undefined);
});
