import { MINUTE_MS } from "../core/time/duration.ts";
import { aborted } from "../core/aborted.ts";
import { isDue } from "../core/time/clock.ts";
import { drainBatch, drainPauseMs } from "../core/jobs/drain.ts";
import { sharedEvent, STASH } from "../core/jobs/course.ts";
import { asPlexsyncError } from "../core/failures/errors.ts";
import { storeFault } from "../core/failures/store_fault.ts";
import { type Job, SINGLE_CHANGES } from "../core/jobs/job.ts";
import { wokenAtOf } from "../core/meta_keys.ts";
import { FIRST_PACE, nextPace, type Pace } from "../core/jobs/pacing.ts";
import { Alarm } from "../core/alarm.ts";
import { Batch, type BatchResult } from "./batch.ts";
import { BatchProgress } from "./batch_progress.ts";
import type { WorkContext } from "./context.ts";
import type { Gate } from "./gate.ts";
import type { Gates } from "./gates.ts";
import { SetupWatch } from "./setup_watch.ts";
import { Healing, isFileHopedFor } from "./healing.ts";
import { persist } from "./persist.ts";
import { assertReady } from "./stash_ready.ts";
import { LateLooks } from "./late_looks.ts";
import { OutcomeLog, type Reporter } from "./outcome_log.ts";
import { undoTurn } from "./undo_turn.ts";
import { WorkHours } from "./work_hours.ts";

export interface RunOptions {
  /** Ends when nothing is due. */
  once: boolean;
  /** Ends after this long without work; null for never. */
  idleExitMs: number | null;
}

/** When the loop is to end by itself. */
export interface LoopEnd {
  /** A single pass, which waits for no server. */
  readonly once: boolean;
  /** The loop works, or rests until a server is back. */
  busy(): void;
  /**
   * The loop has nothing to do.
   * @param idleSince Since when, epoch ms
   */
  isOver(idleSince: number, now: number): boolean;
}

/** Why the loop ended. */
export type Ended =
  | "stopped"
  | "nothing due"
  | "idle"
  | "paused"
  | "needs attention"
  | "server down";

const LEASE_MS = 5 * 60_000;
// A third of the lease: two missed renewals must not let a second worker in.
const RENEW_MS = LEASE_MS / 3;
/** How often the queue is asked for what is due by now; `wake` tells of what was put there. */
const CHECK_MS = 1_000;
/** A delta this young serves the waiting jobs too. */
const RECHECK_FRESH_MS = 5_000;
/** Pause after a failed batch while the breaker is closed yet: five failures are five seconds. */
const STUMBLE_MS = 1_000;
/** How often the index is refreshed though no job needs it: what came heals what was wrong. */
const IDLE_LOOK_MS = 10 * MINUTE_MS;
/** A rest whose end lies behind is still a rest. */
const SHORTEST_REST_MS = 50;
/** How often somebody is looked for who wants something taken back while Stash is down. */
const UNDO_CHECK_MS = 1_000;
/** Time that a batch gets to end after a stop was asked for; systemd's own limit is 90 s. */
const STOP_GRACE_MS = 20_000;
const NONE: ReadonlySet<number> = new Set();

/** The loop that takes the jobs of one target and ends them. One per target and data directory. */
export class Worker {
  #pace: Pace = FIRST_PACE;
  /**
   * The index was last compared with the waiting jobs when it was this fresh. Epoch ms. Kept, since
   * a restart is no news of any file: those that wait keep their plan.
   */
  #wokenAt: number;
  /** How long the last claim took. */
  #claimMs = 0;
  readonly #outcomes: OutcomeLog;
  readonly #healing: Healing;
  readonly #setup: SetupWatch;
  /** When the index is looked at next though nothing needs it. Epoch ms. */
  #idleLookAt: number;
  readonly #alarm = new Alarm();
  readonly #looks: LateLooks;
  readonly #hours: WorkHours;
  #turnedAt: number;

