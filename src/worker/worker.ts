import { FIRST_PACE, nextPace, type Pace } from "../core/pacing.ts";
import { asPlexsyncError, UserError } from "../core/errors.ts";
import type { Job } from "../core/job.ts";
import { Batch, type BatchResult } from "./batch.ts";
import type { WorkContext } from "./context.ts";
import type { Gate, Server } from "./gate.ts";
import { reportBatch, type Reporter } from "./report.ts";

export interface RunOptions {
  /** Ends when nothing is due. */
  once: boolean;
  /** Ends after this long without work; null for never. */
  idleExitMs: number | null;
}

/** Why the loop ended. */
export type Ended = "stopped" | "nothing due" | "idle" | "needs attention" | "server down";

const LEASE_MS = 5 * 60_000;
// A third of the lease: two missed renewals must not let a second worker in.
const RENEW_MS = LEASE_MS / 3;
/** How often the queue is looked at for jobs that another process put there. */
const LOOK_MS = 500;
/** A delta this young serves the waiting jobs too. */
const LOOK_FRESH_MS = 5_000;
/** Pause after a failed batch while the breaker is closed yet: five failures are five seconds. */
const STUMBLE_MS = 1_000;
/** Time that a batch gets to end after a stop was asked for; systemd's own limit is 90 s. */
const STOP_GRACE_MS = 20_000;

/** The loop that takes jobs and ends them. One per data directory. */
export class Worker {
  #pace: Pace = FIRST_PACE;
  #wokenAt = 0;

  constructor(
    private readonly context: WorkContext,
    private readonly gate: Gate,
    private readonly reporter: Reporter,
    /** Names the process in leases. */
    private readonly owner: string,
  ) {}

  /** Works until stopped, or as `options` say. The batch in hand is settled before it returns. */
  async run(stop: AbortSignal, options: RunOptions): Promise<Ended> {
    const { runtime, settings, store } = this.context;
    let idleSince = runtime.now();
    while (!stop.aborted) {
      if (this.gate.pausedBecause !== null) {
        const ended = await this.#rest(stop, options);
        if (ended !== null) return ended;
        idleSince = runtime.now();
        continue;
      }
      await this.#lookForWaiting();
      const now = runtime.now();
      const jobs = store.jobs.claim(this.owner, now, settings.batchSize, LEASE_MS);
      if (jobs.length > 0) {
        await this.#work(jobs, stop);
        idleSince = runtime.now();
        continue;
      }
      this.reporter.idle();
      if (options.once) return "nothing due";
      if (options.idleExitMs !== null && now - idleSince >= options.idleExitMs) return "idle";
      await runtime.sleep(LOOK_MS, stop);
    }
    return "stopped";
  }

  /** A server is down, or a person is needed: probe when it is time, else sleep. */
  async #rest(stop: AbortSignal, options: RunOptions): Promise<Ended | null> {
    const { runtime } = this.context;
    // A single pass cannot wait for better times; the jobs stay for the next one.
    if (options.once) return this.gate.needsAttention ? "needs attention" : "server down";
    const { probe, nextAt } = this.gate.due(runtime.now());
    for (const server of probe) await this.#probe(server);
    if (probe.length === 0) {
      await runtime.sleep(Math.min(Math.max(nextAt - runtime.now(), 50), LOOK_MS), stop);
    }
    return null;
  }

  async #probe(server: Server): Promise<void> {
    const { plex, stash, runtime, log } = this.context;
    if (this.gate.needsAttention) {
      // Whether it is mended shows at the next real work, which pauses again if not.
      this.gate.attended();
      return;
    }
    let answered = false;
    try {
      await (server === "plex" ? plex.identity() : stash.version());
      answered = true;
    } catch (thrown) {
      log.debug(`Probe of ${server}: ${asPlexsyncError(thrown).message}`, {
        event: "probe",
        server,
      });
    }
    this.gate.probed(server, answered, runtime.now());
  }

  /** Waiting jobs share one delta; whose file has come is due at once. */
  async #lookForWaiting(): Promise<void> {
    const { store, keeper, runtime, log } = this.context;
    const at = store.jobs.nextWaitingAt();
    if (at === null) return;
    const now = runtime.now();
    if (at <= now) {
      try {
        await keeper.refresh(LOOK_FRESH_MS);
      } catch (thrown) {
        this.#stumbled(thrown);
        return;
      }
    } else if (keeper.refreshedAt <= this.#wokenAt) return;
    // Everything that the index saw since the last look, the edges included twice.
    const { found, spent } = store.jobs.wake(now, this.#wokenAt);
    this.#wokenAt = keeper.refreshedAt;
    if (found + spent > 0) {
      log.debug(`Waiting for Plex: ${found} found, ${spent} looked for in vain`, { event: "wake" });
    }
  }

  async #work(jobs: Job[], stop: AbortSignal): Promise<void> {
    const { runtime, store, settings } = this.context;
    const started = runtime.now();
    let renewedAt = started;
    const batch = new Batch(jobs, this.context, this.#pace.limit, stop, () => {
      const now = runtime.now();
      if (now - renewedAt < RENEW_MS) return;
      renewedAt = now;
      store.jobs.renew(this.owner, now + LEASE_MS);
    });
    const result = await this.#untilGraceEnds(batch, stop);
    const { settled, late } = store.settlement.settle(result.attempts, runtime.now());
    reportBatch(settled, late, this.context.log);
    this.#judge(result);
    this.#pace = nextPace(this.#pace, {
      items: result.written,
      elapsedMs: result.writeMs,
      failed: result.outage !== null,
    }, settings.maxParallelWrites);
    this.reporter.settled(settled);
    if (result.outage !== null && this.gate.pausedBecause === null) {
      await runtime.sleep(STUMBLE_MS, stop);
    }
  }

  /** The batch's result, or what there is of it when the time to stop runs out. */
  async #untilGraceEnds(batch: Batch, stop: AbortSignal): Promise<BatchResult> {
    const ended = new AbortController();
    const work = batch.run().finally(() => ended.abort());
    const grace = (async () => {
      await aborted(AbortSignal.any([stop, ended.signal]));
      if (!ended.signal.aborted) await this.context.runtime.sleep(STOP_GRACE_MS, ended.signal);
      return ended.signal.aborted ? await work : batch.settleNow();
    })();
    return await Promise.race([work, grace]);
  }

  #judge(result: BatchResult): void {
    const { runtime } = this.context;
    if (result.attention !== null) {
      this.gate.attend(result.attention.message, runtime.now(), result.attention.hint);
    }
    if (result.outage !== null) this.#stumbled(result.outage);
    if (result.outage?.type !== "StashUnavailable" && result.stashAnswered) {
      this.gate.succeeded("stash");
    }
    if (result.outage === null && result.plexAnswered) this.gate.succeeded("plex");
  }

  #stumbled(thrown: unknown): void {
    const now = this.context.runtime.now();
    if (thrown instanceof UserError) return this.gate.attend(thrown.message, now, thrown.hint);
    const error = asPlexsyncError(thrown);
    if (error.type === "PlexUnauthorized") this.gate.attend(error.message, now, error.hint);
    else this.gate.failed(error.type === "StashUnavailable" ? "stash" : "plex", error, now);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((done) => signal.addEventListener("abort", () => done(), { once: true }));
}
