import { SECOND_MS } from "../core/time/duration.ts";

/** By less the system's own time keeping sets it. */
const SET_BACK_MS = SECOND_MS;

/** Notices when the clock is set back. */
export class ClockWatch {
  #last = -Infinity;

  /**
   * To be called again and again.
   * @param now Epoch ms
   * @returns by how much the clock was set back since the last call, in ms; 0 when it was not
   */
  look(now: number): number {
    const back = this.#last - now;
    this.#last = now;
    return back >= SET_BACK_MS ? back : 0;
  }
}
