import type { Runtime } from "../../../core/runtime.ts";
import type { News } from "../../target.ts";
import { FileArrivals } from "./file_arrivals.ts";
import type { Notification } from "./notifications.ts";

export interface PlexNewsParts {
  /** Tells of Plex's notifications until the signal aborts; never rejects. */
  follow(tell: (notification: Notification) => void, signal: AbortSignal): Promise<void>;
  /** Whether a section, by its id, is one of those that are synced. Asked for each event. */
  isOurs(sectionId: string): boolean;
  runtime: Runtime;
}

/** The longest sleep between two questions whether it is time to tell. */
const CHECK_MS = 1_000;

/** What Plex's notifications come to: when it may have gained files. */
export class PlexNews {
  readonly #arrivals: FileArrivals;
  readonly #runtime: Runtime;
  readonly #follow: PlexNewsParts["follow"];

  constructor({ follow, isOurs, runtime }: PlexNewsParts) {
    this.#arrivals = new FileArrivals(isOurs);
    this.#runtime = runtime;
    this.#follow = follow;
  }

  /** An item is about to be written to: Plex will tell of it, and that is no news. */
  wrote(ratingKey: string): void {
    this.#arrivals.wrote(ratingKey, this.#runtime.now());
  }

  /** Tells of news until `signal` aborts; never rejects. `tell` must not throw. */
  async listen(tell: (news: News) => void, signal: AbortSignal): Promise<void> {
    const following = this.#follow((notification) => this.#hear(notification, tell), signal);
    while (!signal.aborted) {
      const waitMs = this.#arrivals.waitMs(this.#runtime.now()) ?? CHECK_MS;
      await this.#runtime.sleep(Math.min(waitMs, CHECK_MS), signal);
      if (!signal.aborted) this.#tellIfDue(tell);
    }
    await following;
  }

  #hear(notification: Notification, tell: (news: News) => void): void {
    if (notification.kind === "connected") {
      this.#arrivals.connected(this.#runtime.now());
      tell({ kind: "connected", by: notification.transport });
      this.#tellIfDue(tell);
    } else if (notification.kind === "disconnected") {
      const { transport: by, reason, retryMs } = notification;
      tell({ kind: "disconnected", by, reason, retryMs });
    } else this.#arrivals.observe(notification, this.#runtime.now());
  }

  #tellIfDue(tell: (news: News) => void): void {
    const now = this.#runtime.now();
    if (this.#arrivals.waitMs(now) !== 0) return;
    this.#arrivals.told(now);
    tell({ kind: "files" });
  }
}
