import type { LoopEnd, RunOptions } from "../worker/worker.ts";

/**
 * When loops that work side by side end by themselves: together, once all of them have nothing to
 * do. One that ended early would leave alone what comes for it while the others work.
 */
export class CommonEnd {
  /** Since when each has nothing to do, epoch ms; null while it works or rests. */
  readonly #idleSince: (number | null)[] = [];
  #isOver = false;

  constructor(private readonly options: RunOptions) {}

  /** One more loop. All join before the first one runs. */
  join(): LoopEnd & { left(): void } {
    const at = this.#idleSince.push(null) - 1;
    return {
      once: this.options.once,
      busy: () => {
        this.#idleSince[at] = null;
      },
      isOver: (idleSince, now) => {
        this.#idleSince[at] = idleSince;
        return this.#decide(now);
      },
      // What it could not do nobody is to wait for.
      left: () => {
        this.#idleSince[at] = -Infinity;
      },
    };
  }

  #decide(now: number): boolean {
    const { once, idleExitMs } = this.options;
    const patienceMs = once ? 0 : idleExitMs ?? Infinity;
    this.#isOver ||= this.#idleSince.every((since) => since !== null && now - since >= patienceMs);
    return this.#isOver;
  }
}
