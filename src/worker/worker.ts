import { drainBatch } from "../core/jobs/drain.ts";
import { STASH } from "../core/jobs/course.ts";
import { asPlexsyncError } from "../core/failures/errors.ts";
import { type Job, SINGLE_CHANGES } from "../core/jobs/job.ts";
import { Alarm } from "../core/alarm.ts";
import { formatDuration } from "../core/time/duration.ts";
import { plural } from "../core/text/wording.ts";
import { ClockWatch } from "./clock_watch.ts";
import type { WorkContext } from "./context.ts";
import type { Gate } from "./gates/gate.ts";
import type { Gates } from "./gates/gates.ts";
import { SetupWatch } from "./match/setup_watch.ts";
import { Healing } from "./index/healing.ts";
import { IndexLooks } from "./index/index_looks.ts";
import { LEASE_MS, Leases } from "./batch/leases.ts";
import { persist } from "./persist.ts";
import { type Claimed, Pipeline, STUMBLE_MS } from "./batch/pipeline.ts";
import { assertReady } from "../stash/ready.ts";
import { LateLooks } from "./images/late_looks.ts";
import { OutcomeLog, type Reporter } from "./outcome_log.ts";
import { undoTurn } from "./undo/undo_turn.ts";
import { WorkHours } from "./gates/work_hours.ts";

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

/** How often the queue is asked for what is due by now; `wake` tells of what was put there. */
const CHECK_MS = 1_000;
/** A rest whose end lies behind is still a rest. */
const SHORTEST_REST_MS = 50;
/** How often somebody is looked for who wants something taken back while Stash is down. */
const UNDO_CHECK_MS = 1_000;
const NONE: ReadonlySet<number> = new Set();

/** The loop that takes the jobs of one target and ends them. One per target and data directory. */
export class Worker {
  readonly #outcomes: OutcomeLog;
  readonly #healing: Healing;
  readonly #alarm = new Alarm();
  readonly #looks: LateLooks;
  readonly #hours: WorkHours;
  readonly #index: IndexLooks;
  readonly #leases: Leases;
  readonly #pipeline: Pipeline;
  readonly #clock = new ClockWatch();
  #turnedAt: number;

