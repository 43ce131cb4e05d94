import { assertEquals } from "@std/assert";
import { filesOf } from "../../src/app/data/data_files.ts";
import { Backups } from "../../src/daemon/backups.ts";
import { DatabaseFiles } from "../../src/daemon/database_files.ts";
import { onStop } from "../../src/daemon/service.ts";
import { stagesOf } from "../../src/daemon/stages.ts";
import { load } from "../config/harness.ts";
import { collect } from "../log/harness.ts";
import { openTestStore, TempFolder } from "../store/temp_store.ts";
import { FakeRuntime } from "../worker/fake_runtime.ts";
import { targetsOf } from "../../src/app/targets.ts";

/** Names of the services by stage, as they are made for a daemon whose servers do not answer. */
async function namesOf(once: boolean): Promise<string[][]> {
  using folder = new TempFolder();
  const files = filesOf(folder.path);
  const store = await openTestStore(files.database, "builtin");
  try {
    const { config } = load({
      requireFor: "daemon",
      env: {
        PLEXSYNC_PLEX_URL: "http://127.0.0.1:1",
        PLEXSYNC_PLEX_TOKEN: "plex-token",
        PLEXSYNC_STASH_URL: "http://127.0.0.1:1",
        PLEXSYNC_STASH_API_KEY: "stash-key",
        PLEXSYNC_TRIGGER_PLEX_SCAN: "true",
      },
    });
    const { log, lines } = collect();
    const runtime = new FakeRuntime();
    const parts = {
      config,
      files,
      store,
      targets: targetsOf(config),
      log,
      runtime,
      pid: 42,
      confirmSettings: () => Promise.resolve(true),
      services: () => [onStop("face", () => {})],
    };
    const backups = new Backups({ ...parts, folder: folder.path });
    const upkeep = { database: new DatabaseFiles(files.database), backups };
    const stages = stagesOf(parts, upkeep, { once, idleExitMs: null });
    assertEquals([lines, runtime.sleeps], [[], []], "making services starts nothing");
    return stages.map(({ services }) => services.map(({ name }) => name));
  } finally {
    store.close();
  }
}

Deno.test("a daemon stops what brings work, then the work, then what serves it, then the summaries", async () => {
  assertEquals((await namesOf(false)).reverse(), [
    [
      "settings guard",
      "poll",
      "fan-out",
      "sweep",
      "write watch",
      "reconcile schedule",
      "path learning",
      "index listener",
      "scan requests",
    ],
    ["work"],
    ["face", "connections", "upkeep", "journal upkeep"],
    ["summaries"],
  ]);
});

Deno.test("a single pass asks for nothing new and opens no face", async () => {
  assertEquals((await namesOf(true)).reverse(), [
    ["settings guard"],
    ["single pass"],
    ["connections", "upkeep", "journal upkeep"],
    ["summaries"],
  ]);
});
