import type { ErrorType } from "./errors.ts";

export type Confidence = "high" | "low";

/** The cumulative counters of `stats.json`, key for key (design section 9). */
export interface StatsJson {
  jobs_processed: number;
  jobs_succeeded: number;
  jobs_failed: number;
  jobs_to_dlq: number;
  /** Seconds. */
  total_processing_time: number;
  /** Unix seconds of the first session ever. */
  session_start: number;
  errors_by_type: Record<string, number>;
  high_confidence_matches: number;
  low_confidence_matches: number;
}

/** Exact arithmetic over outcomes: pure, no clock, no file. */
export class SyncStats {
  /** Whole milliseconds of processing: sums of seconds would drift in their last digits. */
  #totalMs: number;
  #json: StatsJson;

  /** @param sessionStart Unix seconds */
  constructor(sessionStart: number, from: Partial<StatsJson> = {}) {
    this.#totalMs = Math.round((from.total_processing_time ?? 0) * 1000);
    this.#json = {
      jobs_processed: from.jobs_processed ?? 0,
      jobs_succeeded: from.jobs_succeeded ?? 0,
      jobs_failed: from.jobs_failed ?? 0,
      jobs_to_dlq: from.jobs_to_dlq ?? 0,
      total_processing_time: this.#totalMs / 1000,
      session_start: from.session_start ?? sessionStart,
      errors_by_type: { ...from.errors_by_type },
      high_confidence_matches: from.high_confidence_matches ?? 0,
      low_confidence_matches: from.low_confidence_matches ?? 0,
    };
  }

  /** @param confidence null for a job that ended without a match, such as a skipped one */
  recordSuccess(seconds: number, confidence: Confidence | null): void {
    this.#json.jobs_processed++;
    this.#json.jobs_succeeded++;
    this.#spend(seconds);
    if (confidence === "high") this.#json.high_confidence_matches++;
    if (confidence === "low") this.#json.low_confidence_matches++;
  }

  recordFailure(type: ErrorType, seconds: number, toDlq: boolean): void {
    this.#json.jobs_processed++;
    this.#json.jobs_failed++;
    this.#spend(seconds);
    if (toDlq) this.#json.jobs_to_dlq++;
    this.#json.errors_by_type[type] = (this.#json.errors_by_type[type] ?? 0) + 1;
  }

  #spend(seconds: number): void {
    // A clock that was set back must not take time off the total.
    this.#totalMs += Math.max(0, Math.round(seconds * 1000));
    this.#json.total_processing_time = this.#totalMs / 1000;
  }

  /** These counters and those of `other`; the earlier session start stays. */
  plus(other: StatsJson): SyncStats {
    const mine = this.#json;
    const errors = { ...mine.errors_by_type };
    for (const [type, count] of Object.entries(other.errors_by_type)) {
      errors[type] = (errors[type] ?? 0) + count;
    }
    return new SyncStats(mine.session_start, {
      jobs_processed: mine.jobs_processed + other.jobs_processed,
      jobs_succeeded: mine.jobs_succeeded + other.jobs_succeeded,
      jobs_failed: mine.jobs_failed + other.jobs_failed,
      jobs_to_dlq: mine.jobs_to_dlq + other.jobs_to_dlq,
      total_processing_time: mine.total_processing_time + other.total_processing_time,
      session_start: Math.min(mine.session_start, other.session_start),
      errors_by_type: errors,
      high_confidence_matches: mine.high_confidence_matches + other.high_confidence_matches,
      low_confidence_matches: mine.low_confidence_matches + other.low_confidence_matches,
    });
  }

  /** Percent of processed jobs, 0 when there were none. */
  get successRate(): number {
    const { jobs_processed, jobs_succeeded } = this.#json;
    return jobs_processed === 0 ? 0 : (jobs_succeeded / jobs_processed) * 100;
  }

  /** Seconds per processed job, 0 when there were none. */
  get avgProcessingTime(): number {
    const { jobs_processed, total_processing_time } = this.#json;
    return jobs_processed === 0 ? 0 : total_processing_time / jobs_processed;
  }

  toJSON(): StatsJson {
    return { ...this.#json, errors_by_type: { ...this.#json.errors_by_type } };
  }
}
