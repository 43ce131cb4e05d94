import { FIELDS, type FieldSwitch, switchOf } from "../core/sync/fields.ts";
import { NOTIFY_EVENTS } from "../core/failures/notification.ts";
import { INTERVALS } from "../core/time/interval.ts";
import { listenAddress, notifyAddress, pathRules, plexUrl, url } from "./addresses.ts";
import { basePath, frameAncestors, trustedProxy } from "./reverse_proxy.ts";
import { certificateFile, readCertificates } from "./certificate_file.ts";
import type { Config } from "./config.ts";
import {
  boolean,
  choice,
  dayHours,
  integer,
  line,
  names,
  namesOrAll,
  optionalSecret,
  seconds,
  secret,
  userName,
  words,
} from "./kinds.ts";
import type { Entry, Setting } from "./setting.ts";

/** The switches of the synced fields, from their table. */
const FIELD_SETTINGS = Object.fromEntries(
  FIELDS.flatMap((field) => {
    if (field.setting === null) return [];
    const { key, on, meaning } = field.setting;
    return [[switchOf(field)!, { key, kind: boolean, default: on, meaning }]];
  }),
) as Record<FieldSwitch, Setting<boolean>>;

/**
 * The one table of all settings; file, environment, flags, `config show` and
 * the table of `plexsync help settings` derive from it. The values are read by small functions of
 * our own (kinds.ts), not by a validation library: the hook's process reads its
 * settings within about 50 ms, and loading one costs 12 ms of them.
 */
