import type { PathRule } from "../core/path.ts";
import type { SyncRules } from "../core/plan.ts";
import type { Runtime } from "../core/runtime.ts";
import type { IndexKeeper } from "./index_keeper.ts";
import type { LogPort, PlexPort, StashPort, StorePort } from "./ports.ts";

/** The part of the configuration that the worker goes by. */
export interface WorkerSettings extends SyncRules {
  /** Off: nothing is written. */
  syncMaster: boolean;
  strictMatching: boolean;
  skipNotFound: boolean;
  pathMap: readonly PathRule[];
  /** 1..20 */
  maxRetries: number;
  /** 1..100 */
  batchSize: number;
  /** 1..16 */
  maxParallelWrites: number;
  /** Jobs between two summaries. */
  summaryInterval: number;
}

/** What every step of a batch works with. */
export interface WorkContext {
  store: StorePort;
  plex: PlexPort;
  stash: StashPort;
  keeper: IndexKeeper;
  log: LogPort;
  runtime: Runtime;
  settings: WorkerSettings;
}
