import { Alarm } from "../core/alarm.ts";
import { MINUTE_MS } from "../core/time/duration.ts";
import { asPlexsyncError } from "../core/failures/errors.ts";
import type { Runtime } from "../core/runtime.ts";
import type { Jobs } from "../store/queue/jobs.ts";
import type { News } from "../target/target.ts";

export interface IndexListenerParts {
  /** The target's name for people. */
  title: string;
  /** Tells of the target's news until the signal aborts; never rejects. */
  listen(tell: (news: News) => void, signal: AbortSignal): Promise<void>;
  jobs: Pick<Jobs, "nextWaitingAt">;
  /** Whether scenes that were given up come back when their file does. */
  hopes?(): boolean;
  /** Brings the index up to date. The worker wakes the jobs whose file has come. */
  refresh(): Promise<void>;
  log: { debug(message: string, fields?: Record<string, unknown>): void };
  runtime: Runtime;
}

/** How often it is asked whether jobs wait. */
const CHECK_MS = 1_000;
/** The connection outlives the last waiting job: the next one is often near. */
const LINGER_MS = 3 * MINUTE_MS;

/**
 * Listens to the target while scenes wait, or hope, for a file there, and only then, and refreshes the index
 * when it may have come. News that are missed cost time only: every waiting job is also rechecked
 * when its own time comes.
 */
export class IndexListener {
  readonly name = "index listener";
  /** There are news that no refresh has taken up. */
  #isDue = false;
  readonly #alarm = new Alarm();
  #saidReason = "";

  constructor(private readonly parts: IndexListenerParts) {}

  /** Listens, when there is a reason to, until `stop` aborts. Never rejects. */
  async run(stop: AbortSignal): Promise<void> {
    const { title, runtime, log } = this.parts;
    while (!stop.aborted) {
      try {
        if (this.#isWaiting()) await this.#listen(stop);
      } catch (thrown) {
        // The store could not be read, and the worker will say so: this is a helper at most.
        log.debug(`Listening to ${title}: ${asPlexsyncError(thrown).message}`, { event: "listen" });
      }
      await runtime.sleep(CHECK_MS, stop);
    }
  }

  /** Holds the connection until nothing waits any more. */
  async #listen(stop: AbortSignal): Promise<void> {
    const { listen, runtime } = this.parts;
    this.#isDue = false;
    const leave = new AbortController();
    const listening = listen((news) => this.#hear(news), AbortSignal.any([stop, leave.signal]));
    try {
      let waitedAt = runtime.now();
      while (!stop.aborted) {
        const now = runtime.now();
        const isWaiting = this.#isWaiting();
        if (isWaiting) waitedAt = now;
        else if (Math.abs(now - waitedAt) >= LINGER_MS) return;
        if (this.#isDue) {
          this.#isDue = false;
          if (isWaiting) await this.#refresh();
        } else await this.#alarm.sleep(runtime, CHECK_MS, stop);
      }
    } finally {
      leave.abort();
      await listening;
    }
  }

  #isWaiting(): boolean {
    const { jobs, hopes } = this.parts;
    return jobs.nextWaitingAt() !== null || (hopes?.() ?? false);
  }

  #hear(news: News): void {
    const { title, log } = this.parts;
    switch (news.kind) {
      case "files":
        this.#isDue = true;
        this.#alarm.ring();
        return;
      case "connected":
        this.#saidReason = "";
        log.debug(`${title} tells of new files by ${news.by}`, {
          event: "notifications",
          source: news.by,
        });
        return;
      case "disconnected":
        // An outage that lasts is said once; the worker rechecks meanwhile.
        if (news.reason === this.#saidReason) return;
        this.#saidReason = news.reason;
        log.debug(`No notifications by ${news.by}: ${title} ${news.reason}`, {
          event: "no_notifications",
          source: news.by,
          retry_in_ms: news.retryMs,
        });
    }
  }

  async #refresh(): Promise<void> {
    try {
      await this.parts.refresh();
    } catch (thrown) {
      // The worker's next refresh meets the same and draws the consequences.
      this.parts.log.debug(`Look after a notification: ${asPlexsyncError(thrown).message}`, {
        event: "notified_look",
      });
    }
  }
}