const SETTINGS: { readonly [P in keyof Config]: Setting<Config[P]> } = {
  plexUrl: {
    key: "plex_url",
    kind: plexUrl,
    default: "",
    requiredFor: "plex",
    meaning: "address of the Plex server",
  },
  plexToken: {
    key: "plex_token",
    kind: secret,
    default: "",
    secret: true,
    requiredFor: "plex",
    meaning: "token of the server's owner; sent in a header only",
  },
  plexLibrary: {
    key: "plex_library",
    kind: namesOrAll,
    default: [],
    meaning:
      "libraries to sync: one name or key or several, comma separated or a list; `all` unless one is called so",
  },
  plexSignInUrl: {
    key: "plex_sign_in_url",
    kind: url("plex_token"),
    default: "https://plex.tv",
    meaning: "where `plexsync init` signs in to Plex by a code",
  },
  stashUrl: {
    key: "stash_url",
    kind: url("stash_api_key"),
    default: "",
    requiredFor: "stash",
    meaning: "address of Stash",
  },
  stashApiKey: {
    key: "stash_api_key",
    kind: secret,
    default: "",
    secret: true,
    requiredFor: "stash",
    emptyMeans: "Stash has no password",
    meaning: "API key of Stash; empty when Stash has no password",
  },
  stashUser: {
    key: "stash_user",
    kind: userName,
    default: "",
    meaning: "user name for a proxy with basic authentication before Stash",
  },
  stashPassword: {
    key: "stash_password",
    kind: line,
    default: "",
    secret: true,
    meaning: "password for that proxy; sent in a header only",
  },
  caFile: {
    key: "ca_file",
    kind: certificateFile,
    default: null,
    read: readCertificates,
    meaning:
      "file (PEM) with the authority of `https` addresses, or with a server's own certificate",
  },
  enabled: {
    key: "enabled",
    kind: boolean,
    default: true,
    meaning: "off: plexsync run does nothing and ends",
  },
  logFormat: {
    key: "log_format",
    kind: choice("text", "json"),
    default: "text",
    meaning: "text, or one JSON object inside each message",
  },
  logTarget: {
    key: "log_target",
    kind: choice("auto", "stash", "journal", "console", "file"),
    default: "auto",
    meaning:
      "stash (its wrapper on stderr), journal (`<N>` prefixes), console, file; auto: by how it was started",
  },
  logLevel: {
    key: "log_level",
    kind: choice("trace", "debug", "info", "warning", "error"),
    default: "info",
    meaning: "the least important level that is logged",
  },
  obfuscatePaths: {
    key: "obfuscate_paths",
    kind: boolean,
    default: false,
    meaning: "stable word substitution for paths in logs; the page blurs titles and paths until " +
      "asked to show them",
  },
  notifyUrl: {
    key: "notify_url",
    kind: notifyAddress,
    default: null,
    secret: true,
    meaning: "where to post when a person is needed: a webhook that takes JSON, or ntfy by " +
      "`ntfy://host/topic` or a host that begins with `ntfy.`",
  },
  notifyOn: {
    key: "notify_on",
    kind: words(...NOTIFY_EVENTS),
    default: [...NOTIFY_EVENTS],
    meaning: "what is posted to notify_url: attention, recovered",
  },
  maxRetries: {
    key: "max_retries",
    kind: integer(1, 20),
    default: 5,
    unit: "retries",
    meaning: "retries of a job that fails with transient errors, before it is a dead letter",
  },
  pollIntervalMs: {
    key: "poll_interval",
    kind: seconds(0.1, 3_600),
    default: 30_000,
    unit: "seconds",
    meaning: "how often Stash is asked for changes",
  },
  sweepInterval: {
    key: "sweep_interval",
    kind: choice(...INTERVALS),
    default: "daily",
    meaning:
      "how often all scenes are walked, slowly, for changes that show in no other way, such as a renamed folder",
  },
  waitForScan: {
    key: "wait_for_scan",
    kind: boolean,
    default: true,
    meaning:
      "while Stash scans its library, what is found waits for the end of that, 30 minutes at most",
  },
  connectTimeoutMs: {
    key: "connect_timeout",
    kind: seconds(1, 30),
    default: 5_000,
    unit: "seconds",
    meaning: "wait for a connection to Plex",
  },
  readTimeoutMs: {
    key: "read_timeout",
    kind: seconds(5, 120),
    default: 30_000,
    unit: "seconds",
    meaning: "wait for an answer of Plex",
  },
  batchSize: {
    key: "batch_size",
    kind: integer(1, 100),
    default: 50,
    unit: "jobs",
    meaning: "jobs gathered together",
  },
  maxParallelWrites: {
    key: "max_parallel_writes",
    kind: integer(1, 16),
    default: 4,
    unit: "requests",
    meaning: "upper bound of the adaptive write concurrency",
  },
  polite: {
    key: "polite",
    kind: boolean,
    default: false,
    meaning: "while somebody watches, Plex is written to at half speed",
  },
  quietHours: {
    key: "quiet_hours",
    kind: dayHours,
    default: null,
    meaning: "time of the day, such as `18:00-23:30`, in which no bulk work is done: whole syncs " +
      "and what a reconciliation found wait for its end, single changes do not",
  },
  writeFloorMs: {
    key: "write_floor",
    kind: integer(0, 10_000),
    default: 0,
    unit: "ms",
    meaning: "least time between two writes, for a Plex that is slow",
  },
  summaryInterval: {
    key: "summary_interval",
    kind: integer(1, 100_000),
    default: 10,
    unit: "jobs",
    meaning: "jobs between two batch summaries in the log",
  },
  dlqRetentionDays: {
    key: "dlq_retention_days",
    kind: integer(1, 3_650),
    default: 30,
    unit: "days",
    meaning: "dead letters older than this are removed at start",
  },
  journalDays: {
    key: "journal_days",
    kind: integer(0, 3_650),
    default: 90,
    unit: "days",
    meaning:
      "how long undo can go back step by step; what stood before plexsync wrote first is kept longer",
  },
  journalMaxMb: {
    key: "journal_max_mb",
    kind: integer(1, 100_000),
    default: 512,
    unit: "MB",
    meaning: "the journal is made shorter where its values take more than this",
  },
  strictMatching: {
    key: "strict_matching",
    kind: boolean,
    default: true,
    meaning: "an ambiguous match is a dead letter; off: the best candidate by evidence",
  },
  skipNotFound: {
    key: "skip_not_found",
    kind: boolean,
    default: false,
    meaning: "a scene that Plex does not have is skipped at once, without waiting for it",
  },
  preservePlexEdits: {
    key: "preserve_plex_edits",
    kind: boolean,
    default: false,
    meaning: "keep values that a person changed in Plex",
  },
  tagMode: {
    key: "tag_mode",
    kind: choice("merge", "mirror"),
    default: "merge",
    meaning:
      "merge: add ours, remove only what we added; mirror: Plex gets exactly the list of Stash, unless that is empty",
  },
  maxTags: {
    key: "max_tags",
    kind: integer(10, 500),
    default: 100,
    unit: "tags",
    meaning: "most tags of one scene that are written",
  },
  pathMap: {
    key: "path_map",
    kind: pathRules,
    default: null,
    meaning:
      'prefix rules, `[{ stash = "/data", plex = "/media" }]`; as text `/data=/media,/x=/y`, or `none`; not set, they are learned',
  },
  syncMaster: {
    key: "sync_master",
    kind: boolean,
    default: true,
    meaning: "off: nothing is written to Plex",
  },
  ...FIELD_SETTINGS,
  onlyOrganized: {
    key: "only_organized",
    kind: boolean,
    default: false,
    meaning: "sync organized scenes only; what was written for others before is left alone",
  },
  ignoreTags: {
    key: "ignore_tags",
    kind: names,
    default: [],
    meaning: "scenes with one of these tags are not synced; what was written before is left alone",
  },
  ignoreStudios: {
    key: "ignore_studios",
    kind: names,
    default: [],
    meaning: "scenes of these studios are not synced; what was written before is left alone",
  },
  triggerPlexScan: {
    key: "trigger_plex_scan",
    kind: boolean,
    default: false,
    meaning: "ask Plex to scan the folder of a scene that it does not have",
  },
  reconcileInterval: {
    key: "reconcile_interval",
    kind: choice("never", "hourly", "daily", "weekly"),
    default: "never",
    meaning: "how often Stash and Plex are compared as a whole",
  },
  reconcileScope: {
    key: "reconcile_scope",
    kind: choice("all", "24h", "7days"),
    default: "24h",
    meaning: "which scenes a reconciliation looks at, by when they changed",
  },
  reconcileMissing: {
    key: "reconcile_missing",
    kind: boolean,
    default: true,
    meaning: "a reconciliation also looks for scenes that Plex does not have",
  },
  listen: {
    key: "listen",
    kind: listenAddress,
    default: null,
    meaning:
      "address for the status page, HTTP pokes, health and metrics, such as `127.0.0.1:9797`",
  },
  listenToken: {
    key: "listen_token",
    kind: optionalSecret,
    default: null,
    secret: true,
    meaning: "bearer token for calls that change state; generated when needed",
  },
  trustedProxy: {
    key: "trusted_proxy",
    kind: trustedProxy,
    default: null,
    meaning: "reverse proxy before the page: its addresses, the header by which it names who is " +
      "signed in, the names by which browsers reach it",
  },
  basePath: {
    key: "base_path",
    kind: basePath,
    default: "",
    meaning: "path below which the page is reached, such as `/plexsync`",
  },
  frameAncestors: {
    key: "frame_ancestors",
    kind: frameAncestors,
    default: [],
    meaning: "servers whose pages may show the page in a frame: self, `https://home.example.org`",
  },
};

/** All settings in the order of the table. */
export const ENTRIES: readonly Entry[] = (Object.keys(SETTINGS) as (keyof Config)[]).map(
  // One list of settings of many types: `parse` and `show` of an entry belong together.
  (property) => ({ property, ...(SETTINGS[property] as Setting) }),
);

/** All keys, in the order of the table. */
export const KEYS: readonly string[] = ENTRIES.map((entry) => entry.key);

/** The setting of this key. */
export function entryOf(key: string): Entry {
  const found = ENTRIES.find((entry) => entry.key === key);
  if (found === undefined) throw new TypeError(`There is no setting ${key}`);
  return found;
}
