import { PlexsyncError } from "../core/failures/errors.ts";
import type { Runtime } from "../core/runtime.ts";
import { explainFault } from "../core/failures/store_fault.ts";
import type { Log } from "../log/logger.ts";
import type { Gate } from "../worker/gates/gate.ts";

export interface FaultParts {
  gate: Gate;
  runtime: Runtime;
  log: Log;
}

/** What a step came to; `stash` or `store` is who failed. */
export type Step<T> = { value: T } | { failed: "stash" | "store" };

/**
 * Guards what reads from Stash and notes in the database. What Stash does not answer counts
 * against it, all else is the database's fault, and is said once until it is over.
 */
export class IntakeFaults {
  /** The kinds of step whose findings cannot be noted now. */
  readonly #failing = new Set<string>();

  constructor(private readonly parts: FaultParts) {}

  /**
   * Takes a step; never rejects.
   * @param kind Names it: that one of another kind goes well is not the end of the fault
   */
  async guard<T>(kind: string, step: () => Promise<T>, stop: AbortSignal): Promise<Step<T>> {
    const { gate, log, runtime } = this.parts;
    try {
      let result: Step<T>;
      try {
        result = { value: await step() };
      } catch (thrown) {
        if (stop.aborted) return { failed: "stash" };
        if (!(thrown instanceof PlexsyncError)) throw thrown;
        gate.failed(thrown, runtime.now());
        result = { failed: "stash" };
      }
      if (this.#failing.delete(kind) && this.#failing.size === 0) {
        log.info("Changes can be noted again", { event: "watch_back" });
      }
      return result;
    } catch (error) {
      if (this.#failing.size === 0) this.#say(error);
      this.#failing.add(kind);
      return { failed: "store" };
    }
  }

  #say(error: unknown): void {
    const known = explainFault(error);
    const why = known === null ? "" : `: ${known.message}`;
    this.parts.log.error(`Cannot note what changed in Stash, it is looked for again${why}`, {
      event: "watch_failed",
      error: known === null ? error : undefined,
      hint: known?.hint,
    });
  }
}
