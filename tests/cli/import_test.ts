import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { parse } from "smol-toml";
import type { TakenRow } from "../../src/core/settings/takeover.ts";
import { startSimStash } from "../sim/stash/server.ts";
import { DataDir } from "./data_dir.ts";

interface Report {
  changed: string[];
  rows: TakenRow[];
}

const OLD = {
  plex_url: "http://plex:32400",
  plex_token: "old-plex-token",
  debug_logging: true,
  preserve_plex_edits: true,
  strict_mode: true,
};

/** Stash's folder, with the older plugin in it. */
function stashFolder(dir: DataDir): string {
  const plugin = dir.file("stash/plugins/Stash2Plex");
  Deno.mkdirSync(join(plugin, "data"), { recursive: true });
  const lines = Object.entries(OLD).map(([key, value]) => `      ${key}: ${value}\n`);
  Deno.writeTextFileSync(
    dir.file("stash/config.yml"),
    `plugins:\n  settings:\n    Stash2Plex:\n${lines.join("")}`,
  );
  const stats = {
    jobs_processed: 12,
    jobs_succeeded: 11,
    jobs_failed: 1,
    session_start: 1_700_000,
  };
  Deno.writeTextFileSync(join(plugin, "data/stats.json"), JSON.stringify(stats));
  Deno.writeTextFileSync(join(plugin, "data/sync_timestamps.json"), '{"1": 1700000000.5}');
  return plugin;
}

function settings(dir: DataDir): Record<string, unknown> {
  return parse(Deno.readTextFileSync(dir.file("plexsync.toml")));
}

Deno.test("import takes settings and figures from the older plugin's folder, for their owner alone", async () => {
  using dir = new DataDir();
  const plugin = stashFolder(dir);
  const { rows } = await dir.json<Report>("import", "stash2plex", "--dir", plugin);
  assertEquals(settings(dir), {
    plex_url: OLD.plex_url,
    plex_token: OLD.plex_token,
    log_level: "debug",
    preserve_plex_edits: true,
  });
  if (Deno.build.os !== "windows") {
    assertEquals(Deno.statSync(dir.file("plexsync.toml")).mode! & 0o777, 0o600);
  }
  const verdicts = Object.fromEntries(rows.map(({ setting, verdict }) => [setting, verdict]));
  assertEquals(verdicts, {
    plex_url: "taken",
    plex_token: "taken",
    debug_logging: "taken",
    preserve_plex_edits: "differs",
    strict_mode: "left",
    "stats.json": "taken",
    "sync_timestamps.json": "left",
  });
});

Deno.test("the older plugin's figures are the base of those of the first run", async () => {
  using dir = new DataDir();
  const plugin = stashFolder(dir);
  await dir.text("import", "stash2plex", "--dir", plugin);
  const stats = await dir.json<Record<string, unknown>>("stats");
  assertEquals(stats.jobs_processed, 12);
  const again = await dir.json<Report>("import", "stash2plex", "--dir", plugin);
  assertEquals(again.changed, []);
  assertEquals(again.rows.find(({ setting }) => setting === "stats.json")!.verdict, "left");
});

Deno.test("import --dry-run shows what would be taken and what differs, and writes nothing", async () => {
  using dir = new DataDir();
  const plugin = stashFolder(dir);
  const before = dir.names();
  const text = await dir.text("import", "stash2plex", "--dir", plugin, "--dry-run");
  assertStringIncludes(text, "preserve_plex_edits: there every value that Plex has is kept");
  assertStringIncludes(text, "strict_mode: ");
  assertStringIncludes(text, "Nothing was written");
  assert(!text.includes(OLD.plex_token));
  assertEquals(dir.names(), before);
});

for (const [word, id] of [["stash2plex", "Stash2Plex"], ["plexsync-py", "PlexSync"]] as const) {
  Deno.test(`import ${word} --from-stash reads the settings of ${id} in Stash`, async () => {
    using dir = new DataDir();
    const stash = await startSimStash({ plugins: { [id]: OLD } });
    try {
      Deno.writeTextFileSync(dir.file("key"), stash.apiKey);
      const from = [
        "--from-stash",
        "--stash-url",
        stash.url,
        "--stash-api-key-file",
        dir.file("key"),
      ];
      const { rows } = await dir.json<Report>("import", word, ...from);
      assertEquals(rows.length, Object.keys(OLD).length);
      assertEquals(settings(dir).plex_token, OLD.plex_token);
      assertEquals(settings(dir).stash_url, stash.url);
    } finally {
      await stash.close();
    }
  });
}

Deno.test("import says where it found nothing, and what is wrong with the call", async () => {
  using dir = new DataDir();
  const none = await dir.run("import", "stash2plex", "--dir", dir.path);
  assertEquals(none.code, 1);
  assertStringIncludes(none.stderr, `Cannot find anything of Stash2Plex in ${dir.path}`);
  for (const flags of [[], ["--from-stash", "--dir", "/x"], ["--from-stash"]]) {
    const { code, stderr } = await dir.run("import", "stash2plex", ...flags);
    assertEquals(code, 2, stderr);
  }
});

Deno.test("import never changes a config file without a person or --yes", async () => {
  using dir = new DataDir();
  const plugin = stashFolder(dir);
  Deno.writeTextFileSync(dir.file("plexsync.toml"), "batch_size = 7\n");
  const asked = await dir.run("import", "stash2plex", "--dir", plugin);
  assertEquals(asked.code, 2);
  assertEquals(settings(dir), { batch_size: 7 });
  await dir.text("import", "stash2plex", "--dir", plugin, "--yes");
  assertEquals(settings(dir).batch_size, 7);
  assertEquals(settings(dir).plex_url, OLD.plex_url);
});
