import { assert, assertEquals, assertMatch, assertNotEquals, assertThrows } from "@std/assert";
import type { Config } from "../../../src/config/config.ts";
import { UserError } from "../../../src/core/failures/errors.ts";
import { filesOf } from "../../../src/app/data/data_files.ts";
import { withListenToken } from "../../../src/app/settings/listen_token.ts";
import { load } from "../../config/harness.ts";
import { TempFolder } from "../../store/temp_store.ts";

function settings(listen: string | null, listenToken: string | null = null): Config {
  return { ...load().config, listen, listenToken };
}

/** The token in force in a folder. */
function tokenIn(folder: string, config: Config, make: boolean): string | null {
  return withListenToken(config, filesOf(folder), make).listenToken;
}

const LOCAL = settings("127.0.0.1:9797");

Deno.test("the listener's first start makes a token for its owner only, kept from then on", () => {
  using folder = new TempFolder();
  assertEquals(tokenIn(folder.path, LOCAL, false), null);
  assertEquals(folder.names(), [], "a question made a file");
  const token = tokenIn(folder.path, LOCAL, true);
  assertMatch(token!, /^[\w-]{43}$/);
  assertEquals(folder.names(), ["listen-token"]);
  if (Deno.build.os !== "windows") {
    assertEquals(Deno.statSync(folder.file("listen-token")).mode! & 0o777, 0o600);
  }
  assertEquals(tokenIn(folder.path, LOCAL, true), token);
  assertEquals(tokenIn(folder.path, LOCAL, false), token);
  using other = new TempFolder();
  assertNotEquals(tokenIn(other.path, LOCAL, true), token);
});

Deno.test("without a listener no token is made", () => {
  using folder = new TempFolder();
  assertEquals(tokenIn(folder.path, settings(null), true), null);
  assertEquals(folder.names(), []);
});

Deno.test("listen_token goes before a generated token, which stays as it is", () => {
  using folder = new TempFolder();
  const generated = tokenIn(folder.path, LOCAL, true);
  assertEquals(tokenIn(folder.path, settings("127.0.0.1:9797", "chosen"), true), "chosen");
  assertEquals(tokenIn(folder.path, LOCAL, true), generated);
});

Deno.test("a token that a person put into the file counts", () => {
  using folder = new TempFolder();
  Deno.writeTextFileSync(folder.file("listen-token"), "  my-own-token-of-24-bytes\n");
  assertEquals(tokenIn(folder.path, LOCAL, true), "my-own-token-of-24-bytes");
});

for (const text of ["", "short", "two words are no token at all"]) {
  Deno.test(`a token file that holds "${text}" is an error, and stays`, () => {
    using folder = new TempFolder();
    Deno.writeTextFileSync(folder.file("listen-token"), text);
    const error = assertThrows(() => tokenIn(folder.path, LOCAL, true), UserError);
    assertMatch(error.message, /holds no token of at least 16/);
    assertEquals(folder.names(), ["listen-token"]);
    assertEquals(Deno.readTextFileSync(folder.file("listen-token")), text);
  });
}

for (const listen of ["0.0.0.0:9797", "[::]:9797", "192.168.1.5:9797", "nas.example.org:9797"]) {
  Deno.test(`listening on ${listen} asks for a chosen token`, () => {
    using folder = new TempFolder();
    const error = assertThrows(() => tokenIn(folder.path, settings(listen), true), UserError);
    assertEquals(error.kind, "usage");
    assertMatch(error.hint!, /Set listen_token/);
    assertEquals(tokenIn(folder.path, settings(listen, "chosen"), true), "chosen");
    assert(!folder.names().includes("listen-token"));
  });
}
