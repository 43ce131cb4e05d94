import type { Log } from "./logger.ts";

/** Counters of the jobs that a summary is about. */
export interface SummaryCounts {
  processed: number;
  succeeded: number;
  failed: number;
  toDlq: number;
  /** Time spent on all of them. */
  totalMs: number;
  highConfidence: number;
  lowConfidence: number;
  errorsByType: Readonly<Record<string, number>>;
}

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

function rate({ processed, succeeded }: SummaryCounts): string {
  return `${(processed === 0 ? 0 : (succeeded / processed) * 100).toFixed(1)}%`;
}

function averageMs({ processed, totalMs }: SummaryCounts): number {
  return processed === 0 ? 0 : Math.round(totalMs / processed);
}

/** `Sync summary: 48/50 succeeded (96.0%), avg 123ms, confidence: 47 high / 1 low` */
export function summaryLine(counts: SummaryCounts): string {
  return `Sync summary: ${counts.succeeded}/${counts.processed} succeeded (${rate(counts)}), ` +
    `avg ${averageMs(counts)}ms, ` +
    `confidence: ${counts.highConfidence} high / ${counts.lowConfidence} low`;
}

/** The object behind `[PlexSync Stats] {"processed":50,…}`; other programs read its names. */
export function summaryStats(counts: SummaryCounts, dead: DeadCounts) {
  return {
    processed: counts.processed,
    succeeded: counts.succeeded,
    failed: counts.failed,
    to_dlq: counts.toDlq,
    success_rate: rate(counts),
    avg_time_ms: averageMs(counts),
    high_confidence: counts.highConfidence,
    low_confidence: counts.lowConfidence,
    errors_by_type: counts.errorsByType,
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
export function deadLetterLine(
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
export function logSummary(log: Log, counts: SummaryCounts, dead: DeadCounts): void {
  const warning = deadLine(dead);
  if (log.format === "text") log.info(summaryLine(counts));
  log.stats(summaryStats(counts, dead));
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
