/** How a simulated Stash is started, and what a test can do with one. */
import type { SimRequest } from "../request_log.ts";
import type { HookEvent, HookRun } from "./hooks.ts";
import type { SceneInput, SceneSeed } from "./input.ts";
import type { JobView } from "./jobs.ts";
import type { LongLines } from "./plugin_log.ts";
import type { PluginSettings } from "./plugins.ts";
import type { ScanInput } from "./scan_input.ts";
import type { StashVersion } from "./schema.ts";
import type { LogLevel, LogLine } from "./server_log.ts";
import type { SceneView } from "./view.ts";
import type { DatabaseState, SystemState } from "./world.ts";

export interface SimStashOptions {
  /** Default 0: any free one. */
  port?: number;
  /** Default "sim-stash-key", or "" without a password. */
  apiKey?: string;
  scenes?: SceneSeed[];
  /** Fields newer than it are validation errors. Default "0.30". */
  version?: StashVersion | undefined;
  /** "Z" (default), an offset such as "+02:00" or an IANA name: how instants are written. */
  zone?: string;
  /** Unix milliseconds. Default: the clock of this machine. */
  now?: () => number;
  /** Whether user name and password are set, so that a key is needed. Default true. */
  password?: boolean | undefined;
  /** Wait before each answer. Default 0. */
  latencyMs?: number;
  /** Stored settings by plugin id. */
  plugins?: Record<string, PluginSettings>;
  /** What plugins are told and given. */
  pluginHost?: PluginHostOptions;
  /** Files scanned at a time; 0 (default): a quarter of the logical cores and one. */
  parallelTasks?: number;
  /** Least level of the `logs` query. Default "info". */
  logLevel?: LogLevel;
}

export interface PluginHostOptions {
  /** Address in `server_connection`, as the user may have bound Stash. Default "0.0.0.0". */
  host?: string;
  /** Whole environment of Stash, and so of its plugins. Default: that of this process. */
  env?: Record<string, string>;
  /** Default "/", as in the official image. */
  cwd?: string | undefined;
  /** False: Stash could not make one, and `SessionCookie` is null. Default true. */
  sessionCookie?: boolean;
  /** Default "close", as up to v0.31.1. */
  longLines?: LongLines;
  /**
   * Log lines written less than that before the process ended are lost, as now and then in
   * Stash. Default 0: none.
   */
  lostTailMs?: number;
}

export interface SimStash {
  /** Without a slash at the end. */
  url: string;
  apiKey: string;
  scenes(): SceneView[];
  /**
   * Makes scenes, or changes the members given; `updated_at` moves as Stash
   * does it (not for a mere file move). No hook runs.
   * @returns ids in the order given
   * @throws {Error} bad input; nothing is changed then
   */
  upsert(scenes: SceneInput[]): string[];
  /** Other scenes take the place of all, and of all that belongs to them. @throws {Error} bad input */
  load(scenes: SceneSeed[]): void;
  /** Renames it without touching its scenes. @throws {Error} unknown id or name taken */
  updateEntity(
    kind: "performer" | "studio" | "tag",
    id: string | number,
    change: { name: string },
  ): void;
  /** @throws {Error} unknown id; nothing is changed then */
  destroy(ids: string[]): void;
  /** null takes the cover away. Bumps `updated_at`. */
  setCover(sceneId: string, bytes: Uint8Array | null): void;
  /** @throws {Error} bad rules; see ../faults.ts */
  setFaults(rules: unknown): void;
  /** Zone of everything written from now on. */
  setZone(zone: string): void;
  /** Data can only be asked for while it is "OK". */
  setSystemState(state: SystemState): void;
  /** While it is locked every answer about data is an error, and `systemStatus` is "OK". */
  setDatabase(state: DatabaseState): void;
  /** The server's clock jumps by so many milliseconds, back below 0. */
  jumpClock(ms: number): void;
  /** Value for a `session` cookie that is good for one hour. */
  sessionCookie(): string;
  requests(): SimRequest[];
  clearRequests(): void;

  /**
   * Loads every manifest below a folder in the place of those loaded before.
   * @returns ids in the order in which hooks run; what was refused stands in `logs()`
   */
  loadPlugins(folder: string): string[];
  /** Stored settings of a plugin; undefined when there are none. */
  pluginSettings(id: string): PluginSettings | undefined;
  /** Every line, oldest first, of plugins and of Stash itself. */
  logs(): LogLine[];
  /** Every process of a hook in order of start, those still running included. */
  hooksRun(): HookRun[];
  /**
   * Runs the hooks of any event, as if it had just happened.
   * @param signal aborted when the client goes away
   * @returns those it started, ended or killed
   */
  runHooks(event: HookEvent, signal?: AbortSignal): Promise<HookRun[]>;
  /**
   * Queues a plugin's task as its button does.
   * @returns the job when it has ended
   */
  runTask(pluginId: string, taskName?: string, args?: Record<string, unknown>): Promise<JobView>;
  /**
   * Runs a scan that finds this.
   * @returns the job when it has ended
   * @throws {Error} bad input
   */
  scan(found: ScanInput): Promise<JobView>;
  /** Jobs that wait or run. */
  jobs(): JobView[];
  stopJob(id: string): void;
  /** Connected WebSockets. */
  subscribers(): number;
  /** Cuts all WebSockets off without a word. */
  dropSubscribers(): void;
  /**
   * Resolves as soon as `check` holds; asked after every log line, hook, job and subscriber.
   * @throws {Error} not within 20 s
   */
  until(check: () => boolean): Promise<void>;
  /** Cuts every connection and kills what plugins still run. A second call waits for the first. */
  close(): Promise<void>;
}
