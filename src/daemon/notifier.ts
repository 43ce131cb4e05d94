import type { Config } from "../config/config.ts";
import { SECOND_MS } from "../core/time/duration.ts";
import { NOTIFIED } from "../core/meta_keys.ts";
import {
  dueNotifications,
  type Needs,
  type Notification,
  notifyRequest,
  type NotifyState,
} from "../core/failures/notification.ts";
import type { Runtime } from "../core/runtime.ts";
import { storeFault } from "../core/failures/store_fault.ts";
import type { Log } from "../log/logger.ts";
import type { Meta } from "../store/meta.ts";

export interface NotifierParts {
  config: Pick<Config, "notifyOn">;
  /** `notify_url`. */
  address: string;
  store: { meta: Meta };
  runtime: Runtime;
  log: Log;
  /** What a person has to mend now, without secrets. */
  needs(): Needs;
  fetch?: typeof fetch;
}

const LOOK_MS = 2 * SECOND_MS;
const LIMIT_MS = 10 * SECOND_MS;
/** After a failure it is tried again so much later; what is over meanwhile is not told. */
const AGAIN_MS = 60 * SECOND_MS;

/** Tells somebody by a web address that a person is needed, and when that is over. */
export class Notifier {
  readonly name = "notifier";
  #failing = false;
  #state: NotifyState;

  constructor(private readonly parts: NotifierParts) {
    this.#state = { told: parts.store.meta.get(NOTIFIED) ?? {}, since: null };
  }

  /** Until stopped; never rejects. Nothing waits for it. */
  async run(stop: AbortSignal): Promise<void> {
    const { runtime, needs } = this.parts;
    while (!stop.aborted) {
      const { send, state } = dueNotifications(this.#state, needs(), runtime.now());
      const isTold = await this.#tell(send, stop);
      if (isTold) this.#keep(state);
      await runtime.sleep(isTold ? LOOK_MS : AGAIN_MS, stop);
    }
  }

  /** @returns whether all of it was taken, or nobody wants it */
  async #tell(send: readonly Notification[], stop: AbortSignal): Promise<boolean> {
    for (const notification of send) {
      if (!this.parts.config.notifyOn.includes(notification.event)) continue;
      const problem = await this.#post(notification, stop);
      if (stop.aborted) return false;
      this.#say(problem);
      if (problem !== null) return false;
    }
    return true;
  }

  /** @returns why it was not taken, without the address, which is a secret; null when it was */
  async #post(notification: Notification, stop: AbortSignal): Promise<string | null> {
    const { address, fetch: send = fetch } = this.parts;
    const { url, headers, body } = notifyRequest(address, notification);
    const signal = AbortSignal.any([stop, AbortSignal.timeout(LIMIT_MS)]);
    try {
      const options = { method: "POST", headers, body, redirect: "manual", signal } as const;
      const answer = await send(url, options);
      await answer.body?.cancel();
      return answer.ok ? null : `it answered ${answer.status}`;
    } catch (error) {
      const late = error instanceof DOMException && error.name === "TimeoutError";
      return late ? `no answer within ${LIMIT_MS / 1000} s` : "it cannot be reached";
    }
  }

  /** A failure is said once, until it is over. */
  #say(problem: string | null): void {
    const { log } = this.parts;
    if (problem === null) {
      if (this.#failing) log.info("notify_url takes notifications again", { event: "notify_back" });
    } else if (!this.#failing) {
      log.warning(`Cannot notify at notify_url: ${problem}; tried again each minute`, {
        event: "notify_failed",
        hint: "Check notify_url; a redirect is not followed",
      });
    }
    this.#failing = problem !== null;
  }

  #keep(state: NotifyState): void {
    const changed = state.told !== this.#state.told &&
      JSON.stringify(state.told) !== JSON.stringify(this.#state.told);
    this.#state = state;
    if (!changed) return;
    try {
      this.parts.store.meta.set(NOTIFIED, state.told);
    } catch (error) {
      // At worst it is told again after a restart.
      if (storeFault(error) === null) throw error;
    }
  }
}
