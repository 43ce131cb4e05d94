import { asPlexsyncError } from "../core/errors.ts";
import type { Runtime } from "../core/runtime.ts";
import { ScanWatch } from "../core/scan_watch.ts";
import type { PlexClient } from "../plex/client.ts";
import type { Notification } from "../plex/notifications/notifications.ts";
import type { Jobs } from "../store/jobs.ts";
import type { ItemIndex } from "../store/item_index.ts";

export interface PlexListenerPorts {
  /** Tells of Plex's notifications until the signal aborts; never rejects. */
  follow(tell: (notification: Notification) => void, signal: AbortSignal): Promise<void>;
  jobs: Pick<Jobs, "nextWaitingAt">;
  index: Pick<ItemIndex, "sections">;
  /** Brings the index up to date and wakes the jobs whose file has come. */
  look(): Promise<void>;
  log: { debug(message: string, fields?: Record<string, unknown>): void };
  runtime: Runtime;
}

/**
 * How often it is asked whether jobs wait, and the longest sleep between two looks at the
 * watch. No rule of the watch is shorter, but for the look after a connect, which ends the sleep.
 */
const CHECK_MS = 1_000;
/** The connection outlives the last waiting job: the next one is often near. */
const LINGER_MS = 3 * 60_000;

/**
 * Listens to Plex while jobs wait for it, and only then, and has the index looked at when Plex
 * may have gained their files. A hint that is missed costs time only: every waiting job is also
 * looked at when its own time comes.
 */
export class PlexListener {
  readonly #watch: ScanWatch;
  /** Ids of the sections that are synced; empty while none is known. */
  #sections: ReadonlySet<string> = new Set();
  #awake = new AbortController();
  #saidReason = "";

  constructor(private readonly ports: PlexListenerPorts) {
    this.#watch = new ScanWatch((id) => this.#sections.size === 0 || this.#sections.has(id));
  }

  /** Listens, when there is a reason to, until `stop` aborts. Never rejects. */
  async run(stop: AbortSignal): Promise<void> {
    const { jobs, runtime, log } = this.ports;
    while (!stop.aborted) {
      try {
        if (jobs.nextWaitingAt() !== null) await this.#listen(stop);
      } catch (thrown) {
        // The store could not be read, and the worker will say so: this is a helper at most.
        log.debug(`Listening to Plex: ${asPlexsyncError(thrown).message}`, { event: "listen" });
      }
      await runtime.sleep(CHECK_MS, stop);
    }
  }

  /** An item is about to be written to: Plex will tell of it, and that is no news. */
  wrote(ratingKey: string): void {
    this.#watch.wrote(ratingKey, this.ports.runtime.now());
  }

  /** Holds the connection until nothing waits any more. */
  async #listen(stop: AbortSignal): Promise<void> {
    const { follow, jobs, runtime } = this.ports;
    this.#readSections();
    const leave = new AbortController();
    const signal = AbortSignal.any([stop, leave.signal]);
    const following = follow((notification) => this.#hear(notification), signal);
    try {
      let waitedAt = runtime.now();
      while (!stop.aborted) {
        this.#awake = new AbortController();
        const now = runtime.now();
        const waiting = jobs.nextWaitingAt() !== null;
        if (waiting) waitedAt = now;
        else if (Math.abs(now - waitedAt) >= LINGER_MS) return;
        const waitMs = this.#watch.waitMs(now);
        if (waitMs === 0) {
          this.#watch.looked(now);
          if (waiting) await this.#look();
        } else {
          const wake = AbortSignal.any([stop, this.#awake.signal]);
          await runtime.sleep(Math.min(waitMs ?? CHECK_MS, CHECK_MS), wake);
        }
      }
    } finally {
      leave.abort();
      await following;
    }
  }

  #hear(notification: Notification): void {
    const { log, runtime } = this.ports;
    const now = runtime.now();
    if (notification.kind === "connected") {
      this.#saidReason = "";
      log.debug(`Plex tells of new files by ${notification.transport}`, {
        event: "notifications",
        source: notification.transport,
      });
      this.#watch.connected(now);
      this.#awake.abort();
    } else if (notification.kind === "disconnected") {
      const { transport, reason, retryMs } = notification;
      // An outage that lasts is said once; the worker polls meanwhile.
      if (reason === this.#saidReason) return;
      this.#saidReason = reason;
      log.debug(`No notifications by ${transport}: Plex ${reason}`, {
        event: "no_notifications",
        source: transport,
        retry_in_ms: retryMs,
      });
    } else this.#watch.observe(notification, now);
  }

  async #look(): Promise<void> {
    try {
      await this.ports.look();
    } catch (thrown) {
      // The next look of the worker meets the same and draws the consequences.
      this.ports.log.debug(`Look after a notification: ${asPlexsyncError(thrown).message}`, {
        event: "notified_look",
      });
    }
    this.#readSections();
  }

  #readSections(): void {
    this.#sections = new Set(this.ports.index.sections().map(({ section }) => section));
  }
}

/** The same client, which tells of each item before it writes to it. */
export function tellingWrites(plex: PlexClient, wrote: (ratingKey: string) => void): PlexClient {
  return {
    ...plex,
    edit(item, edit, options) {
      wrote(item.ratingKey);
      return plex.edit(item, edit, options);
    },
    uploadImage(ratingKey, ...rest) {
      wrote(ratingKey);
      return plex.uploadImage(ratingKey, ...rest);
    },
  };
}
