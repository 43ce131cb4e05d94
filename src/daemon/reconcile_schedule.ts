import { lastedMs } from "../core/time/duration.ts";
import type { Config } from "../config/config.ts";
import { sharedEvent, STASH } from "../core/jobs/course.ts";
import {
  asPlexsyncError,
  NeedsAttention,
  PlexsyncError,
  UserError,
} from "../core/failures/errors.ts";
import { reportText } from "../core/reconcile/reconcile_report.ts";
import { nextReconcileAt } from "../core/reconcile/reconcile_due.ts";
import { explainFault } from "../core/failures/store_fault.ts";
import type { Log } from "../log/logger.ts";
import type { ReconcileRun } from "../store/queue/reconcile_runs.ts";
import type { WorkContext } from "../worker/context.ts";
import type { Gates } from "../worker/gates/gates.ts";
import { AGREE_HINT } from "../app/queue/full_sync.ts";
import {
  reconcile,
  type ReconcileHooks,
  type ReconcileParts,
} from "../app/reconcile/reconciliation.ts";

export interface ScheduleParts extends Omit<ReconcileParts, "contexts"> {
  /** Each target, and whether work with it may go on. */
  works: readonly { context: WorkContext; gates: Gates }[];
  config: Pick<Config, "reconcileInterval" | "reconcileScope" | "reconcileMissing">;
  log: Log;
}

const CHECK_MS = 10_000;
/** The shortest rest between two batches; a slow server gets as long as the batch took. */
const REST_MS = 200;
const AFTER_FAILURE_MS = 5_000;
const PAUSED_CHECK_MS = 1_000;

/** The daemon's reconciliations: one at a time, beside the worker, when they are due. */
export class ReconcileSchedule {
  readonly name = "reconcile schedule";
  #failing = false;
  #saidReportsOnly = false;
  /** Key of the target that is compared. */
  #current = "";

  constructor(private readonly parts: ScheduleParts) {}

  /** Until stopped; never rejects. */
  async run(stop: AbortSignal): Promise<void> {
    const { config, runtime } = this.parts;
    this.#forgetCutOff();
    if (config.reconcileInterval === "never") return;
    while (!stop.aborted) {
      const free = this.#free();
      if (free.length > 0 && this.#isDue()) await this.#once(free, stop);
      await runtime.sleep(CHECK_MS, stop);
    }
  }

  /** Those that can be compared now: a target that is down for long must not keep others from it. */
  #free(): WorkContext[] {
    return this.parts.works.filter(({ gates }) => gates.pausedBecause === null)
      .map(({ context }) => context);
  }

