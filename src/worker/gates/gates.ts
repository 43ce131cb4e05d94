import { STASH, type WorkEvent } from "../../core/jobs/course.ts";
import type { Gate, GateDue } from "./gate.ts";

/** The gates that work for one target has to pass: Stash's, which all targets share, and its own. */
export class Gates {
  constructor(readonly stash: Gate, readonly target: Gate) {}

  /** Why work rests now, or null when it may go on. What needs a person is said first. */
  get pausedBecause(): string | null {
    const attended = this.#all.find(({ attention }) => attention !== null);
    if (attended !== undefined) return attended.pausedBecause;
    return this.target.pausedBecause ?? this.stash.pausedBecause;
  }

  /** Whether a person is needed. */
  get needsPerson(): boolean {
    return this.#all.some(({ attention }) => attention !== null);
  }

  /** True while one job at a time shows whether a server is back. */
  get isTrying(): boolean {
    return this.#all.some(({ isTrying }) => isTrying);
  }

  /** Jobs per second that may be done at `now`. */
  rate(now: number): number {
    return Math.min(...this.#all.map((gate) => gate.rate(now)));
  }

  /** The gates that are held for down. */
  get down(): Gate[] {
    return this.#all.filter(({ isDown }) => isDown);
  }

  /** What to try at `now` while work rests. */
  due(now: number): Omit<GateDue, "probe"> & { probe: Gate[] } {
    const due = this.#all.map((gate) => ({ gate, ...gate.due(now) }));
    return {
      probe: due.filter(({ probe }) => probe).map(({ gate }) => gate),
      // Not while a server is down besides: the job could not show anything.
      trial: this.down.length === 0 && due.some(({ trial }) => trial),
      nextAt: Math.min(...due.map(({ nextAt }) => nextAt)),
    };
  }

  /** Draws the consequences of what work met, in order. @returns false when a server failed */
  take(events: readonly WorkEvent[], now: number): boolean {
    const failed = events.find(({ kind }) => kind !== "answered");
    if (failed?.kind === "attention") {
      const { server, message, hint, work, root } = failed;
      this.#of(server).attend(message, now, hint, work, root);
    } else if (failed?.kind === "failed") {
      this.#of(failed.server).failed(failed.error, now, failed.work, failed.jobs);
    }
    for (const event of events) {
      const { server } = event;
      if (event.kind !== "answered" || server === failed?.server) continue;
      // A target that failed has the last word, and so has what a person has to mend there.
      if (server !== STASH && failed !== undefined) continue;
      const gate = this.#of(server);
      gate.succeeded(now, event.work);
      gate.attended(event.work);
    }
    return failed === undefined;
  }

  get #all(): Gate[] {
    return [this.target, this.stash];
  }

  #of(server: string): Gate {
    return server === STASH ? this.stash : this.target;
  }
}
