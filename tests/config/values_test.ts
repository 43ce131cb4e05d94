import { assertEquals, assertStringIncludes } from "@std/assert";
import type { Config } from "../../src/config/config.ts";
import { ENTRIES } from "../../src/config/schema.ts";
import { envName } from "../../src/config/setting.ts";
import { FILE, load, memoryFiles, problemsOf } from "./harness.ts";

/** The table of the README and of the issue: each key, its default and its range. */
const DEFAULTS: Config = {
  plexUrl: "",
  plexToken: "",
  plexLibrary: [],
  plexSignInUrl: "https://plex.tv",
  stashUrl: "",
  stashApiKey: "",
  stashUser: "",
  stashPassword: "",
  caFile: null,
  enabled: true,
  logFormat: "text",
  logTarget: "auto",
  logLevel: "info",
  obfuscatePaths: false,
  notifyUrl: null,
  notifyOn: ["attention", "recovered"],
  maxRetries: 5,
  pollIntervalMs: 30_000,
  sweepInterval: "daily",
  waitForScan: true,
  connectTimeoutMs: 5_000,
  readTimeoutMs: 30_000,
  batchSize: 50,
  maxParallelWrites: 4,
  polite: false,
  quietHours: null,
  writeFloorMs: 0,
  summaryInterval: 10,
  dlqRetentionDays: 30,
  journalDays: 90,
  journalMaxMb: 512,
  strictMatching: true,
  skipNotFound: false,
  preservePlexEdits: false,
  tagMode: "merge",
  maxTags: 100,
  onlyOrganized: false,
  ignoreTags: [],
  ignoreStudios: [],
  pathMap: null,
  syncMaster: true,
  syncStudio: true,
  syncSummary: true,
  syncTagline: true,
  syncDate: true,
  syncPerformers: true,
  syncTags: true,
  syncPoster: true,
  syncBackground: true,
  syncCollection: true,
  syncRating: false,
  triggerPlexScan: false,
  reconcileInterval: "never",
  reconcileScope: "24h",
  reconcileMissing: true,
  listen: null,
  listenToken: null,
  trustedProxy: null,
  basePath: "",
  frameAncestors: [],
};

Deno.test("loadConfig() gives every setting its documented default", () => {
  assertEquals(load().config, DEFAULTS);
});

const RANGES = [
  { key: "max_retries", min: "1", below: "0", max: "20", above: "21" },
  { key: "poll_interval", min: "0.1", below: "0.09", max: "3600", above: "3601" },
  { key: "connect_timeout", min: "1", below: "0.9", max: "30", above: "31" },
  { key: "read_timeout", min: "5", below: "4", max: "120", above: "121" },
  { key: "batch_size", min: "1", below: "0", max: "100", above: "101" },
  { key: "max_parallel_writes", min: "1", below: "0", max: "16", above: "17" },
  { key: "write_floor", min: "0", below: "-1", max: "10000", above: "10001" },
  { key: "max_tags", min: "10", below: "9", max: "500", above: "501" },
  { key: "summary_interval", min: "1", below: "0", max: "100000", above: "100001" },
  { key: "dlq_retention_days", min: "1", below: "0", max: "3650", above: "3651" },
  { key: "journal_days", min: "0", below: "-1", max: "3650", above: "3651" },
  { key: "journal_max_mb", min: "1", below: "0", max: "100000", above: "100001" },
];

for (const { key, min, below, max, above } of RANGES) {
  Deno.test(`loadConfig() takes ${key} from ${min} to ${max} and nothing beyond`, () => {
    for (const value of [min, max]) {
      assertEquals(problemsOf({ env: { [envName(key)]: value } }), []);
    }
    for (const value of [below, above, "-1", "many", "1e1", "NaN"]) {
      const [problem] = problemsOf({ env: { [envName(key)]: value } });
      assertStringIncludes(
        problem!,
        `Cannot use ${key} = "${value}" from environment ${envName(key)}`,
      );
      assertStringIncludes(problem!, `${min} to ${max}`);
    }
  });
}