  #gatesOf(target: string): Gates {
    return this.parts.works.find(({ context }) => context.target.id === target)!.gates;
  }

  /** A run of a daemon that was killed is over, and does not count: it is due again. */
  #forgetCutOff(): void {
    try {
      this.parts.store.reconcileRuns.stopScheduled();
    } catch (error) {
      this.#sayFailed(error);
    }
  }

  #isDue(): boolean {
    const { config, store, runtime } = this.parts;
    const now = runtime.now();
    try {
      const last = store.reconcileRuns.last(config.reconcileScope);
      return (nextReconcileAt(config.reconcileInterval, last, now) ?? Infinity) <= now;
    } catch (error) {
      this.#sayFailed(error);
      return false;
    }
  }

  async #once(contexts: readonly WorkContext[], stop: AbortSignal): Promise<void> {
    const { config, runtime, log } = this.parts;
    const { reconcileScope: scope, reconcileMissing: missing } = config;
    const started = runtime.now();
    this.#current = contexts[0]!.target.id;
    log.debug(`Reconciliation begins (${scope})`, { event: "reconcile_start", scope });
    try {
      const request = { scope, missing, dryRun: false, origin: "schedule" } as const;
      const run = await reconcile(request, { ...this.parts, contexts }, this.#hooks(stop));
      this.#failing = false;
      if (run.state !== "done") return;
      this.#sayDone(run, runtime.now() - started);
      this.#sayLeftOut(contexts);
    } catch (thrown) {
      if (stop.aborted) return;
      // The walk over Stash's scenes cannot be taken up in the middle, as a batch can.
      this.#isOutage(thrown, this.#current);
      this.#sayFailed(thrown);
    }
  }

  #hooks(stop: AbortSignal): ReconcileHooks {
    const { runtime } = this.parts;
    let startedAt: number | null = null;
    let rest = 0;
    return {
      stop,
      ready: async (target) => {
        this.#current = target;
        // The worker is to have the servers at least half of the time.
        if (startedAt !== null) {
          rest = Math.max(rest, REST_MS, lastedMs(runtime.now() - startedAt));
        }
        if (rest > 0) await runtime.sleep(rest, stop);
        const gates = this.#gatesOf(target);
        while (gates.pausedBecause !== null && !stop.aborted) {
          await runtime.sleep(PAUSED_CHECK_MS, stop);
        }
        rest = 0;
        startedAt = runtime.now();
      },
      done: (_scenes, _total, answered) => {
        const gates = this.#gatesOf(this.#current);
        const servers = answered === null ? [STASH] : [STASH, answered];
        gates.take(
          servers.map((server) => ({ kind: "answered", server, work: "read" })),
          runtime.now(),
        );
      },
      failed: (thrown, target) => {
        rest = AFTER_FAILURE_MS;
        return this.#isOutage(thrown, target);
      },
    };
  }

  /** Whether a server is down, which its gate is told; the run goes on when it is back. */
  #isOutage(thrown: unknown, target: string): boolean {
    const { runtime } = this.parts;
    if (!(thrown instanceof PlexsyncError || thrown instanceof NeedsAttention)) return false;
    if (thrown instanceof PlexsyncError && thrown.type === "Unknown") return false;
    this.#gatesOf(target).take([sharedEvent(thrown, target)], runtime.now());
    return thrown instanceof PlexsyncError;
  }

  #sayDone({ report, queued, scope, dry_run }: ReconcileRun, durationMs: number): void {
    const { log } = this.parts;
    const text = reportText(report, { scope, dryRun: dry_run });
    if (dry_run && !this.#saidReportsOnly) {
      log.warning("Reconciliations only report: no sync of all scenes was agreed to yet", {
        event: "reconcile_reports_only",
        hint: AGREE_HINT,
      });
    }
    this.#saidReportsOnly = dry_run;
    log.info(`Reconciled (${scope}): ${text}`, {
      event: "reconcile_done",
      scope,
      count: dry_run ? 0 : queued,
      total: report.scenes,
      duration_ms: durationMs,
      details: Object.fromEntries(
        Object.entries(report.classes).map(([name, { found }]) => [name, found]),
      ),
      said: ["scope", "count", "total", "details"],
    });
  }

  /** What is compared only the next time is not passed over in silence. */
  #sayLeftOut(compared: readonly WorkContext[]): void {
    for (const { context, gates } of this.parts.works) {
      if (compared.includes(context)) continue;
      this.parts.log.warning(
        `${context.target.title} was not reconciled: ${gates.pausedBecause ?? "it was down"}`,
        { event: "reconcile_left_out", server: context.target.id },
      );
    }
  }

  /** The first failure in a row is for a person to see; the history has them all. */
  #sayFailed(thrown: unknown): void {
    const error = explainFault(thrown) ??
      (thrown instanceof UserError ? thrown : asPlexsyncError(thrown));
    const type = error instanceof PlexsyncError ? error.type : undefined;
    this.parts.log[this.#failing ? "debug" : "warning"](
      `The reconciliation failed, it is tried again in some minutes: ${error.message}`,
      {
        event: "reconcile_failed",
        error_type: type,
        error: type === "Unknown" ? thrown : undefined,
        hint: error.hint,
      },
    );
    this.#failing = true;
  }
}
