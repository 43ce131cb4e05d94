import { type Flavour, MANIFEST_MARK } from "../app/install/plugin_install.ts";
import { ENTRIES } from "../config/schema.ts";
import { defaultText, type Entry } from "../config/setting.ts";
import { type Field, FIELDS } from "../core/sync/fields.ts";
import type { Task } from "./task_context.ts";

/**
 * What is listened to. Groups are not synced and markers have no field in Plex: each trigger costs
 * whoever saves one a process start, so what leads to nothing is not asked for.
 */
export const TRIGGERS: readonly string[] = [
  "Scene.Create.Post",
  "Scene.Update.Post",
  "Scene.Destroy.Post",
  "Performer.Update.Post",
  "Performer.Destroy.Post",
  "Studio.Update.Post",
  "Studio.Destroy.Post",
  "Tag.Update.Post",
  "Tag.Destroy.Post",
  "Tag.Merge.Post",
];

/**
 * The settings on Stash's page beside the switches of the fields, with the names that people read
 * there. What has to be known before Stash can be asked, and where plexsync logs and listens, is
 * for the config file.
 */
const OTHER_SETTINGS: Readonly<Record<string, string>> = {
  batch_size: "Scenes worked on together",
  connect_timeout: "Wait for a connection to Plex (seconds)",
  dlq_retention_days: "Keep dead letters (days)",
  enabled: "plexsync is enabled",
  ignore_studios: "Leave out scenes of these studios",
  ignore_tags: "Leave out scenes with these tags",
  log_format: "Format of the log",
  log_level: "Least important level of the log",
  max_parallel_writes: "Most writes to Plex side by side",
  max_retries: "Retries before a scene is given up",
  max_tags: "Most tags of one scene",
  obfuscate_paths: "Hide paths in the log",
  only_organized: "Organized scenes only",
  path_map: "Folders of Stash as Plex sees them",
  plex_library: "Plex libraries",
  plex_token: "Plex token",
  plex_url: "Plex address",
  polite: "Half speed while somebody watches",
  poll_interval: "Ask Stash for changes every (seconds)",
  preserve_plex_edits: "Keep what was edited in Plex",
  quiet_hours: "No bulk work at this time of the day",
  read_timeout: "Wait for an answer of Plex (seconds)",
  reconcile_interval: "Compare Stash and Plex as a whole",
  reconcile_missing: "Comparison: look for missing scenes",
  reconcile_scope: "Comparison: which scenes",
  skip_not_found: "Skip scenes that Plex does not have",
  strict_matching: "Match by sure evidence only",
  summary_interval: "Jobs between two summaries in the log",
  sweep_interval: "Walk over all scenes",
  sync_master: "Write to Plex",
  tag_mode: "Lists of tags and performers",
  trigger_plex_scan: "Ask Plex to scan for missing scenes",
  wait_for_scan: "Wait for the end of Stash's scans",
  write_floor: "Least time between two writes (ms)",
};

/** The names of the settings on Stash's page, by key, in order. */
export function settingNames(fields: readonly Field[] = FIELDS): [key: string, name: string][] {
  const switches = fields.flatMap(({ name, setting }): [string, string][] =>
    setting === null ? [] : [[setting.key, `Write: ${name}`]]
  );
  return [...Object.entries(OTHER_SETTINGS), ...switches].sort(([a], [b]) => a < b ? -1 : 1);
}

/**
 * The manifest `plexsync.yml`, by Stash's strict rules: an unknown key or a
 * value of another type makes it refuse the whole file.
 */
export function manifestText(flavour: Flavour, tasks: readonly Task[], version: string): string {
  const fields: [string, unknown][] = [
    ["name", "plexsync"],
    ["description", "Keeps the metadata of a Plex library equal to what was curated in Stash."],
    ["version", version],
    ["interface", "raw"],
    ["exec", commandOf(flavour)],
    // What comes without our prefix is a fault of the start itself.
    ["errLog", "error"],
    ["hooks", [{
      name: "changes",
      description: "Notes what changed, for the daemon to sync.",
      triggeredBy: TRIGGERS,
    }]],
    [
      "tasks",
      tasks.map(({ name, description, mode }) => ({
        name,
        description,
        ...(flavour.kind === "remote" ? { execArgs: TASK_ARGS } : {}),
        defaultArgs: { mode },
      })),
    ],
    [
      "settings",
      Object.fromEntries(settingNames().map(([key, name]) => [key, settingOf(key, name)])),
    ],
  ];
  const lines = fields.map(([name, value]) => `${name}:${yaml(value, 1)}`);
  return [MANIFEST_MARK, ...notes(flavour).map((note) => `# ${note}`), ...lines].join("\n") + "\n";
}

