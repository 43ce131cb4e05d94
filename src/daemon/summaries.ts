import type { Attempt } from "../core/jobs/job.ts";
import { isProcessed } from "../core/jobs/outcome.ts";
import { type StatsJson, SyncStats } from "../core/stats/sync_stats.ts";
import { SECOND_MS } from "../core/time/duration.ts";
import { logFigures, logSummary } from "../log/summary.ts";
import type { Log } from "../log/logger.ts";
import { transaction } from "../store/database/database.ts";
import type { Store } from "../store/store.ts";
import type { Reporter } from "../worker/outcome_log.ts";
import { type Damage, writeStats } from "../app/reports/stats_file.ts";

/** The least time between two copies of the totals, for the end waits for none. */
const SAVE_MS = SECOND_MS;

/** Says what was done every so many jobs, and keeps `stats.json` in step with the database. */
export class Summaries implements Reporter {
  /** Totals at the start of this session. */
  readonly #base: StatsJson;
  #unsaid = 0;
  #dirty = true;
  /** Epoch ms. */
  #savedAt = -Infinity;
  #failing = false;
  #found = 0;
  #missed = 0;

  constructor(
    private readonly store: Store,
    private readonly log: Log,
    private readonly statsPath: string,
    /** Jobs between two summaries. */
    private readonly interval: number,
    private readonly now: () => number,
  ) {
    this.#base = { ...store.totals.read(), session_start: Math.floor(now() / 1000) };
  }

  /** A batch was settled: at most one summary, however many intervals it spans. */
  settled(attempts: readonly Attempt[]): void {
    const processed = attempts.filter(({ disposition }) => isProcessed(disposition));
    this.#unsaid += processed.length;
    this.#dirty ||= processed.length > 0;
    for (const { items, errorType } of attempts) {
      if (items.length > 0) this.#found++;
      else if (errorType === "PlexNotFound") this.#missed++;
    }
    if (this.#unsaid >= this.interval) this.say();
  }

  idle(): void {
    if (this.#dirty) this.saveAtTimes();
  }

  /** The end of the session: what is unsaid is said. */
  end(): void {
    if (this.#unsaid > 0) this.say();
    this.save();
  }

  private say(): void {
    this.#unsaid = 0;
    logSummary(this.log, this.store.totals.read(), this.store.deadLetters.byType());
    if (this.log.enabled("debug")) this.sayFigures();
    this.saveAtTimes();
  }

  private sayFigures(): void {
    const queue = { ready: 0, running: 0, waiting: 0 };
    for (const { state, count } of this.store.jobs.counts()) queue[state] = count;
    logFigures(this.log, {
      ...this.store.indexedCount(),
      found: this.#found,
      missed: this.#missed,
      ...queue,
    });
  }

  /** Each time takes two flushes of the disk, as long as a whole batch takes in the database. */
  private saveAtTimes(): void {
    if (Math.abs(this.now() - this.#savedAt) < SAVE_MS) this.#dirty = true;
    else this.save();
  }

  private save(): void {
    this.#savedAt = this.now();
    try {
      const damage = this.snapshot();
      this.#dirty = false;
      if (damage !== null) sayDamage(damage, this.log);
      if (this.#failing) this.log.info("stats.json can be written again", { event: "stats_saved" });
      this.#failing = false;
    } catch (error) {
      // The database has the truth, so work goes on; said once, not at every summary.
      if (!this.#failing) {
        this.log.error("Cannot write stats.json", {
          event: "stats_failed",
          error,
          file: this.statsPath,
          hint: "Check for free disk space and that the data directory can be written to; " +
            "nothing is lost, the database has all counters",
        });
      }
      this.#failing = true;
    }
  }

  /**
   * Reads the totals and writes the file while no other process can raise the totals: what
   * is in the file is never older than what was there before.
   */
  private snapshot(): Damage | null {
    return transaction(this.store.database, () => {
      const all = this.store.totals.read();
      const session = new SyncStats(0, all).since(this.#base);
      return writeStats(this.statsPath, this.now(), all, session).damage;
    });
  }
}

/** Says that a snapshot was damaged, and where it is kept. */
export function sayDamage({ reason, aside }: Damage, log: Log): void {
  log.warning(`stats.json was damaged (${reason}) and is rebuilt from the database`, {
    event: "stats_damaged",
    file: aside ?? undefined,
  });
}