const READINGS: { toml: string; want: Partial<Config> }[] = [
  { toml: 'poll_interval = "1m"', want: { pollIntervalMs: 60_000 } },
  { toml: 'poll_interval = "30s"', want: { pollIntervalMs: 30_000 } },
  { toml: "poll_interval = 0.25", want: { pollIntervalMs: 250 } },
  { toml: "read_timeout = 6", want: { readTimeoutMs: 6_000 } },
  { toml: 'quiet_hours = "18:00-23:30"', want: { quietHours: { from: 1_080, to: 1_410 } } },
  { toml: 'quiet_hours = "none"', want: { quietHours: null } },
  { toml: 'plex_library = "Films, Clips ,"', want: { plexLibrary: ["Films", "Clips"] } },
  { toml: 'plex_library = ["A, B", "C"]', want: { plexLibrary: ["A, B", "C"] } },
  { toml: 'plex_library = "all"', want: { plexLibrary: ["all"] } },
  { toml: 'ignore_tags = "all"', want: { ignoreTags: ["all"] } },
  { toml: 'trusted_proxy = "none"', want: { trustedProxy: null } },
  {
    toml: 'trusted_proxy = "127.0.0.1, fd00::/8, Remote-User, Plexsync.example.org."',
    want: {
      trustedProxy: {
        addresses: ["127.0.0.1", "fd00::/8"],
        header: "Remote-User",
        hosts: ["plexsync.example.org"],
      },
    },
  },
  {
    toml: 'trusted_proxy = ["10.0.0.0/8"]',
    want: { trustedProxy: { addresses: ["10.0.0.0/8"], header: null, hosts: [] } },
  },
  { toml: 'base_path = "/"', want: { basePath: "" } },
  { toml: 'base_path = "plexsync/"', want: { basePath: "/plexsync" } },
  { toml: 'base_path = "/a/b-c.d~e"', want: { basePath: "/a/b-c.d~e" } },
  {
    toml: 'frame_ancestors = "self, https://Home.example.org:8443/"',
    want: { frameAncestors: ["self", "https://home.example.org:8443"] },
  },
  { toml: 'frame_ancestors = "none"', want: { frameAncestors: [] } },
  { toml: "path_map = []", want: { pathMap: [] } },
  { toml: 'path_map = "none"', want: { pathMap: [] } },
  { toml: 'path_map = "learned"', want: { pathMap: null } },
  { toml: "plex_library = []", want: { plexLibrary: [] } },
  { toml: 'plex_url = "http://plex:32400/"', want: { plexUrl: "http://plex:32400" } },
  { toml: 'plex_url = "https://h.example/plex//"', want: { plexUrl: "https://h.example/plex" } },
  { toml: 'stash_url = "http://[::1]:9999"', want: { stashUrl: "http://[::1]:9999" } },
  { toml: 'log_level = "DEBUG"', want: { logLevel: "debug" } },
  { toml: 'listen = "9797"', want: { listen: "127.0.0.1:9797" } },
  { toml: 'listen = "[::1]:9797"', want: { listen: "[::1]:9797" } },
  { toml: "listen = false", want: { listen: null } },
  { toml: 'listen = "off"', want: { listen: null } },
  {
    toml: 'path_map = [{ stash = "/data", plex = "D:\\\\media" }]',
    want: { pathMap: [{ stash: "/data", plex: "D:\\media" }] },
  },
  {
    toml: '[[path_map]]\nstash = "/a"\nplex = "/b"\n[[path_map]]\nstash = "/c"\nplex = "/d"\n',
    want: { pathMap: [{ stash: "/a", plex: "/b" }, { stash: "/c", plex: "/d" }] },
  },
  {
    toml: 'path_map = "/data=/media, /x=/y=z"',
    want: { pathMap: [{ stash: "/data", plex: "/media" }, { stash: "/x", plex: "/y=z" }] },
  },
];

for (const { toml, want } of READINGS) {
  Deno.test(`loadConfig() understands ${JSON.stringify(toml)}`, () => {
    assertEquals(load({ toml }).config, { ...DEFAULTS, ...want });
  });
}

for (
  const [word, want] of Object.entries({
    yes: true,
    ON: true,
    1: true,
    no: false,
    off: false,
    0: false,
  })
) {
  Deno.test(`loadConfig() takes ${word} for ${want}`, () => {
    assertEquals(load({ env: { PLEXSYNC_SYNC_TAGS: word } }).config.syncTags, want);
  });
}

