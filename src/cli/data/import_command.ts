import { openSettings } from "../../app/installation.ts";
import { aroundSetup, changedKeys, setupFile } from "../../app/settings/setup_file.ts";
import { keepStats, OLDER, type Older, readOlder } from "../../app/settings/takeover.ts";
import type { TomlValue } from "../../config/toml_edit.ts";
import { UserError } from "../../core/failures/errors.ts";
import type { TakenRow } from "../../core/settings/takeover.ts";
import { DECLINED } from "../terminal/ask_first.ts";
import type { Command, Invocation } from "../frame/command.ts";
import { draftOf } from "../init/init_draft.ts";
import { keepSettings, promptOf } from "../init/keep_settings.ts";
import { print, table } from "../terminal/output.ts";

export const command: Command = {
  usage: "import",
  summary: "Take over the settings and figures of an older plugin",
  flags: [
    { name: "from-stash", meaning: "read its settings from Stash" },
    { name: "dir", value: "DIR", meaning: "the plugin's folder, or that of its data" },
    { name: "stash-api-key-file", value: "FILE", meaning: "file that holds the API key of Stash" },
    { name: "dry-run", meaning: "only show what would be taken" },
    { name: "yes", meaning: "change a config file that is there without asking" },
  ],
  actions: {
    "stash2plex": { summary: "that of Stash2Plex" },
    "plexsync-py": { summary: "that of PlexSync in Python, as Stash2Plex was called before" },
  },
  examples: [
    {
      line: "plexsync import stash2plex --from-stash --dry-run",
      tells: "what would be taken, and what means something else here",
    },
    {
      line: "plexsync import stash2plex --dir ~/.stash/plugins/Stash2Plex",
      tells: "also its figures, which become the base of those here",
    },
  ],
  notes: [
    "With --dir the settings are those in Stash's config.yml above that folder. Nothing of the " +
    "older plugin is changed: turn it off in Stash, or both write to Plex.",
    "plexsync init asks for what is missing afterwards.",
  ],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const { values, switches, action } = invocation;
  const fromStash = switches.has("from-stash");
  if (fromStash === (values.dir !== undefined)) {
    throw new UserError("Say where it is: one of --from-stash, --dir DIR", "usage");
  }
  const file = setupFile(invocation.around);
  using settings = openSettings(aroundSetup(invocation.around, file), { need: "offline" });
  const { config } = draftOf(invocation, settings);
  const from = fromStash ? { stash: true } as const : { dir: values.dir! };
  const older = action as Older;
  const taken = await readOlder(older, from, { ...settings, config });
  const wanted: Record<string, TomlValue> = {
    ...taken.settings,
    // It was good enough to ask Stash.
    ...(fromStash ? { stash_url: config.stashUrl, stash_api_key: config.stashApiKey } : {}),
  };
  const dryRun = switches.has("dry-run");
  const changed = dryRun
    ? changedKeys(file, wanted)
    : keepSettings(invocation, file, wanted, promptOf(invocation));
  if (changed === null) return DECLINED;
  if (!dryRun && taken.stats !== null) keepStats(settings, taken.stats);
  const report = { path: file.path, changed, written: !dryRun, rows: taken.rows };
  print(
    invocation,
    report,
    (paint) =>
      table(["SETTING", "VERDICT", "HERE"], taken.rows.map(cellsOf), paint) +
      notesText(taken.rows) + nextText(dryRun, older),
  );
  return 0;
}

function cellsOf({ setting, verdict, becomes }: TakenRow): string[] {
  return [setting, verdict, becomes ?? ""];
}

function notesText(rows: readonly TakenRow[]): string {
  const noted = rows.filter(({ note }) => note !== null);
  if (noted.length === 0) return "";
  return `\n${noted.map(({ setting, note }) => `${setting}: ${note}\n`).join("")}`;
}

function nextText(dryRun: boolean, older: Older): string {
  return dryRun
    ? "\nNothing was written\n"
    : `\nNext:\n  Turn ${OLDER[older]} off in Stash: Settings > Plugins\n  plexsync init\n`;
}