  constructor(
    private readonly context: WorkContext,
    private readonly gates: Gates,
    private readonly reporter: Reporter,
    /** Names the process in leases. */
    private readonly owner: string,
  ) {
    this.#outcomes = new OutcomeLog(context.log);
    this.#healing = new Healing(context);
    this.#setup = new SetupWatch(context);
    this.#looks = new LateLooks(context);
    this.#hours = new WorkHours(context);
    this.#turnedAt = context.runtime.now();
    const { store, target, runtime } = context;
    this.#wokenAt = store.meta.get(wokenAtOf(target.id)) ?? 0;
    // What came while no daemon ran nobody tells any more.
    const restMs = isFileHopedFor(store, target.id) ? 0 : IDLE_LOOK_MS;
    this.#idleLookAt = runtime.now() + restMs;
  }

  /** When the loop last took a step, epoch ms: it is stuck when that is long ago. */
  get turnedAt(): number {
    return this.#turnedAt;
  }

  /** There are new jobs: takes them now instead of at the next check. */
  wake(): void {
    this.#alarm.ring();
  }

  /** Works until stopped, or as `end` says. The batch in hand is settled before it returns. */
  async run(stop: AbortSignal, end: LoopEnd): Promise<Ended> {
    try {
      this.#looks.recover();
      const ended = await this.#loop(stop, end);
      if (ended === "nothing due" || ended === "idle") await this.#looks.finish(stop);
      return ended;
    } finally {
      this.#outcomes.end(this.context.runtime.now());
    }
  }

  async #loop(stop: AbortSignal, end: LoopEnd): Promise<Ended> {
    const { runtime } = this.context;
    // Whoever starts it wants to know now whether a server that was down is back; a single
    // pass would otherwise never find out.
    for (const gate of this.gates.down) await this.#probe(gate);
    let idleSince = runtime.now();
    while (!stop.aborted) {
      this.#turnedAt = runtime.now();
      this.#outcomes.tick(runtime.now());
      if (await this.#undo(stop)) {
        idleSince = runtime.now();
        continue;
      }
      if (this.gates.pausedBecause !== null) {
        end.busy();
        const ended = await this.#rest(stop, end);
        if (ended !== null) return ended;
        idleSince = runtime.now();
        continue;
      }
      await this.#recheckWaiting(stop);
      await this.#heal(stop);
      const rate = this.gates.rate(runtime.now());
      const limit = this.gates.isTrying ? 1 : drainBatch(rate, this.context.settings.batchSize);
      const jobs = await this.#claim(limit, stop);
      if (jobs.length > 0) end.busy();
      const looks = this.#looks.round(stop, new Set(jobs.map(({ scene_id }) => scene_id)));
      await Promise.all([looks, jobs.length > 0 ? this.#work(jobs, rate, stop) : null]);
      if (jobs.length > 0) {
        idleSince = runtime.now();
        continue;
      }
      this.reporter.idle();
      if (end.isOver(idleSince, runtime.now())) {
        if (!end.once) return "idle";
        return this.#hours.isPaused ? "paused" : "nothing due";
      }
      await this.#alarm.sleep(runtime, CHECK_MS, stop);
    }
    return "stopped";
  }

  /**
   * What persons want to be taken back goes before all other work, and needs the target alone.
   * @returns whether there was any
   */
  async #undo(stop: AbortSignal): Promise<boolean> {
    if (this.gates.target.pausedBecause !== null) return false;
    const { context, owner } = this;
    const { runtime, store } = context;
    let renewedAt = runtime.now();
    const events = await undoTurn(context, {
      owner,
      leaseMs: LEASE_MS,
      limit: this.#pace.limit,
      stop,
      alive: () => {
        const now = runtime.now();
        this.#turnedAt = now;
        if (now - renewedAt < RENEW_MS) return;
        renewedAt = now;
        store.jobs.renew(owner, now + LEASE_MS, context.target.id);
      },
    });
    if (events === null) return false;
    const failed = !this.gates.take(events, runtime.now());
    if (failed && this.gates.target.pausedBecause === null) await runtime.sleep(STUMBLE_MS, stop);
    return true;
  }

