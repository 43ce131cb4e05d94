import { assertEquals } from "@std/assert";
import { ENTRIES } from "../../src/config/schema.ts";
import { secretsOf } from "../../src/config/secrets.ts";
import { describeConfig } from "../../src/config/show.ts";
import { FILE, load } from "./harness.ts";

const TOML = `
plex_token = "tok-1"
stash_url = "http://stash:9999"
poll_interval = "90s"
path_map = [{ stash = "/d", plex = "/m" }]
`;

Deno.test("describeConfig() shows every setting once, with its origin and without secrets", () => {
  const rows = describeConfig(load({ toml: TOML, flags: { "log-level": "debug" } }));
  assertEquals(rows.map(({ key }) => key), ENTRIES.map(({ key }) => key));
  const row = (key: string) => {
    const { value, origin, default: standard } = rows.find((r) => r.key === key)!;
    return [value, origin, standard];
  };
  assertEquals(row("plex_token"), ["********", `file ${FILE}`, "required"]);
  assertEquals(row("plex_url"), ["(not set)", "default", "required"]);
  assertEquals(row("stash_url"), ["http://stash:9999", `file ${FILE}`, "required"]);
  assertEquals(row("listen_token"), ["(not set)", "default", "(not set)"]);
  assertEquals(row("poll_interval"), ["1m 30s", `file ${FILE}`, "30s"]);
  assertEquals(row("path_map"), ["/d=/m", `file ${FILE}`, "learned"]);
  assertEquals(row("plex_library"), ["all", "default", "all"]);
  assertEquals(row("listen"), ["off", "default", "off"]);
  assertEquals(row("log_level"), ["debug", "flag --log-level", "info"]);
  assertEquals(JSON.stringify(rows).includes("tok-1"), false);
});

Deno.test("secretsOf() names a password in the form that travels too", () => {
  const { config } = load({ toml: 'stash_user = "me"\nstash_password = "päss wörd"' });
  assertEquals(secretsOf(config), ["päss wörd", "bWU6cMOkc3Mgd8O2cmQ="]);
});

Deno.test("secretsOf() names every secret that is set", () => {
  const toml = 'plex_token = "a1"\nstash_api_key = "b2"\nlisten_token = "c3"';
  assertEquals(secretsOf(load({ toml }).config), ["a1", "b2", "c3"]);
  assertEquals(secretsOf(load().config), []);
});
