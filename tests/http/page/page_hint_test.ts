import { assertEquals } from "@std/assert";
import { HINTS } from "../../../src/core/failures/hints.ts";
import { hintHere } from "../../../src/http/page/frame/hint.ts";

Deno.test("no hint on the page names a command where there is a button", () => {
  const named = Object.values(HINTS).map(hintHere).filter((hint) => /\bplexsync \w/.test(hint));
  assertEquals(named, []);
  assertEquals(hintHere("Check the address of Plex"), "Check the address of Plex");
});