  async #claim(limit: number, stop: AbortSignal): Promise<Job[]> {
    const { runtime, store, target, log, unpaid } = this.context;
    const started = runtime.now();
    const allowed = this.#hours.look(started);
    if (allowed === "nothing") return [];
    // What has not failed since shows sooner whether a server is back.
    const behind = this.gates.isTrying ? unpaid.jobs : NONE;
    const leastPriority = allowed === "all" ? null : SINGLE_CHANGES;
    const claim = () =>
      store.jobs.claim(this.owner, runtime.now(), limit, LEASE_MS, target.id, {
        behind,
        leastPriority,
      });
    const jobs = await persist("take jobs", claim, [], { runtime, log, stop });
    this.#claimMs = runtime.now() - started;
    return jobs;
  }

  /** A server is down, or a person is needed: try when it is time, else sleep. */
  async #rest(stop: AbortSignal, end: LoopEnd): Promise<Ended | null> {
    const { runtime } = this.context;
    // A single pass cannot wait for better times; the jobs stay for the next one.
    if (end.once) return this.gates.needsPerson ? "needs attention" : "server down";
    const { probe, trial, nextAt } = this.gates.due(runtime.now());
    for (const gate of probe) await this.#probe(gate);
    if (trial) await this.#try(stop);
    if (probe.length === 0 && !trial) {
      const rest = Math.max(nextAt - runtime.now(), SHORTEST_REST_MS);
      // What is to be taken back does not wait for Stash.
      const isUp = this.gates.target.pausedBecause === null;
      await runtime.sleep(isUp ? Math.min(rest, UNDO_CHECK_MS) : rest, stop);
    }
    return null;
  }

  async #probe(gate: Gate): Promise<void> {
    const { target, stash, runtime, log } = this.context;
    let answered = false;
    try {
      await (gate.key === STASH ? assertReady(stash) : target.identity());
      answered = true;
    } catch (thrown) {
      log.debug(`Probe: ${asPlexsyncError(thrown).message}`, { event: "probe", server: gate.key });
    }
    gate.probed(answered, runtime.now());
  }

  /** One job, or without any a refresh of the index, shows whether a person has mended it. */
  async #try(stop: AbortSignal): Promise<void> {
    const jobs = await this.#claim(1, stop);
    if (jobs.length > 0) return await this.#work(jobs, Infinity, stop);
    if (await this.#refresh(0, stop)) this.gates.target.attended("read");
  }

  /**
   * Brings the index up to date. A fault of our own database is none of the target's.
   * @returns false when the target did not answer
   */
  async #refresh(maxAgeMs: number, stop: AbortSignal): Promise<boolean> {
    const { keeper, target, runtime, log } = this.context;
    const refresh = async () => {
      await keeper.refresh(maxAgeMs);
      return true;
    };
    try {
      return await persist("keep the index", refresh, false, { runtime, log, stop });
    } catch (thrown) {
      if (storeFault(thrown) !== null) throw thrown;
      this.gates.take([sharedEvent(thrown, target.id)], runtime.now());
      return false;
    }
  }

  /**
   * With nothing to do the index is looked at all the same, for a few small requests: the right file
   * of a scene that was written to a wrong item may have come, and nothing else would tell.
   */
  async #lookAtTimes(now: number, stop: AbortSignal): Promise<void> {
    if (!isDue(this.#idleLookAt, now)) return;
    this.#idleLookAt = now + IDLE_LOOK_MS;
    const { keeper, store, target } = this.context;
    // Whoever never had anything to do has nothing that could be wrong.
    const isOwed = keeper.refreshedAt > 0 || isFileHopedFor(store, target.id);
    if (isOwed) await this.#refresh(IDLE_LOOK_MS / 2, stop);
  }

  /** Waiting jobs share one delta; whose file has come is due at once. */
  async #recheckWaiting(stop: AbortSignal): Promise<void> {
    const { store, target, keeper, runtime, log } = this.context;
    const at = store.jobs.nextWaitingAt(target.id);
    const now = runtime.now();
    if (at === null || !isDue(at, now)) await this.#lookAtTimes(now, stop);
    if (at === null) return;
    if (isDue(at, now)) {
      if (!await this.#refresh(RECHECK_FRESH_MS, stop)) return;
    } else if (keeper.refreshedAt === this.#wokenAt) return;
    const { refreshedAt } = keeper;
    // What came after a time that lies ahead was noted before it: the clock was set back.
    const since = this.#wokenAt > refreshedAt ? 0 : this.#wokenAt;
    const wake = () => {
      const woken = store.jobs.wake(now, since, target.id, refreshedAt);
      store.meta.set(wokenAtOf(target.id), refreshedAt);
      return woken;
    };
    const { found, spent } = await persist("wake waiting jobs", wake, { found: 0, spent: 0 }, {
      runtime,
      log,
      stop,
    });
    this.#wokenAt = refreshedAt;
    if (found + spent > 0) {
      log.debug(`Waiting for Plex: ${found} found, ${spent} looked for in vain`, { event: "wake" });
    }
  }

  /** What came to the target may belong to scenes that have no job now. */
  async #heal(stop: AbortSignal): Promise<void> {
    const { runtime, log } = this.context;
    const queue = () => this.#healing.step();
    const queued = await persist("queue what heals", queue, 0, { runtime, log, stop });
    if (queued === 0) return;
    log.info(`${queued} scenes fit other items than before: they are synced again`, {
      event: "heal",
      count: queued,
      said: ["count"],
    });
  }

  async #work(jobs: Job[], rate: number, stop: AbortSignal): Promise<void> {
    const { runtime, store, target, settings, log } = this.context;
    const started = runtime.now();
    let renewedAt = started;
    const progress = new BatchProgress(this.context, started);
    const batch = new Batch(jobs, this.context, this.#pace.limit, stop, (written) => {
      const now = runtime.now();
      this.#turnedAt = now;
      progress.tell(written, now);
      if (now - renewedAt < RENEW_MS) return;
      renewedAt = now;
      store.jobs.renew(this.owner, now + LEASE_MS, target.id);
    });
    const result = await this.#untilGraceEnds(batch, stop);
    const workedAt = runtime.now();
    progress.end();
    const settle = () => store.settlement.settle(result.attempts, runtime.now());
    const nothing = { settled: [], again: [], late: [] };
    const ended = await persist("settle jobs", settle, nothing, { runtime, log, stop });
    const now = runtime.now();
    for (const { job, disposition } of ended.settled) {
      if (disposition.to !== "back") this.context.unpaid.ended(job.id);
    }
    this.#looks.add(result.sent);
    this.#outcomes.batch(ended, now);
    const watch = () => this.#setup.take(ended.settled);
    await persist("keep what is wrong with the set-up", watch, undefined, { runtime, log, stop });
    const { gatherMs, writeMs, confirmMs } = result;
    const steps = {
      claimMs: this.#claimMs,
      gatherMs,
      writeMs,
      confirmMs,
      settleMs: now - workedAt,
    };
    this.#outcomes.timing({ jobs: jobs.length, ...steps }, now);
    const failed = !this.gates.take(result.events, now);
    this.#pace = nextPace(this.#pace, {
      items: result.written,
      elapsedMs: result.writeMs,
      failed,
    }, settings.maxParallelWrites);
    this.reporter.settled(ended.settled);
    const stumbled = failed && this.gates.pausedBecause === null;
    const pause = stumbled ? STUMBLE_MS : drainPauseMs(rate, jobs.length, runtime.now() - started);
    if (pause > 0) await runtime.sleep(pause, stop);
  }

  /** The batch's result, or what there is of it when the time to stop runs out. */
  async #untilGraceEnds(batch: Batch, stop: AbortSignal): Promise<BatchResult> {
    const ended = new AbortController();
    const work = batch.run().finally(() => ended.abort());
    const grace = (async () => {
      await aborted(stop, ended.signal);
      if (!ended.signal.aborted) await this.context.runtime.sleep(STOP_GRACE_MS, ended.signal);
      return ended.signal.aborted ? await work : batch.settleNow();
    })();
    return await Promise.race([work, grace]);
  }
}
