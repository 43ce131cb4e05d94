import { assert, assertEquals, assertThrows } from "@std/assert";
import { UserError } from "../../src/core/failures/errors.ts";
import { MAX_INPUT_BYTES, parsePluginInput, type PluginInput } from "../../src/plugin/protocol.ts";
import { readInput } from "../../src/plugin/stdio.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const parse = (document: unknown) => parsePluginInput(bytes(JSON.stringify(document)));

const CONNECTION = {
  Scheme: "http",
  Host: "0.0.0.0",
  Port: 9999,
  SessionCookie: { Name: "session", Value: "MTc2", Quoted: false, Unparsed: null },
  Dir: "/root/.stash",
  PluginDir: "/root/.stash/plugins/plexsync",
};

const hook = { id: 45, type: "Scene.Update.Post", input: null };

const accepted: { when: string; document: unknown; want: PluginInput }[] = [
  {
    when: "a hook as Stash sends it",
    document: { server_connection: CONNECTION, args: { mode: "x", hookContext: hook }, extra: 1 },
    want: {
      connection: { url: "http://127.0.0.1:9999", session: { name: "session", value: "MTc2" } },
      args: { mode: "x", hookContext: hook },
      hook,
    },
  },
  {
    when: "a task without a session",
    document: { server_connection: { ...CONNECTION, SessionCookie: null }, args: { mode: "x" } },
    want: {
      connection: { url: "http://127.0.0.1:9999", session: null },
      args: { mode: "x" },
      hook: null,
    },
  },
  {
    when: "no arguments, and nothing of the connection",
    document: { args: null },
    want: { connection: null, args: {}, hook: null },
  },
  {
    when: "a context that is null: a task",
    document: { args: { hookContext: null } },
    want: { connection: null, args: { hookContext: null }, hook: null },
  },
];
for (const { when, document, want } of accepted) {
  Deno.test(`parsePluginInput() takes ${when}`, () => assertEquals(parse(document), want));
}

const hosts: { host: unknown; scheme?: unknown; port?: unknown; want: string | undefined }[] = [
  { host: "", want: "http://127.0.0.1:9999" },
  { host: undefined, want: "http://127.0.0.1:9999" },
  { host: "::", want: "http://[::1]:9999" },
  { host: "[::]", want: "http://[::1]:9999" },
  { host: "fd00::7", want: "http://[fd00::7]:9999" },
  { host: "192.168.1.5", scheme: "HTTPS", want: "https://192.168.1.5:9999" },
  { host: "stash", scheme: "gopher", port: "80", want: "http://stash:80" },
  { host: "stash", port: 0, want: undefined },
  { host: "stash", port: 1.5, want: undefined },
];
for (const { host, scheme = "http", port = 9999, want } of hosts) {
  Deno.test(`parsePluginInput() reaches a Stash bound to ${scheme} ${host} ${port} at ${want}`, () => {
    const connection = { ...CONNECTION, Host: host, Scheme: scheme, Port: port };
    assertEquals(parse({ server_connection: connection }).connection?.url, want);
  });
}

const SECRET = "MTc2NzUyMDAwMHxEdi1C";
const refused: { when: string; text: string; says: RegExp }[] = [
  { when: "nothing", text: "", says: /it is empty/ },
  { when: "no JSON", text: `{"SessionCookie":{"Value":"${SECRET}`, says: /it is not JSON/ },
  { when: "a list", text: "[]", says: /must be a JSON object/ },
  { when: "null", text: "null", says: /must be a JSON object/ },
  {
    when: "a hook that is a text",
    text: '{"args":{"hookContext":"Scene.Update.Post"}}',
    says: /args\.hookContext must be an object/,
  },
];
for (const { when, text, says } of refused) {
  Deno.test(`parsePluginInput() refuses ${when}, and quotes nothing of it`, () => {
    const error = assertThrows(() => parsePluginInput(bytes(text)), UserError) as UserError;
    assert(says.test(error.message), error.message);
    assert(!error.message.includes(SECRET));
  });
}

/** Gives its chunks one by one, then the end. */
function streamOf(...chunks: string[]) {
  return {
    readSync(into: Uint8Array): number | null {
      const next = chunks.shift();
      if (next === undefined) return null;
      into.set(bytes(next));
      return next.length;
    },
  };
}

Deno.test("readInput() reads to the end, however it comes", () => {
  const text = (...chunks: string[]) => new TextDecoder().decode(readInput(streamOf(...chunks)));
  assertEquals(text(), "");
  assertEquals(text("abc"), "abc");
  assertEquals(text("ab", "", "c".repeat(60_000), "d"), "ab" + "c".repeat(60_000) + "d");
});

Deno.test("readInput() gives up on an input that has no end", () => {
  assertEquals(MAX_INPUT_BYTES, 64 * 1024 * 1024);
  const chunk = "x".repeat(1_000);
  let given = 0;
  const endless = {
    readSync(into: Uint8Array): number {
      given++;
      into.set(bytes(chunk));
      return chunk.length;
    },
  };
  const error = assertThrows(() => readInput(endless, 10_000), UserError);
  assert(/more than/.test(error.message));
  assertEquals(given, 11);
});
