import { assertEquals } from "@std/assert";
import * as keys from "../../src/core/meta_keys.ts";

const { metaKeyNamed, ...all } = keys;

for (const [name, made] of Object.entries(all)) {
  const { name: stored } = typeof made === "function" ? made("part") : made;
  Deno.test(`metaKeyNamed() knows ${name} again by "${stored}"`, () => {
    assertEquals(metaKeyNamed(stored)?.name, stored);
  });
}

Deno.test("metaKeyNamed() leaves alone what this version does not know", () => {
  assertEquals(metaKeyNamed("of a later version"), null);
  assertEquals(metaKeyNamed("damaged:sweep"), null);
});
