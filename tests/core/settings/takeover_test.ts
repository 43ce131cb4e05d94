import { assertEquals } from "@std/assert";
import { entryOf, KEYS } from "../../../src/config/schema.ts";
import {
  settingsInStashFile,
  type TakenRow,
  type TakenSetting,
  takeOver,
} from "../../../src/core/settings/takeover.ts";

function problemOf({ key, value }: TakenSetting): string | null | undefined {
  if (!KEYS.includes(key)) return undefined;
  const parsed = entryOf(key).kind.parse(value);
  return "problem" in parsed ? parsed.problem : null;
}

type Verdict = TakenRow["verdict"] | "nothing";

/** Each setting of the older plugins, and what it becomes. */
const MAPPING: [setting: string, raw: unknown, Verdict, key?: string, value?: unknown][] = [
  ["plex_url", "http://plex:32400", "taken", "plex_url", "http://plex:32400"],
  ["plex_token", "abcdefghijk", "taken", "plex_token", "abcdefghijk"],
  ["plex_library", "Adult, Movies", "taken", "plex_library", "Adult, Movies"],
  ["enabled", true, "taken", "enabled", true],
  ["enabled", false, "left"],
  ["max_retries", 7, "taken", "max_retries", 7],
  ["max_retries", 99, "left"],
  ["poll_interval", 60, "differs", "poll_interval", 60],
  ["strict_matching", false, "differs", "strict_matching", false],
  ["preserve_plex_edits", true, "differs", "preserve_plex_edits", true],
  ["connect_timeout", 5, "taken", "connect_timeout", 5],
  ["plex_connect_timeout", 9, "taken", "connect_timeout", 9],
  ["read_timeout", 60, "taken", "read_timeout", 60],
  ["plex_read_timeout", 60, "taken", "read_timeout", 60],
  ["dlq_retention_days", 14, "taken", "dlq_retention_days", 14],
  ["max_tags", 50, "taken", "max_tags", 50],
  ["skip_not_found", true, "taken", "skip_not_found", true],
  ["strict_mode", true, "left"],
  ...["master", "studio", "summary", "tagline", "date", "performers", "tags", "poster"].map(
    (field): [string, unknown, Verdict, string, unknown] => [
      `sync_${field}`,
      false,
      "taken",
      `sync_${field}`,
      false,
    ],
  ),
  ["sync_background", false, "taken", "sync_background", false],
  ["sync_collection", false, "taken", "sync_collection", false],
  ["trigger_plex_scan", true, "taken", "trigger_plex_scan", true],
  ["debug_logging", true, "taken", "log_level", "debug"],
  ["debug_logging", false, "nothing"],
  ["obfuscate_paths", true, "taken", "obfuscate_paths", true],
  ["reconcile_interval", "daily", "taken", "reconcile_interval", "daily"],
  ["reconcile_scope", "7days", "taken", "reconcile_scope", "7days"],
  ["reconcile_missing", false, "taken", "reconcile_missing", false],
  ["plex_unmatched_path_map", "/media/=>/data; /m2=>/d2", "differs", "path_map", [
    { stash: "/data", plex: "/media" },
    { stash: "/d2", plex: "/m2" },
  ]],
  ["plex_unmatched_path_map", "/media", "left"],
  ["something_else", 1, "left"],
  ["plex_library", "", "nothing"],
  ["max_tags", null, "nothing"],
];

for (const [setting, raw, verdict, key, value] of MAPPING) {
  Deno.test(`takeOver(): ${setting} = ${JSON.stringify(raw)} is ${verdict}`, () => {
    const { settings, rows } = takeOver({ [setting]: raw }, problemOf);
    assertEquals(rows.map((row) => row.verdict), verdict === "nothing" ? [] : [verdict]);
    assertEquals(settings, key === undefined ? [] : [{ key, value }]);
    for (const { verdict, note, becomes } of rows) {
      assertEquals(note === null, verdict === "taken");
      assertEquals(becomes, key ?? null);
    }
  });
}

Deno.test("settingsInStashFile() reads the settings of one plugin in Stash's config file", () => {
  const text = `host: 0.0.0.0
plugins:
    disabled: []
    settings:
        Other:
            plex_url: http://other
        Stash2Plex:
            plex_url: http://plex:32400
            plex_token: "a\\"b"
            plex_library: 'it''s'
            max_retries: 3
            enabled: true
port: 9999
plex_url: none
`;
  assertEquals(settingsInStashFile(text, "Stash2Plex"), {
    plex_url: "http://plex:32400",
    plex_token: 'a"b',
    plex_library: "it's",
    max_retries: 3,
    enabled: true,
  });
  assertEquals(settingsInStashFile(text, "PlexSync"), {});
});
