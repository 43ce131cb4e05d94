import { aborted } from "../../core/aborted.ts";
import { drainPauseMs } from "../../core/jobs/drain.ts";
import type { Job } from "../../core/jobs/job.ts";
import { FIRST_PACE, nextPace, type Pace } from "../../core/jobs/pacing.ts";
import { Batch } from "./batch.ts";
import { BatchProgress } from "./batch_progress.ts";
import type { WorkContext } from "../context.ts";
import type { Gates } from "../gates/gates.ts";
import type { LateLooks } from "../images/late_looks.ts";
import type { Leases } from "./leases.ts";
import type { OutcomeLog, Reporter } from "../outcome_log.ts";
import { persist } from "../persist.ts";
import type { SetupWatch } from "../match/setup_watch.ts";
import { watched } from "./watched.ts";
import { WriteLane } from "./write_lane.ts";

/** Jobs that were claimed together. */
export interface Claimed {
  jobs: readonly Job[];
  claimMs: number;
  /** Epoch ms. */
  at: number;
  /** Jobs per second that may be done. */
  rate: number;
  /** Nothing else is worked on until they are settled. */
  isAlone: boolean;
}

/** A batch whose writes have begun. */
interface UnderWay {
  readonly batch: Batch;
  /** Resolves when its last group is about to be written. */
  readonly nearlyWritten: Promise<void>;
  /** Resolves when its last scenes are being written. */
  readonly allSent: Promise<void>;
  /** Resolves when it writes no more. */
  readonly written: Promise<void>;
  /** Resolves when its jobs have ended: whether no server failed. */
  readonly settled: Promise<boolean>;
}

export interface PipelineParts {
  context: WorkContext;
  gates: Gates;
  leases: Leases;
  looks: LateLooks;
  outcomes: OutcomeLog;
  setup: SetupWatch;
  reporter: Reporter;
  /** Called whenever there is a sign of life. */
  turned: () => void;
  /** Whether these jobs, gathered a while ago, still are what is to be done next. */
  areNext: (jobs: readonly Job[]) => boolean;
}

/** Pause after a failure while the breaker is closed yet: five failures are five seconds. */
export const STUMBLE_MS = 1_000;
/** Time that a batch gets to end after a stop was asked for; systemd's own limit is 90 s. */
const STOP_GRACE_MS = 20_000;

/**
 * Brings batches through their stages so that the target is written to without a rest:
 *
 *   one batch     gather   write    confirm, settle
 *   the next               gather   write             confirm, settle
 *
 * Each stage has room for one, and two are under way at most: one is gathered only when the one two
 * before it is settled. What the next has read the one before it must not change: scenes that meet
 * there wait. A batch that was gathered goes back, as if it had not been taken, when something else
 * is to be done by the time that the last scenes of the one before it are being written. Then its
 * first scenes are noted, so that the target need not wait for the disk: what comes later comes
 * behind it.
 */
export class Pipeline {
  #pace: Pace = FIRST_PACE;
  /** The one that is written, or confirmed. */
  #last: UnderWay | null = null;
  readonly #lane = new WriteLane();
  readonly #progress: BatchProgress;

  constructor(private readonly parts: PipelineParts) {
    this.#progress = new BatchProgress(parts.context);
  }

  get isEmpty(): boolean {
    return this.#last === null;
  }

  /** Jobs that are not settled. */
  get jobs(): readonly Job[] {
    return this.#last?.batch.jobs ?? [];
  }

  /** Writes side by side. */
  get limit(): number {
    return this.#pace.limit;
  }

