import { assertEquals } from "@std/assert";
import type { ConfigSources } from "../../src/config/load.ts";
import { FILE, load, memoryFiles, problemsOf } from "./harness.ts";

/** Every source of `batch_size`, the strongest first. */
const SOURCES: { source: string; give: (to: ConfigSources) => void; value: number }[] = [
  { source: "flag", give: (to) => to.flags = { "batch-size": "11" }, value: 11 },
  { source: "environment", give: (to) => to.env = { PLEXSYNC_BATCH_SIZE: "12" }, value: 12 },
  {
    source: "file",
    give: (to) => to.files = memoryFiles({ [FILE]: "batch_size = 13" }),
    value: 13,
  },
  { source: "stash", give: (to) => to.pluginSettings = { batch_size: 14 }, value: 14 },
  { source: "default", give: () => {}, value: 50 },
];

for (const [index, { source, value }] of SOURCES.entries()) {
  Deno.test(`loadConfig() lets ${source} win over what is weaker`, () => {
    const sources: ConfigSources = {
      flags: {},
      env: {},
      files: memoryFiles({}),
      requireFor: "offline",
    };
    for (const { give } of SOURCES.slice(index)) give(sources);
    const { config, origins } = load(sources);
    assertEquals(config.batchSize, value);
    assertEquals(origins.batch_size!.source, source);
  });
}

Deno.test("loadConfig() says for each source which flag, variable or file it was", () => {
  const { origins } = load({
    flags: { log_level: "debug" },
    env: { PLEXSYNC_LOG_FORMAT: "json" },
    toml: 'tag_mode = "mirror"',
    pluginSettings: { max_tags: 20 },
  });
  assertEquals(origins.log_level, { source: "flag", detail: "--log-level" });
  assertEquals(origins.log_format, { source: "environment", detail: "PLEXSYNC_LOG_FORMAT" });
  assertEquals(origins.tag_mode, { source: "file", detail: FILE });
  assertEquals(origins.max_tags, { source: "stash" });
  assertEquals(origins.enabled, { source: "default" });
});

Deno.test("loadConfig() takes an empty variable or plugin setting as not set", () => {
  const { config, origins } = load({
    env: { PLEXSYNC_BATCH_SIZE: "", PLEXSYNC_PLEX_URL: "" },
    pluginSettings: { batch_size: 14, plex_url: "", max_tags: null, max_retries: 0 },
  });
  assertEquals(config.batchSize, 14);
  // What Stash's page gives for a number that was never set, or emptied.
  assertEquals(origins.max_retries, { source: "default" });
  assertEquals(origins.plex_url, { source: "default" });
});

const SECRET_SOURCES = [
  { when: "in the variable", env: { PLEXSYNC_PLEX_TOKEN: "tok-1" }, source: "environment" },
  { when: "in a file", env: { PLEXSYNC_PLEX_TOKEN_FILE: "/run/token" }, source: "environment" },
  { when: "as a credential", env: { CREDENTIALS_DIRECTORY: "/cred" }, source: "credential" },
];

for (const { when, env, source } of SECRET_SOURCES) {
  Deno.test(`loadConfig() takes a secret ${when}, without the newline at its end`, () => {
    const files = memoryFiles({
      "/run/token": "tok-1\n",
      "/cred/plex_token": "tok-1\r\n",
      [FILE]: 'plex_token = "weaker"',
    });
    const { config, origins } = load({ env, files });
    assertEquals(config.plexToken, "tok-1");
    assertEquals(origins.plex_token!.source, source);
  });
}

Deno.test("loadConfig() prefers a variable to a credential", () => {
  const files = memoryFiles({ "/cred/plex_token": "weaker" });
  const env = { CREDENTIALS_DIRECTORY: "/cred", PLEXSYNC_PLEX_TOKEN: "stronger" };
  assertEquals(load({ env, files }).config.plexToken, "stronger");
});

Deno.test("loadConfig() refuses a secret that is given in two ways, or whose file is not there", () => {
  const both = { PLEXSYNC_PLEX_TOKEN: "a", PLEXSYNC_PLEX_TOKEN_FILE: "/run/token" };
  assertEquals(problemsOf({ env: both }), [
    "PLEXSYNC_PLEX_TOKEN and PLEXSYNC_PLEX_TOKEN_FILE are both set: keep one",
  ]);
  assertEquals(problemsOf({ env: { PLEXSYNC_PLEX_TOKEN_FILE: "/none" } }), [
    "Cannot read plex_token from /none, named by PLEXSYNC_PLEX_TOKEN_FILE: no such file",
  ]);
  const denied = memoryFiles({ "/cred/plex_token": new Error("permission denied") });
  assertEquals(problemsOf({ env: { CREDENTIALS_DIRECTORY: "/cred" }, files: denied }), [
    "Cannot read plex_token from /cred/plex_token: permission denied",
  ]);
});

Deno.test("loadConfig() refuses a secret on the command line", () => {
  const [problem, ...more] = problemsOf({ flags: { "plex-token": "hush-hush" } });
  assertEquals(more, []);
  assertEquals(problem!.includes("hush-hush"), false);
  assertEquals(problem!.startsWith("Cannot take plex_token from --plex-token"), true);
});
