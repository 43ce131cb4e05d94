import { PAUSED_AT } from "../../core/meta_keys.ts";
import { endOfHours } from "../../core/time/quiet_hours.ts";
import { instant } from "../../core/text/wording.ts";
import type { WorkContext } from "../context.ts";

/** What a person lets be done: nothing while the work is paused, no bulk work in quiet hours. */
export type Allowed = "nothing" | "single changes" | "all";

/** Looks what is allowed, and says when that changes. */
export class WorkHours {
  #isPaused = false;
  #isQuiet = false;

  constructor(private readonly context: Pick<WorkContext, "store" | "settings" | "log">) {}

  /** As it was last told. */
  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** @param isAtRest whether no batch is in hand: a pause is told only when it is complete */
  look(now: number, isAtRest: boolean): Allowed {
    const isPaused = this.context.store.meta.get(PAUSED_AT) !== undefined;
    if (isAtRest || !isPaused) this.#tellPause(isPaused);
    if (isPaused) return "nothing";
    this.#lookForQuiet(now);
    return this.#isQuiet ? "single changes" : "all";
  }

  /** Another process may have paused the work, or let it go on. */
  #tellPause(isPaused: boolean): void {
    const { log } = this.context;
    if (isPaused === this.#isPaused) return;
    this.#isPaused = isPaused;
    if (isPaused) {
      log.info("Paused: no job is taken; what changes is queued all the same", {
        event: "paused",
        hint: "plexsync resume lets the work go on",
      });
    } else log.info("The work goes on", { event: "resumed" });
  }

  #lookForQuiet(now: number): void {
    const { settings, log } = this.context;
    const until = endOfHours(settings.quietHours, now);
    const isQuiet = until !== null;
    if (isQuiet === this.#isQuiet) return;
    this.#isQuiet = isQuiet;
    if (isQuiet) {
      log.info(`Quiet hours until ${instant(until)}: bulk work waits`, { event: "quiet_hours" });
    } else log.info("Quiet hours are over: bulk work goes on", { event: "quiet_hours_end" });
  }
}
