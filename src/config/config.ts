import type { Interval } from "../core/interval.ts";

export type LogFormat = "text" | "json";
export type LogTarget = "auto" | "stash" | "journal" | "console" | "file";
export type LogLevelName = "trace" | "debug" | "info" | "warning" | "error";
export type ReconcileInterval = "never" | "hourly" | "daily" | "weekly";
export type ReconcileScope = "all" | "24h" | "7days";

/** A prefix rule: what Stash calls `stash` is what Plex calls `plex`. Both absolute. */
export interface PathRule {
  stash: string;
  plex: string;
}

/**
 * The settings in force, validated. Durations in milliseconds. What each one
 * means, its range and its default stand once, in `SETTINGS` (schema.ts).
 */
export interface Config {
  /** Without trailing slash; "" when not set, which only offline commands see. */
  plexUrl: string;
  plexToken: string;
  /** Names of the libraries; empty means all. */
  plexLibrary: string[];
  /** Without trailing slash; "" when not set. */
  stashUrl: string;
  /** "" when Stash has no password. */
  stashApiKey: string;
  enabled: boolean;
  logFormat: LogFormat;
  logTarget: LogTarget;
  logLevel: LogLevelName;
  obfuscatePaths: boolean;
  maxRetries: number;
  pollIntervalMs: number;
  sweepInterval: Interval;
  waitForScan: boolean;
  connectTimeoutMs: number;
  readTimeoutMs: number;
  batchSize: number;
  maxParallelWrites: number;
  /** Jobs between two summaries. */
  summaryInterval: number;
  dlqRetentionDays: number;
  strictMatching: boolean;
  skipNotFound: boolean;
  preservePlexEdits: boolean;
  tagMode: "merge" | "mirror";
  maxTags: number;
  pathMap: PathRule[];
  syncMaster: boolean;
  syncStudio: boolean;
  syncSummary: boolean;
  syncTagline: boolean;
  syncDate: boolean;
  syncPerformers: boolean;
  syncTags: boolean;
  syncPoster: boolean;
  syncBackground: boolean;
  syncCollection: boolean;
  syncRating: boolean;
  triggerPlexScan: boolean;
  reconcileInterval: ReconcileInterval;
  reconcileScope: ReconcileScope;
  reconcileMissing: boolean;
  /** `host:port`, or null when off. */
  listen: string | null;
  /** null: one is generated when needed. */
  listenToken: string | null;
}
