import type { NotifyEvent } from "../core/failures/notification.ts";
import type { CertificateFile } from "./certificate_file.ts";
import type { Interval } from "../core/time/interval.ts";
import type { DayHours } from "../core/time/quiet_hours.ts";
import type { PathRule } from "../core/match/path.ts";
import type { TrustedProxy } from "./reverse_proxy.ts";
import type { SyncRules } from "../core/sync/plan.ts";
import type { SelectionRules } from "../core/sync/selection.ts";

export type LogFormat = "text" | "json";
export type LogTarget = "auto" | "stash" | "journal" | "console" | "file";
export type LogLevelName = "trace" | "debug" | "info" | "warning" | "error";
export type ReconcileScope = "all" | "24h" | "7days";

/**
 * The settings in force, validated. Durations in milliseconds. What each one
 * means, its range and its default stand once, in `SETTINGS` (schema.ts).
 */
export interface Config extends SyncRules, SelectionRules {
  /** Without trailing slash; "" when not set, which only offline commands see. */
  plexUrl: string;
  plexToken: string;
  /** Names or keys of the libraries; empty means all. */
  plexLibrary: string[];
  /** Where `init` signs in by a code. Without trailing slash. */
  plexSignInUrl: string;
  /** Without trailing slash; "" when not set. */
  stashUrl: string;
  /** "" when Stash has no password. */
  stashApiKey: string;
  /** For basic authentication before Stash; "" when there is none. */
  stashUser: string;
  stashPassword: string;
  /** Trusted beside the authorities of the system; null for those alone. */
  caFile: CertificateFile | null;
  enabled: boolean;
  logFormat: LogFormat;
  logTarget: LogTarget;
  logLevel: LogLevelName;
  obfuscatePaths: boolean;
  /** Where somebody is told that a person is needed; null for nowhere. */
  notifyUrl: string | null;
  notifyOn: readonly NotifyEvent[];
  maxRetries: number;
  pollIntervalMs: number;
  sweepInterval: Interval;
  waitForScan: boolean;
  connectTimeoutMs: number;
  readTimeoutMs: number;
  batchSize: number;
  maxParallelWrites: number;
  /** Makes room for who watches. */
  polite: boolean;
  /** No bulk work then; null for never. */
  quietHours: DayHours | null;
  /** 0 for none. */
  writeFloorMs: number;
  /** Jobs between two summaries. */
  summaryInterval: number;
  dlqRetentionDays: number;
  journalDays: number;
  journalMaxMb: number;
  strictMatching: boolean;
  skipNotFound: boolean;
  /** null: not given, so that rules are learned; a given list, even an empty one, is all there is. */
  pathMap: PathRule[] | null;
  triggerPlexScan: boolean;
  reconcileInterval: Interval;
  reconcileScope: ReconcileScope;
  reconcileMissing: boolean;
  /** `host:port`, or null when off. */
  listen: string | null;
  /** null: one is generated when needed. */
  listenToken: string | null;
  /** null for none. */
  trustedProxy: TrustedProxy | null;
  /** "" or such as `/plexsync`. */
  basePath: string;
  /** `self` and origins; none where it is empty. */
  frameAncestors: readonly string[];
}
