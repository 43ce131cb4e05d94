import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { UserError } from "../../src/core/failures/errors.ts";
import type { Need } from "../../src/config/setting.ts";
import { FILE, load, memoryFiles, problemsOf } from "./harness.ts";

Deno.test("loadConfig() reports all mistakes of all sources at once, one per line, as exit 2", () => {
  const problems = problemsOf({
    flags: { "log-levl": "info" },
    env: { PLEXSYNC_BATCH_SIZE: "1000", PLEXSYNC_STASH_API_KEY_FILE: "/none" },
    toml: 'enabld = true\nplex_url = "plex"',
    pluginSettings: { max_tags: "lots" },
    requireFor: "daemon",
  });
  assertEquals(problems, [
    `Unknown key "enabld" in ${FILE}, line 1: the nearest is "enabled"`,
    "Cannot read stash_api_key from /none, named by PLEXSYNC_STASH_API_KEY_FILE: no such file",
    "Unknown flag --log-levl: the nearest is --log-level",
    `Cannot use plex_url = "plex" from file ${FILE}: must be an http:// or https:// address, ` +
    "such as http://127.0.0.1:32400",
    "plex_token is required: set it in plexsync.toml or as PLEXSYNC_PLEX_TOKEN",
    "stash_url is required: set it in plexsync.toml or as PLEXSYNC_STASH_URL",
    "stash_api_key is required: set it in plexsync.toml or as PLEXSYNC_STASH_API_KEY " +
    '(an explicit "" says that Stash has no password)',
    'Cannot use batch_size = "1000" from environment PLEXSYNC_BATCH_SIZE: ' +
    "must be a whole number from 1 to 100",
    'Cannot use max_tags = "lots" from Stash plugin settings: must be a whole number from 10 to 500',
  ]);
});

const NEEDS: { need: Need; want: string[] }[] = [
  { need: "offline", want: [] },
  { need: "plex", want: ["plex_url", "plex_token"] },
  { need: "stash", want: ["stash_url", "stash_api_key"] },
  { need: "daemon", want: ["plex_url", "plex_token", "stash_url", "stash_api_key"] },
];

for (const { need, want } of NEEDS) {
  Deno.test(`loadConfig() for ${need} asks for ${want.join(", ") || "nothing"}`, () => {
    assertEquals(problemsOf({ requireFor: need }).map((line) => line.split(" ")[0]), want);
  });
}

Deno.test("loadConfig() takes an explicitly empty API key as a Stash without password", () => {
  for (const given of [{ toml: 'stash_api_key = ""' }, { env: { PLEXSYNC_STASH_API_KEY: "" } }]) {
    const env = { PLEXSYNC_STASH_URL: "http://stash:9999", ...given.env };
    assertEquals(load({ ...given, env, requireFor: "stash" }).config.stashApiKey, "");
  }
  const toml = 'plex_url = "http://plex"\nplex_token = ""';
  assertEquals(problemsOf({ toml, requireFor: "plex" }).length, 1);
});

Deno.test("loadConfig() shows no secret of any source in any line", () => {
  const secret = "s3cret/with+signs";
  const error = assertThrows(
    () =>
      load({
        env: { PLEXSYNC_PLEX_TOKEN: secret, PLEXSYNC_TAG_MODE: `mix ${secret}` },
        files: memoryFiles({
          [FILE]: `plex_library = 5\nlog_target = "${"x".repeat(190)}${secret}"`,
        }),
      }),
    UserError,
  );
  assertMatch(error.message, /tag_mode[^]*log_target|log_target[^]*tag_mode/);
  assertEquals(error.message.includes(secret.slice(0, 8)), false);
});

Deno.test("loadConfig() escapes what would break a line", () => {
  const problems = problemsOf({ env: { PLEXSYNC_TAG_MODE: "a\nerror: forged\x1b[31m" } });
  assertEquals(problems.length, 1);
  assertEquals(problems[0]!.includes("\x1b"), false);
});

Deno.test("loadConfig() warns of variables it does not know, but not of its own", () => {
  const env = {
    PLEXSYNC_CONFIG: "",
    PLEXSYNC_DATA_DIR: "/data",
    PLEXSYNC_IMPORTS: "offline",
    PLEXSYNC_BIN: "/usr/bin/plexsync",
    PLEXSYNC_LOGLEVEL: "info",
    PLEXSYNC_STASH_URL_FILE: "/x",
    PLEXSYNC_EMPTY: "",
    PATH: "/bin",
  };
  assertEquals(load({ env }).warnings, [
    "Environment variable PLEXSYNC_LOGLEVEL is no setting and is ignored: " +
    "the nearest is PLEXSYNC_LOG_LEVEL",
    "Environment variable PLEXSYNC_STASH_URL_FILE is no setting and is ignored: " +
    "the nearest is PLEXSYNC_STASH_URL; only secrets can come from a file of their own",
  ]);
});

Deno.test("loadConfig() warns of a plugin setting that no longer exists", () => {
  assertEquals(load({ pluginSettings: { max_tag: 5 } }).warnings, [
    'Stash plugin setting "max_tag" is unknown and ignored: the nearest is "max_tags"',
  ]);
});