const REFUSED = [
  { toml: 'enabled = "constructor"', want: "must be true or false" },
  { toml: "enabled = [true]", want: "must be true or false" },
  { toml: 'tag_mode = "replace"', want: "must be one of merge, mirror" },
  { toml: "log_level = 3", want: "must be one of trace, debug, info, warning, error" },
  { toml: "batch_size = 1.5", want: "must be a whole number from 1 to 100" },
  { toml: "batch_size = 1979-05-27", want: "must be a whole number from 1 to 100" },
  { toml: "plex_library = [1]", want: "must be a name" },
  { toml: 'plex_url = "plex:32400"', want: "must be an http:// or https:// address" },
  { toml: 'plex_url = "ftp://plex"', want: "must be an http:// or https:// address" },
  { toml: 'plex_url = "http://pl\\tex"', want: "must be an http:// or https:// address" },
  { toml: 'plex_url = "http://u:pw-123@plex"', want: "put the secret in plex_token" },
  { toml: 'plex_url = "http://plex/?X-Plex-Token=pw-123"', want: "put the secret in plex_token" },
  { toml: 'stash_url = "http://stash/?k=pw-123#x"', want: "put the secret in stash_api_key" },
  { toml: 'plex_token = "pw-123 and more"', want: "must be printable ASCII" },
  { toml: 'plex_token = "pw-123\\n"', want: "must be printable ASCII" },
  { toml: "stash_api_key = 5", want: "must be printable ASCII" },
  { toml: 'path_map = [{ stash = "data", plex = "/m" }]', want: "absolute paths" },
  { toml: 'path_map = [{ stash = "/d" }]', want: "must be a list of" },
  { toml: 'path_map = "/data"', want: "must be a list of" },
  { toml: 'path_map = "/d=/a,/d=/b"', want: "must not have two rules for /d" },
  {
    toml: '[[path_map]]\nstash = "/d"\nplex = "/m"\nplex_token = "pw-123"',
    want: "must be a list of",
  },
  { toml: 'listen = "0.0.0.0:99999"', want: "must be off or an address" },
  { toml: 'listen = "http://x:1"', want: "must be off or an address" },
  { toml: 'trusted_proxy = "Remote-User"', want: "must be none, or addresses of the proxy" },
  { toml: 'trusted_proxy = "0.0.0.0/0, Remote-User"', want: "must be none, or addresses" },
  { toml: 'trusted_proxy = "10.0.0.256"', want: "must be none, or addresses" },
  { toml: 'trusted_proxy = "10.0.0.1, One, Two"', want: "must be none, or addresses" },
  { toml: 'trusted_proxy = "10.0.0.1, X Y"', want: "must be none, or addresses" },
  { toml: 'trusted_proxy = "10.0.0.1, Cookie"', want: "must not go by Cookie" },
  { toml: 'trusted_proxy = "10.0.0.1, X-Forwarded-For"', want: "must not go by X-Forwarded-For" },
  { toml: "trusted_proxy = true", want: "must be none, or addresses" },
  { toml: 'base_path = "/a/../b"', want: "must be a path such as /plexsync" },
  { toml: 'base_path = "/a//b"', want: "must be a path such as /plexsync" },
  { toml: 'base_path = "/a;Path=/"', want: "must be a path such as /plexsync" },
  { toml: 'base_path = "https://x"', want: "must be a path such as /plexsync" },
  { toml: 'base_path = "/api/x"', want: "must not begin with /api" },
  { toml: 'frame_ancestors = "*"', want: "must be none, or self and addresses" },
  { toml: 'frame_ancestors = "https://x; script-src *"', want: "must be none, or self" },
  { toml: 'frame_ancestors = "https://x/path"', want: "must be none, or self and addresses" },
];

for (const { toml, want } of REFUSED) {
  Deno.test(`loadConfig() refuses ${JSON.stringify(toml)} without showing a secret`, () => {
    const [problem, ...more] = problemsOf({ toml });
    assertEquals(more, []);
    assertStringIncludes(problem!, want);
    assertEquals(problem!.includes("pw-123"), false, problem);
  });
}

Deno.test("loadConfig() shows no secret that was written as a number", () => {
  const [problem] = problemsOf({ toml: "plex_token = 12345678" });
  assertStringIncludes(problem!, "Cannot use plex_token = ********");
  assertEquals(problem!.includes("12345678"), false);
});

const PEM = "-----BEGIN CERTIFICATE-----\nMAo=\n-----END CERTIFICATE-----\n";

Deno.test("loadConfig() reads the certificates that ca_file names", () => {
  const { config } = load({
    files: memoryFiles({ [FILE]: 'ca_file = "/ca.pem"', "/ca.pem": PEM }),
  });
  assertEquals(config.caFile, { path: "/ca.pem", pem: PEM });
});

const UNFIT = [
  { what: "is not there", content: undefined, want: "there is no such file" },
  { what: "holds a key", content: "-----BEGIN PRIVATE KEY-----", want: "must hold a certificate" },
  { what: "cannot be read", content: new Error("permission denied"), want: "cannot be read: perm" },
];

for (const { what, content, want } of UNFIT) {
  Deno.test(`loadConfig() refuses a ca_file that ${what}`, () => {
    const files = memoryFiles({
      [FILE]: 'ca_file = "/ca.pem"',
      ...(content === undefined ? {} : { "/ca.pem": content }),
    });
    const [problem] = problemsOf({ files });
    assertStringIncludes(problem!, `Cannot use ca_file = "/ca.pem" from file ${FILE}: ${want}`);
  });
}

for (const page of ["/web", "/web/", "/web/index.html", "/web/index.html#!/media/1"]) {
  Deno.test(`loadConfig() refuses a plex_url that ends in ${page}, as browsers show it`, () => {
    const [problem, ...more] = problemsOf({ toml: `plex_url = "http://nas:32400${page}"` });
    assertEquals(more, []);
    assertStringIncludes(problem!, "which is Plex's page and not the server");
    assertEquals(load({ toml: `stash_url = "http://nas${page.split("#")[0]}"` }).warnings, []);
  });
}

Deno.test("loadConfig() can set every setting from the environment under its own name", () => {
  const { origins, warnings } = load({
    files: memoryFiles({ tok: PEM }),
    env: Object.fromEntries(ENTRIES.map(({ key, kind, default: value }) => {
      return [envName(key), kind.show(value) || (key.endsWith("url") ? "http://h:1" : "tok")];
    })),
  });
  const sources = new Set(Object.values(origins).map(({ source }) => source));
  assertEquals([...sources], ["environment"]);
  assertEquals(warnings, []);
});