function commandOf(flavour: Flavour): string[] {
  if (flavour.kind === "exec") {
    const { executable, dataDir, config } = flavour;
    return [
      executable,
      "plugin",
      ...(dataDir === null ? [] : ["--data-dir", dataDir]),
      ...(config === undefined ? [] : ["--config", config]),
    ];
  }
  const { url, token, timeoutSeconds } = flavour;
  const script = postScript(timeoutSeconds);
  return ["sh", "-c", script, `Authorization: Bearer ${token}`, `${url}/api/hook`];
}

/** Behind the command of a task: its answer goes to Stash's log, a hook's goes to Stash. */
const TASK_ARGS = ["log"];

/**
 * Posts what comes on stdin to $1 with the header $0. By busybox, because the full wget cannot
 * post stdin. Its own limit is 15 minutes, and whoever saves in Stash waits for it; of the two ways
 * to set one, Debian's busybox crashes over -T, and busybox's own timeout leaves a process behind
 * that nobody waits for, which in a container is never gone: so GNU's is taken where it is.
 */
function postScript(timeoutSeconds: number | null): string {
  const limited = timeoutSeconds === null ? [] : [
    `timeout --version >/dev/null 2>&1 && exec timeout ${timeoutSeconds} busybox wget "$@"`,
    `set -- -T ${timeoutSeconds} "$@"`,
  ];
  return [
    'if [ "$2" = log ]; then set -- "$1?answer=log" /dev/stderr; else set -- "$1" -; fi',
    'set -- -q -O "$2" --header \'Content-Type: application/json\' --header "$0" ' +
    '--post-file - "$1"',
    ...limited,
    'exec busybox wget "$@"',
  ].join("; ");
}

function notes(flavour: Flavour): string[] {
  return flavour.kind === "exec"
    ? [
      flavour.dataDir === null
        ? "The daemon has to run as the user that Stash runs as."
        : "The daemon has to work on the data directory that exec names.",
    ]
    : ["exec holds the daemon's listen_token: nobody but Stash should read this file."];
}

function settingOf(
  key: string,
  displayName: string,
): { displayName: string; description: string; type: string } {
  const entry = ENTRIES.find((each) => each.key === key)!;
  return {
    displayName,
    description: `${describe(entry)} In the config file, which wins over this: ${key}.`,
    type: typeOf(entry),
  };
}

function typeOf({ kind, default: preset }: Entry): string {
  if (typeof preset === "boolean") return "BOOLEAN";
  return kind.range === undefined ? "STRING" : "NUMBER";
}

function describe(entry: Entry): string {
  const meaning = `${entry.meaning[0]!.toUpperCase()}${entry.meaning.slice(1)}.`;
  if (entry.default === true) {
    // Stash knows no defaults.
    return `${meaning} On, although Stash shows a switch that was never touched as off; ` +
      "to turn it off, switch it on and off again.";
  }
  if (entry.default === false) return `${meaning} Off by default.`;
  const secret = entry.secret ? " Shown in clear here; the config file is a safer place." : "";
  const preset = defaultText(entry);
  return `${meaning} It must be ${entry.kind.allowed}.` +
    (preset === "" ? "" : ` Default: ${preset}.`) + secret;
}

/** A value behind its key: strings in double quotes, for which JSON's form is YAML's too. */
function yaml(value: unknown, depth: number): string {
  if (typeof value === "string") return ` ${quote(value)}`;
  const indent = "  ".repeat(depth);
  if (Array.isArray(value)) {
    return value.map((item) => `\n${indent}-${inList(item, depth)}`).join("");
  }
  return Object.entries(value as object)
    .map(([key, inner]) => `\n${indent}${key}:${yaml(inner, depth + 1)}`).join("");
}

/** An object within a list begins on the line of its dash. */
function inList(item: unknown, depth: number): string {
  return yaml(item, depth + 1).replace(/^\n +/, " ");
}

function quote(text: string): string {
  const escape = (char: string) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(text.toWellFormed())
    .replace(/[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g, escape);
}
