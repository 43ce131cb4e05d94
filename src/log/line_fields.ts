/** What a field can hold. */
export type LogValue =
  | string
  | number
  | boolean
  | null
  | undefined
  | readonly LogValue[]
  | { readonly [name: string]: LogValue };

/**
 * All field names that a record may carry, with what they mean. Programs read
 * the JSON format, so a name keeps its meaning; a new fact gets a new name here.
 */
export const LOG_FIELDS = {
  event: "fixed name of what happened; `log` when there is none",
  job_id: "row of the job in the queue",
  scene_id: "id of the scene in Stash",
  rating_key: "id of the item in Plex",
  section: "name or id of the library in Plex",
  attempt: "starts of the job so far, from 1",
  reason: "what made the job: hook, poke, watch, bulk, reconcile, rename, retry",
  outcome: "how an attempt ended",
  confidence: "how sure the match is: high or low",
  changed: "names of the fields that were written",
  error_type: "one of the closed list of error types",
  error_message: "the error and what caused it",
  stack_trace: "where the error was thrown; for unforeseen errors, and for all at level debug",
  hint: "what a person can do about it",
  path: "file path as Stash knows it, or the path that was tried",
  plex_path: "file path as Plex knows it",
  candidates: "items that all fitted",
  file: "a file of the program's own, such as its config or snapshot",
  duration_ms: "how long it took",
  step: "part of a batch: claim, gather, write, confirm or settle",
  claim_ms: "time for taking the jobs",
  gather_ms: "time for reading scenes, index and items",
  write_ms: "time for planning and writing",
  confirm_ms: "time for reading again what was written",
  settle_ms: "time for the transaction that ends the jobs",
  retry_in_ms: "time until the next attempt",
  next_retry_at: "Unix milliseconds of the next attempt",
  state: "state of a job, of the breaker or of a server",
  server: "plex or stash",
  method: "HTTP method",
  url: "address without query",
  status: "HTTP status",
  count: "how many",
  total: "of how many",
  items: "items of Plex in the index",
  files: "their files in the index",
  found: "scenes whose item was found, since the start of the run",
  missed: "scenes that Plex did not have, since the start of the run",
  repeated: "event of the lines that were counted instead of said",
  ready: "jobs that are due",
  waiting: "jobs that wait for Plex to get the file",
  running: "jobs that are being worked on",
  dead: "dead letters",
  rate: "jobs per second",
  bytes: "size",
  scope: "which scenes a run looks at",
  source: "where a value or a change came from",
  key: "name of a setting",
  signal: "signal that was received",
  pid: "process id",
  version: "version of plexsync, of a server or of a library",
  driver: "SQLite driver in use",
  listen: "address of the HTTP listener",
  details: "further facts that have no name of their own",
} as const;

export type LogFieldName = keyof typeof LOG_FIELDS;

/** Facts that go with a message. */
export type LogFields = { readonly [N in LogFieldName]?: LogValue } & {
  /** Becomes `error_type`, `error_message`, `hint`, `path` and so on. */
  readonly error?: unknown;
  /** Fields that the message spells out: a text line does not repeat them. */
  readonly said?: readonly LogFieldName[];
  /** Media paths that texts of the record name and no field holds: no field, but hidden with them. */
  readonly paths?: readonly string[];
};

/** Fields whose text is a media path; substituted when paths are to be obfuscated. */
export const PATH_FIELDS: readonly string[] = ["path", "plex_path"] satisfies LogFieldName[];
