import { type StatsJson, SyncStats } from "../core/stats/sync_stats.ts";
import type { Log } from "./logger.ts";

/** Dead letters by error type. */
export type DeadCounts = Readonly<Record<string, number>>;

/** The facts of a dead letter that its line shows. */
export interface DeadLetterLine {
  id: number;
  sceneId: string;
  errorType: string;
  errorMessage: string;
  /** The path that was tried, if any; it may stand in the message. */
  path: string | null;
}

/** Characters of an error message in a dead letter's line. */
const MESSAGE_LENGTH = 80;

function rate(stats: StatsJson): string {
  return `${new SyncStats(0, stats).successRate.toFixed(1)}%`;
}

function averageMs(stats: StatsJson): number {
  return Math.round(new SyncStats(0, stats).avgProcessingTime * 1000);
}

/** `Sync summary: 48/50 succeeded (96.0%), avg 123ms, confidence: 47 high / 1 low` */
export function summaryLine(stats: StatsJson): string {
  return `Sync summary: ${stats.jobs_succeeded}/${stats.jobs_processed} succeeded ` +
    `(${rate(stats)}), avg ${averageMs(stats)}ms, ` +
    `confidence: ${stats.high_confidence_matches} high / ${stats.low_confidence_matches} low`;
}

/** The object behind `[PlexSync Stats] {"processed":50,…}`; other programs read its names. */
export function summaryStats(stats: StatsJson, dead: DeadCounts) {
  return {
    processed: stats.jobs_processed,
    succeeded: stats.jobs_succeeded,
    failed: stats.jobs_failed,
    to_dlq: stats.jobs_to_dlq,
    success_rate: rate(stats),
    avg_time_ms: averageMs(stats),
    high_confidence: stats.high_confidence_matches,
    low_confidence: stats.low_confidence_matches,
    errors_by_type: stats.errors_by_type,
    dlq: dead,
  };
}

/**
 * `DLQ contains 5 items: 3 PlexNotFound, 2 PermanentError`, the most frequent first.
 * @returns `undefined` when there are none
 */
export function deadLine(dead: DeadCounts): string | undefined {
  const types = Object.entries(dead).filter(([, count]) => count > 0)
    .sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1));
  if (types.length === 0) return undefined;
  const total = types.reduce((sum, [, count]) => sum + count, 0);
  const list = types.map(([type, count]) => `${count} ${type}`).join(", ");
  return `DLQ contains ${total} items: ${list}`;
}

/**
 * `DLQ #7: scene 12 - PlexNotFound: …`
 * @param shown How a media path may be shown: as it is, or obfuscated
 */
function deadLetterLine(
  { id, sceneId, errorType, errorMessage, path }: DeadLetterLine,
  shown: (path: string) => string,
): string {
  // Before the cut: half a path would not be known as one.
  const whole = path === null ? errorMessage : errorMessage.replaceAll(path, () => shown(path));
  const message = [...whole].slice(0, MESSAGE_LENGTH).join("");
  return `DLQ #${id}: scene ${sceneId} - ${errorType}: ${message}`;
}

/**
 * Logs at the start what lies in the dead-letter store; nothing when it is empty.
 * @param newest Those to be listed, newest first
 */
export function logDeadLetters(log: Log, total: number, newest: readonly DeadLetterLine[]): void {
  if (total === 0) return;
  log.warning(`DLQ contains ${total} failed jobs requiring review`, {
    event: "dead_letters",
    count: total,
    said: ["count"],
  });
  for (const letter of newest) {
    log.warning(deadLetterLine(letter, log.path), {
      event: "dead_letter",
      scene_id: letter.sceneId,
      error_type: letter.errorType,
      said: ["scene_id", "error_type"],
    });
  }
}

/** Logs a batch summary: text for people and the JSON line, or in JSON format only that line. */
export function logSummary(log: Log, stats: StatsJson, dead: DeadCounts): void {
  const warning = deadLine(dead);
  if (log.format === "text") log.info(summaryLine(stats));
  log.stats(summaryStats(stats, dead));
  if (log.format === "text" && warning !== undefined) log.warning(warning);
}

/** What there is to match with, and what waits. */
export interface Figures {
  /** Items of Plex in the index, and their files. */
  items: number;
  files: number;
  /** Scenes that were and were not found in it since the start. */
  found: number;
  missed: number;
  /** Jobs by state. */
  ready: number;
  running: number;
  waiting: number;
}

/** Logs the figures behind a summary, at debug in both formats. */
export function logFigures(log: Log, figures: Figures): void {
  const { items, files, found, missed, ready, running, waiting } = figures;
  log.debug(
    `Index: ${items} items, ${files} files; matched: ${found} found, ${missed} missed; ` +
      `queue: ${ready} ready, ${running} running, ${waiting} waiting`,
    {
      event: "figures",
      ...figures,
      said: ["items", "files", "found", "missed", "ready", "running", "waiting"],
    },
  );
}
