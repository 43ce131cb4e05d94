import { join } from "node:path";
import { entryOf, KEYS } from "../../config/schema.ts";
import type { TomlValue } from "../../config/toml_edit.ts";
import { UserError } from "../../core/failures/errors.ts";
import { isRecord, parseJson } from "../../core/text/json.ts";
import { settingsInStashFile, type TakenRow, takeOver } from "../../core/settings/takeover.ts";
import { plural } from "../../core/text/wording.ts";
import { createStashConfig } from "../../stash/stash_config.ts";
import { writeAtomic } from "../data/atomic_file.ts";
import { ensureDataDir } from "../data/data_folder.ts";
import { openExisting, type Settings } from "../installation.ts";
import { stashOptions } from "./stash_options.ts";
import { readStats } from "../reports/stats_file.ts";

/** The older plugins, by the word for them, with the id that Stash knows them by. */
export const OLDER = { "stash2plex": "Stash2Plex", "plexsync-py": "PlexSync" } as const;

export type Older = keyof typeof OLDER;

/** What an older plugin leaves to us. */
export interface Takeover {
  settings: Record<string, TomlValue>;
  rows: TakenRow[];
  /** Text of its `stats.json`, to be put into the data directory; null: there is none to take. */
  stats: string | null;
}

/**
 * Reads what an older plugin kept.
 * @param from Stash itself, or the folder of the plugin or of its data
 * @throws {UserError} there is nothing of it
 * @throws {PlexsyncError} Stash does not answer
 */
export async function readOlder(
  older: Older,
  from: { stash: true } | { dir: string },
  settings: Settings,
): Promise<Takeover> {
  const id = OLDER[older];
  const old = "stash" in from ? await inStash(id, settings) : inFolder(from.dir, id);
  const { settings: taken, rows } = takeOver(old, ({ key, value }) => {
    if (!KEYS.includes(key)) return undefined;
    const parsed = entryOf(key).kind.parse(value);
    return "problem" in parsed ? parsed.problem : null;
  });
  const files = "stash" in from ? { rows: [], stats: null } : await filesIn(from.dir, settings);
  const all = [...rows, ...files.rows];
  if (all.length === 0) {
    const where = "stash" in from ? "in Stash" : `in ${from.dir}`;
    const hint = "stash" in from
      ? "Where it was removed from Stash, name its folder with --dir"
      : "Name the plugin's folder, or its data folder with stats.json, or use --from-stash";
    throw new UserError(`Cannot find anything of ${id} ${where}`, "failed", hint);
  }
  const values = taken.map(({ key, value }) => [key, value as TomlValue] as const);
  return { settings: Object.fromEntries(values), rows: all, stats: files.stats };
}

/** Puts the figures into the data directory, where the first run begins with them. */
export function keepStats({ files }: Pick<Settings, "files">, stats: string): void {
  ensureDataDir(files.folder);
  writeAtomic(files.stats, stats);
}

async function inStash(id: string, { config }: Settings): Promise<Record<string, unknown>> {
  if (config.stashUrl === "") {
    const hint = "Give --stash-url and PLEXSYNC_STASH_API_KEY, or name its folder with --dir";
    throw new UserError("Cannot ask Stash: stash_url is not set", "usage", hint);
  }
  return await createStashConfig(stashOptions(config)).pluginSettings(undefined, id);
}

/** Stash's config file is two folders above the plugin, or three where it was installed by Stash. */
function inFolder(dir: string, id: string): Record<string, unknown> {
  for (const above of ["..", "../..", "../../.."]) {
    const text = textIn(join(dir, above, "config.yml"));
    if (text !== null) return settingsInStashFile(text, id);
  }
  return {};
}

async function filesIn(
  dir: string,
  settings: Settings,
): Promise<{ rows: TakenRow[]; stats: string | null }> {
  const rows: TakenRow[] = [];
  let stats: string | null = null;
  const statsFile = find(dir, "stats.json");
  if (statsFile !== null) {
    const problem = await whyNoStats(statsFile, settings);
    if (problem === null) stats = Deno.readTextFileSync(statsFile);
    rows.push({
      setting: "stats.json",
      verdict: problem === null ? "taken" : "left",
      becomes: problem === null ? settings.files.stats : null,
      note: problem,
    });
  }
  const times = find(dir, "sync_timestamps.json");
  if (times !== null) {
    const value = parseJson(textIn(times) ?? "");
    const count = isRecord(value) ? Object.keys(value).length : 0;
    const note =
      `${plural(count, "scene")} that it had synced: the first sync compares each with ` +
      "Plex itself, and leaves alone what is equal";
    rows.push({ setting: "sync_timestamps.json", verdict: "left", becomes: null, note });
  }
  return { rows, stats };
}

/** null: it can become the base of the figures here. */
async function whyNoStats(path: string, settings: Settings): Promise<string | null> {
  const read = readStats(path);
  if (read.kind === "damaged") return `it is damaged: ${read.reason}`;
  if (readStats(settings.files.stats).kind !== "missing") return "there are figures here already";
  using installation = await openExisting(settings);
  const begun = installation?.store.totals.read().session_start ?? 0;
  return begun === 0 ? null : "there are figures here already";
}

function find(dir: string, name: string): string | null {
  const folders = [dir, join(dir, "data"), join(dir, "queue"), join(dir, "data", "queue")];
  return folders.map((folder) => join(folder, name)).find((path) => textIn(path) !== null) ?? null;
}

function textIn(path: string): string | null {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    // Not there, or not for us to read: as good as not there.
    return null;
  }
}
