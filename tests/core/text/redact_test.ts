import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { PlexsyncError } from "../../../src/core/failures/errors.ts";
import { createRedactor } from "../../../src/core/text/redact.ts";
import type { LogFormat } from "../../../src/config/config.ts";
import { collect } from "../../log/harness.ts";

const TOKEN = "Zx9+/=secret&T0ken";

const CASES = [
  ["the value", `got ${TOKEN}!`, "got ********!"],
  ["every occurrence", `${TOKEN}${TOKEN}`, "****************"],
  ["URL encoding", `?t=${encodeURIComponent(TOKEN)}`, "?t=********"],
  [
    "URL encoding in small letters",
    `?t=${encodeURIComponent(TOKEN).toLowerCase()}`.replace("zx9", "Zx9")
      .replace("t0ken", "T0ken"),
    "?t=********",
  ],
  [
    "an unknown token in a query",
    "GET /x?X-Plex-Token=abc123&y=1",
    "GET /x?X-Plex-Token=********&y=1",
  ],
  ["an encoded query", "next=%2Fx%3FX-Plex-Token%3Dabc123", "next=%2Fx%3FX-Plex-Token%3D********"],
  ["a Plex header", "x-plex-token: abc123", "x-plex-token: ********"],
  ["headers as JSON", '{"X-Plex-Token":"abc123","a":1}', '{"X-Plex-Token":"********","a":1}'],
  ["headers as JSON in JSON", '{\\"ApiKey\\":\\"abc123\\"}', '{\\"ApiKey\\":\\"********\\"}'],
  [
    "a Stash key in a query",
    "http://s/scene/1/stream?apikey=abc123",
    "http://s/scene/1/stream?apikey=********",
  ],
  ["a setting", 'plex_token = "abc123"', 'plex_token = "********"'],
  ["an authorization", "Authorization: Bearer abc123", "Authorization: Bearer ********"],
  ["cookies", "Cookie: session=abc; other=def, then", "Cookie: ******** then"],
  ["a new cookie", "set-cookie: session=MTc-x_; Path=/", "set-cookie: ********"],
  ["a session alone", "session=MTc-x_ expired", "session=******** expired"],
  [
    "the session that Stash hands over",
    '{"SessionCookie":{"Name":"session","Value":"MTc","Path":""}}',
    '{"SessionCookie":{"Name":"session","Value":"********","Path":""}}',
  ],
  ["URL userinfo", "http://me:pw@plex:32400/x", "http://********@plex:32400/x"],
  ["nothing in a plain address", "http://plex:32400/a@b", "http://plex:32400/a@b"],
  ["nothing in a sentence", "Set plex_token to a valid token; stash_api_key: required", undefined],
] as const;

for (const [what, text, want] of CASES) {
  Deno.test(`createRedactor() masks ${what}`, () => {
    assertEquals(createRedactor([TOKEN])(text), want ?? text);
  });
}

Deno.test("createRedactor() masks a JSON-escaped secret", () => {
  const secret = 'quo"te\\back';
  assertEquals(createRedactor([secret])(JSON.stringify({ secret })), '{"secret":"********"}');
});

Deno.test("createRedactor() masks short secrets as whole words only, and ignores empty ones", () => {
  const redact = createRedactor(["abc", "", "*"]);
  assertEquals(redact("abc abcd x-abc, fabc"), "******** abcd x-********, fabc");
  assertEquals(createRedactor([""])("text"), "text");
});

Deno.test("createRedactor() masks the longer of two secrets that begin alike", () => {
  assertEquals(createRedactor(["abcd", "abcdefgh"])("abcdefgh abcd"), "******** ********");
});

Deno.test("createRedactor() is not slowed down by hostile text", () => {
  const redact = createRedactor([TOKEN]);
  const size = 200_000;
  for (const text of ["a", "://", "cookie=a=", "session=", 'SessionCookie"', "\\", "a=b;"]) {
    const long = text.repeat(size / text.length);
    assert(redact(long).length > 0);
  }
});

/** Secrets as servers make them: long enough that they occur by intent only. */
const secretText = fc.string({
  unit: fc.constantFrom(
    ..."abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.+/=%&\"\\'$",
  ),
  minLength: 12,
  maxLength: 40,
});

for (const format of ["text", "json"] as LogFormat[]) {
  Deno.test(`no secret reaches a ${format} line by message, field, name, error, cause or stack`, () => {
    fc.assert(
      fc.property(secretText, fc.string(), fc.nat(9_000), (secret, around, padding) => {
        const { log, lines } = collect({ format, target: "stash", secrets: [secret] });
        const at = `${around}${" ".repeat(padding)}${secret}${around}`;
        const url = `http://h/?q=${encodeURIComponent(secret)}`;
        const cause = new Error(at, { cause: url });
        log.child(secret).info(at, {
          url,
          path: at,
          changed: [at, url],
          details: { [secret]: { deep: JSON.stringify({ secret }) } },
        });
        log.error("m", { error: new PlexsyncError("Unknown", at, { cause, path: at, hint: at }) });
        log.stats({ [secret]: at });
        assertEquals(lines.length, 3);
        const forms = [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)];
        for (const line of lines) {
          for (const form of forms) assert(!line.includes(form), `${form} in ${line}`);
        }
      }),
      { numRuns: 200 },
    );
  });
}

Deno.test("a numeric secret is masked in numbers too, and the line stays JSON", () => {
  const { log, lines } = collect({ format: "json", target: "file", secrets: ["12345678"] });
  log.info("m", { count: 12345678, details: { n: 912345678 } });
  const { count, details } = JSON.parse(lines[0]!);
  assertEquals([count, details], ["********", { n: "9********" }]);
});