  /** Gathers and begins to write; resolves when the next jobs may be taken. */
  async work(claimed: Claimed, stop: AbortSignal): Promise<void> {
    const { context, areNext } = this.parts;
    const before = this.#last;
    const nearly = Promise.withResolvers<void>();
    const allSent = Promise.withResolvers<void>();
    const batch = this.#batchOf(claimed, stop, { nearly, allSent });
    await this.#untilGraceEnds(batch.gather(before?.batch ?? null, this.#pace.limit), stop);
    let isNext = true;
    if (before !== null) {
      await Promise.race([before.allSent, before.settled]);
      const isToCome = () => !stop.aborted && areNext(claimed.jobs);
      const isTroubled = () => before.batch.isTroubled || batch.isTroubled;
      isNext = isToCome();
      if (isNext && !isTroubled()) await batch.begin();
      // Settled first: the time for it ran out after a stop.
      await Promise.race([before.written, before.settled]);
      // Whose fault it is has to be known before others write.
      if (isTroubled()) isNext = await before.settled && isToCome();
      isNext &&= !stop.aborted;
    }
    const last = this.#start(batch, claimed, { before, isNext }, stop, {
      nearly,
      allSent,
    });
    this.#last = last;
    if (before !== null) await before.settled;
    if (claimed.isAlone || !isNext || batch.isTroubled) await this.drain();
    else {
      await last.nearlyWritten;
      // What was noted just now is sent before the next jobs are taken.
      await context.runtime.sleep(0);
    }
  }

  /** Resolves when nothing is under way any more. */
  async drain(): Promise<void> {
    await this.#last?.settled;
    this.#last = null;
  }

  #alive(): void {
    this.parts.turned();
    this.parts.leases.keep();
  }

  /**
   * By itself: what a batch calls holds all that functions beside it name, and a batch that held the
   * one before it would hold all that ever were.
   */
  #batchOf(
    claimed: Claimed,
    stop: AbortSignal,
    { nearly, allSent }: Record<"nearly" | "allSent", PromiseWithResolvers<void>>,
  ): Batch {
    const { context, gates } = this.parts;
    const batch: Batch = new Batch(claimed.jobs, context, {
      stop,
      lane: this.#lane,
      alive: () => this.#alive(),
      // Those before it may be what shows that the target is down, or that a person is needed.
      mayGoOn: () => claimed.isAlone || gates.target.pausedBecause === null,
      advanced: () => {
        this.#alive();
        this.#progress.advanced(batch);
      },
      nearlyOver: nearly.resolve,
      allSent: allSent.resolve,
    });
    return batch;
  }

  #start(
    batch: Batch,
    claimed: Claimed,
    { before, isNext }: { before: UnderWay | null; isNext: boolean },
    stop: AbortSignal,
    signs: Record<"nearly" | "allSent", PromiseWithResolvers<void>>,
  ): UnderWay {
    let isPaced = false;
    const write = async () => {
      if (isNext) isPaced = await this.#write(batch);
      else await batch.leave();
    };
    const written = watched(
      write().finally(() => {
        signs.nearly.resolve();
        signs.allSent.resolve();
      }),
    );
    const finish = async () => {
      await written;
      await before?.settled;
      await batch.confirm();
    };
    const settle = () => this.#settle(batch, claimed, isPaced, stop);
    const settled = watched(this.#untilGraceEnds(finish(), stop).then(settle));
    return {
      batch,
      nearlyWritten: signs.nearly.promise,
      allSent: signs.allSent.promise,
      written,
      settled,
    };
  }

  /** @returns whether the pace was adapted to it */
  async #write(batch: Batch): Promise<boolean> {
    const { limit } = this.#pace;
    await batch.write(limit);
    // Whether its failures are the target's is known later.
    if (batch.isTroubled) return false;
    // At another limit, it says nothing of this one.
    if (limit === this.#pace.limit) this.#adapt(batch, false);
    return true;
  }

  #adapt({ written, writeMs }: Batch, failed: boolean): void {
    const { maxParallelWrites } = this.parts.context.settings;
    this.#pace = nextPace(
      this.#pace,
      { items: written, elapsedMs: writeMs, failed },
      maxParallelWrites,
    );
  }

  async #settle(
    batch: Batch,
    { jobs, claimMs, at, rate }: Claimed,
    isPaced: boolean,
    stop: AbortSignal,
  ): Promise<boolean> {
    const { context, gates, looks, outcomes, setup, reporter } = this.parts;
    const { runtime, store, log } = context;
    const result = batch.settleNow();
    const started = runtime.now();
    this.#progress.end(batch);
    const settle = () => store.settlement.settle(result.attempts, runtime.now());
    const nothing = { settled: [], again: [], late: [] };
    const ended = await persist("settle jobs", settle, nothing, { runtime, log, stop });
    // The disk was waited for, each job is told of, and figures wait for the disk again: in between
    // others write.
    await runtime.sleep(0);
    const now = runtime.now();
    for (const { job, disposition } of ended.settled) {
      if (disposition.to !== "back") context.unpaid.ended(job.id);
    }
    const { fieldRest } = context.unpaid;
    for (const { job, disposition: { to } } of result.attempts) {
      fieldRest.settled(job.id, to);
    }
    const freed = fieldRest.takeFreed();
    const hasten = () => store.jobs.hasten(freed, now, context.target.id);
    if (freed.length > 0) {
      await persist("take up what waited", hasten, undefined, { runtime, log, stop });
    }
    looks.add(result.sent);
    outcomes.batch(ended, now);
    const watch = () => setup.take(ended.settled);
    await persist("keep what is wrong with the set-up", watch, undefined, { runtime, log, stop });
    const { gatherMs, writeMs, confirmMs } = result;
    const steps = { claimMs, gatherMs, writeMs, confirmMs, settleMs: now - started };
    outcomes.timing({ jobs: jobs.length, ...steps }, now);
    const failed = !gates.take(result.events, now);
    if (failed || !isPaced) this.#adapt(batch, failed);
    await runtime.sleep(0);
    reporter.settled(ended.settled);
    const stumbled = failed && gates.pausedBecause === null;
    const pause = stumbled ? STUMBLE_MS : drainPauseMs(rate, jobs.length, now - at);
    if (pause > 0) await runtime.sleep(pause, stop);
    return !failed;
  }

  /** Resolves when the work is done, or when the time to end it after a stop runs out. */
  async #untilGraceEnds(work: Promise<void>, stop: AbortSignal): Promise<void> {
    const ended = new AbortController();
    const done = work.finally(() => ended.abort());
    const grace = (async () => {
      await aborted(stop, ended.signal);
      if (!ended.signal.aborted) {
        await this.parts.context.runtime.sleep(STOP_GRACE_MS, ended.signal);
      }
      if (ended.signal.aborted) await done;
    })();
    await Promise.race([done, grace]);
  }
}
