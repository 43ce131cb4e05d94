import { UserError } from "../../core/failures/errors.ts";
import type { ReconcileScope } from "../../core/reconcile/reconcile_report.ts";
import type { QueuedClass } from "../../core/reconcile/reconcile_classes.ts";
import type { Installation } from "../installation.ts";
import { reconcileHistory, reconcileNow } from "./reconciliation.ts";

/** How far a run is that was started here. */
export interface StartedRun {
  scenes: number;
  /** null while it is unknown. */
  total: number | null;
}

/** Reconciliations that somebody starts and does not wait for. */
export class ReconcileStart {
  #run: (StartedRun & { ended: Promise<void> }) | null = null;

  constructor(private readonly installation: Installation) {}

  /** null when none that was started here is under way. */
  get underWay(): StartedRun | null {
    return this.#run;
  }

  /**
   * Begins one. Resolves when it stands in the history.
   * @param stop Ends it before its time
   * @throws {UserError} another run is under way
   */
  async start(
    { scope, only, dryRun }: {
      scope: ReconcileScope;
      only: QueuedClass | null;
      dryRun: boolean;
    },
    stop: AbortSignal,
  ): Promise<void> {
    const { installation } = this;
    const [last] = reconcileHistory(installation);
    if (this.#run !== null || last?.state === "running") {
      throw new UserError(
        "A reconciliation is under way",
        "failed",
        "Wait until it is through, or stop the daemon",
      );
    }
    const run = { scenes: 0, total: null as number | null, ended: Promise.resolve() };
    this.#run = run;
    const missing = only === "missing" || installation.config.reconcileMissing;
    const request = { scope, only: only === null ? undefined : [only], dryRun, missing };
    const begun = Promise.withResolvers<void>();
    run.ended = reconcileNow(request, installation, {
      stop,
      begun: begun.resolve,
      progress: (scenes, total) => Object.assign(run, { scenes, total }),
      // Once it has begun, what went wrong stands in the history.
    }).then(() => {}, begun.reject).finally(() => {
      if (this.#run === run) this.#run = null;
    });
    await begun.promise;
  }

  /** Resolves when the one that is under way has ended; never rejects. */
  async ended(): Promise<void> {
    await this.#run?.ended;
  }
}
