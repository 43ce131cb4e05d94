import type { LogPort } from "../core/log_port.ts";
import type { PathRule } from "../core/match/path.ts";
import type { DayHours } from "../core/time/quiet_hours.ts";
import type { SelectionRules } from "../core/sync/selection.ts";
import type { SyncRules } from "../core/sync/plan.ts";
import type { Runtime } from "../core/runtime.ts";
import type { StashClient } from "../stash/client.ts";
import type { Store } from "../store/store.ts";
import type { Target } from "../target/target.ts";
import type { ImageRest } from "./images/image_rest.ts";
import type { IndexKeeper } from "./index/index_keeper.ts";
import type { Fitting } from "./batch/shared_read.ts";
import type { Unpaid } from "./doubts/unpaid.ts";

/** The part of the configuration that the worker goes by. */
export interface WorkerSettings extends SyncRules, SelectionRules {
  strictMatching: boolean;
  skipNotFound: boolean;
  /** null: none were given, and they are learned. */
  pathMap: readonly PathRule[] | null;
  /** 1..20 */
  maxRetries: number;
  /** 1..100 */
  batchSize: number;
  /** 1..16 */
  maxParallelWrites: number;
  /** No bulk work then; null for never. */
  quietHours: DayHours | null;
  /** Jobs between two summaries. */
  summaryInterval: number;
}

/** The files of all scenes: what a scene is found by, its path aside, rests on them. */
export interface Others {
  areKnown(): boolean;
  /**
   * Has them read now where nothing else will.
   * @returns false when they are still to be waited for
   * @throws {PlexsyncError} Stash did not answer
   */
  learn(): Promise<boolean>;
  /** Has the rules for paths counted now where it is time and nothing else will. */
  learnRules(): Promise<void>;
}

/** What every step of a batch works with: one target, and what it is kept equal to. */
export interface WorkContext {
  store: Store;
  target: Target;
  stash: Pick<StashClient, "scenes" | "scenesAfter" | "screenshot" | "sceneCount" | "systemStatus">;
  keeper: IndexKeeper;
  others: Others;
  log: LogPort;
  runtime: Runtime;
  settings: WorkerSettings;
  /** Jobs that failed and have not paid for it. */
  unpaid: Unpaid;
  /** How many scenes, and items, are read at once. */
  fitting: { scenes: Fitting; items: Fitting };
  /** Whether images are worth a try. */
  imageRest: ImageRest;
  /** Keys of what was said and need not be said again while the process lives. */
  once: Set<string>;
}
