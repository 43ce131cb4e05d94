/** A rig whose worker dies at a chosen request: what it began is never heard of again. */
import { loopEnd, Rig, type RigOptions } from "./rig.ts";

/** Before the request is sent, or once it was answered and the answer is lost. */
export type Moment = "before" | "after";

export class KilledWorker implements AsyncDisposable {
  /** Counts processes: what an earlier one asks is not even sent. */
  #process = 0;
  #left = Infinity;
  #moment: Moment = "before";
  #die = () => {};

  private constructor(readonly rig: Rig) {}

  /** On this Plex an image shows `imageLagMs` after its upload, by the clock of the rig. */
  static async open(options: RigOptions): Promise<KilledWorker> {
    const clock = { now: () => 1 };
    const send: typeof fetch = (input, init) => killed.#send(input, init);
    const plex = { ...options.plex, now: () => clock.now() };
    const rig = await Rig.open({ ...options, plex, fetch: send });
    clock.now = rig.runtime.now;
    const killed: KilledWorker = new KilledWorker(rig);
    return killed;
  }

  /**
   * A fresh process on the same data, which works until nothing is due.
   * @param request At which it is killed, counted from 1; default: it is not
   * @returns whether it was killed
   */
  async run(request = Infinity, moment: Moment = "before"): Promise<boolean> {
    const { rig } = this;
    const { promise, resolve } = Promise.withResolvers<"killed">();
    this.#process++;
    [this.#left, this.#moment, this.#die] = [request, moment, () => resolve("killed")];
    rig.start();
    rig.store.jobs.rescueAll(rig.runtime.now());
    const work = rig.worker.run(new AbortController().signal, loopEnd(true));
    return await Promise.race([promise, work]) === "killed";
  }

  async #send(input: Parameters<typeof fetch>[0], init?: RequestInit): Promise<Response> {
    const own = this.#process;
    if (--this.#left === 0 && this.#moment === "before") this.#kill();
    if (own !== this.#process) return await NEVER;
    const answer = await fetch(input, init);
    const isLast = this.#left === 0;
    if (!isLast && own === this.#process) return answer;
    await answer.body?.cancel();
    if (isLast && own === this.#process) this.#kill();
    return await NEVER;
  }

  #kill(): void {
    this.#process++;
    this.#die();
  }

  async [Symbol.asyncDispose]() {
    await this.rig[Symbol.asyncDispose]();
  }
}

const NEVER = new Promise<never>(() => {});