  constructor(
    private readonly context: WorkContext,
    private readonly gates: Gates,
    private readonly reporter: Reporter,
    /** Names the process in leases. */
    owner: string,
  ) {
    this.#outcomes = new OutcomeLog(context.log);
    this.#healing = new Healing(context);
    this.#looks = new LateLooks(context);
    this.#hours = new WorkHours(context);
    this.#index = new IndexLooks(context, gates);
    this.#leases = new Leases(context, owner);
    this.#turnedAt = context.runtime.now();
    this.#pipeline = new Pipeline({
      context,
      gates,
      reporter,
      leases: this.#leases,
      looks: this.#looks,
      outcomes: this.#outcomes,
      setup: new SetupWatch(context),
      turned: () => this.#turned(),
      areNext: (jobs) => this.#areNext(jobs),
    });
  }

  /** When the loop last took a step, epoch ms: it is stuck when that is long ago. */
  get turnedAt(): number {
    return this.#turnedAt;
  }

  /** There are new jobs: takes them now instead of at the next check. */
  wake(): void {
    this.#alarm.ring();
  }

  /** Works until stopped, or as `end` says. What is in hand is settled before it returns. */
  async run(stop: AbortSignal, end: LoopEnd): Promise<Ended> {
    try {
      this.#looks.recover();
      const ended = await this.#loop(stop, end);
      await this.#pipeline.drain();
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
      this.#turned();
      this.#outcomes.tick(runtime.now());
      await this.#heedClock(stop);
      const wasEmpty = this.#pipeline.isEmpty;
      if (this.#isHeldUp() || this.#healing.isOwed) {
        await this.#pipeline.drain();
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
      }
      await this.#index.recheckWaiting(stop);
      if (wasEmpty && this.#hours.look(runtime.now(), true) === "all") {
        await this.#index.aheadOfBatches(stop);
      }
      await this.#heal(stop);
      if (await this.#turn(stop, end) || !wasEmpty) {
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

  /** All that was planned by the clock as it was before it was set back is planned anew. */
  async #heedClock(stop: AbortSignal): Promise<void> {
    const { runtime, store, log } = this.context;
    const now = runtime.now();
    const back = this.#clock.look(now);
    if (back === 0) return;
    const plan = () => store.replan(now);
    const count = await persist("plan anew", plan, 0, { runtime, log, stop });
    if (count === 0) return;
    const what = `${plural(count, "job is", "jobs are")} planned anew`;
    log.info(`The clock was set back by ${formatDuration(back)}: ${what}`, {
      event: "clock_set_back",
      count,
      said: ["count"],
    });
  }

  /** Whether something comes before all jobs, or only so many may be done that none goes beside. */
  #isHeldUp(): boolean {
    const { gates, context: { store, target, runtime } } = this;
    const now = runtime.now();
    return store.of(target.id).undos.hasDue(now) || gates.pausedBecause !== null ||
      gates.isTrying || gates.rate(now) !== Infinity;
  }

  /**
   * Takes the next jobs and works on them, and looks at images that were sent.
   * @returns whether there were any
   */
  async #turn(stop: AbortSignal, end: LoopEnd): Promise<boolean> {
    const { context, gates } = this;
    const rate = gates.rate(context.runtime.now());
    const limit = gates.isTrying ? 1 : drainBatch(rate, context.settings.batchSize);
    const claimed = await this.#claim(limit, rate, stop);
    if (claimed !== null) end.busy();
    const jobs = [...this.#pipeline.jobs, ...claimed?.jobs ?? []];
    const looks = this.#looks.round(stop, new Set(jobs.map(({ scene_id }) => scene_id)));
    const work = claimed === null ? this.#pipeline.drain() : this.#pipeline.work(claimed, stop);
    await Promise.all([looks, work]);
    return claimed !== null;
  }

  /**
   * What persons want to be taken back goes before all other work, and needs the target alone.
   * @returns whether there was any
   */
  async #undo(stop: AbortSignal, isTrial = false): Promise<boolean> {
    if (this.gates.target.pausedBecause !== null && !isTrial) return false;
    const { runtime } = this.context;
    const events = await undoTurn(this.context, {
      owner: this.#leases.owner,
      leaseMs: LEASE_MS,
      limit: this.#pipeline.limit,
      most: isTrial ? 1 : undefined,
      stop,
      alive: () => {
        this.#turned();
        this.#leases.keep();
      },
    });
    if (events === null) return false;
    const failed = !this.gates.take(events, runtime.now());
    if (failed && this.gates.target.pausedBecause === null) await runtime.sleep(STUMBLE_MS, stop);
    return true;
  }

  #turned(): void {
    this.#turnedAt = this.context.runtime.now();
  }

  /** @returns null when there is nothing to take */
  async #claim(limit: number, rate: number, stop: AbortSignal): Promise<Claimed | null> {
    const { runtime, store, target, log, unpaid } = this.context;
    const started = runtime.now();
    const allowed = this.#hours.look(started, this.#pipeline.isEmpty);
    if (allowed === "nothing") return null;
    // What has not failed since shows sooner whether a server is back.
    const behind = this.gates.isTrying ? unpaid.jobs : NONE;
    const leastPriority = allowed === "all" ? null : SINGLE_CHANGES;
    const isBeside = !this.#pipeline.isEmpty;
    const claim = () =>
      store.jobs.claim(this.#leases.owner, runtime.now(), limit, LEASE_MS, target.id, {
        behind,
        leastPriority,
        isBeside,
      });
    const jobs = await persist("take jobs", claim, [], { runtime, log, stop });
    if (jobs.length === 0) return null;
    const at = runtime.now();
    const isAlone = rate !== Infinity || this.gates.isTrying || jobs[0]!.deaths > 0;
    return { jobs, claimMs: at - started, at, rate, isAlone };
  }

  /** Whether a claim would give these jobs now, as it did before others were written. */
  #areNext(jobs: readonly Job[]): boolean {
    const { store, target, runtime } = this.context;
    const now = runtime.now();
    if (this.#isHeldUp()) return false;
    const least = Math.min(...jobs.map(({ priority }) => priority));
    const allowed = this.#hours.look(now, false);
    if (allowed === "nothing" || allowed === "single changes" && least < SINGLE_CHANGES) {
      return false;
    }
    return !store.jobs.hasDue(now, target.id, least + 1);
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

  /** One undo or job, or without any a refresh of the index, shows whether a person has mended it. */
  async #try(stop: AbortSignal): Promise<void> {
    // Where nothing is to be synced, nothing else would write.
    if (await this.#undo(stop, true)) return;
    const claimed = await this.#claim(1, Infinity, stop);
    if (claimed !== null) return await this.#pipeline.work({ ...claimed, isAlone: true }, stop);
    if (await this.#index.refresh(0, stop)) this.gates.target.attended("read");
  }

  /** What came to the target may belong to scenes that have no job now. */
  async #heal(stop: AbortSignal): Promise<void> {
    const { runtime, log } = this.context;
    const queue = () => this.#healing.step(this.#pipeline.isEmpty);
    const queued = await persist("queue what heals", queue, 0, { runtime, log, stop });
    if (queued === 0) return;
    log.info(`${queued} scenes fit other items than before: they are synced again`, {
      event: "heal",
      count: queued,
      said: ["count"],
    });
  }
}
