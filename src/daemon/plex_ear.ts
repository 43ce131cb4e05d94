import type { Config } from "../config/config.ts";
import type { Runtime } from "../core/runtime.ts";
import { PlexListener, tellingWrites } from "../intake/plex_listener.ts";
import { ScanRequests } from "../intake/scan_requests.ts";
import type { Log } from "../log/logger.ts";
import type { PlexClient } from "../plex/client.ts";
import { followNotifications } from "../plex/notifications/notifications.ts";
import type { Store } from "../store/store.ts";
import type { Gate } from "../worker/gate.ts";
import type { IndexKeeper } from "../worker/index_keeper.ts";
import type { Reporter } from "../worker/report.ts";
import { notificationsOf } from "../app/servers.ts";

export interface PlexEarParts {
  config: Config;
  store: Store;
  log: Log;
  runtime: Runtime;
  plex: PlexClient;
  gate: Gate;
}

/** Hears of new files in Plex while jobs wait for them, and asks for scans when that is wanted. */
export class PlexEar {
  /** The client for the worker: what is written through it is not taken for news. */
  readonly plex: PlexClient;
  readonly #scans: ScanRequests | null;
  #listener: PlexListener | null = null;

  constructor(private readonly parts: PlexEarParts) {
    const { plex, config } = parts;
    this.plex = tellingWrites(plex, (ratingKey) => this.#listener?.wrote(ratingKey));
    this.#scans = config.triggerPlexScan ? new ScanRequests({ ...this.#shared(), plex }) : null;
  }

  /** `inner`, and scans for the jobs that begin to wait. */
  reporter(inner: Reporter): Reporter {
    return {
      settled: (attempts) => {
        inner.settled(attempts);
        this.#scans?.settled(attempts);
      },
      idle: () => inner.idle(),
    };
  }

  /** Until stopped. A fresher index is all that is needed: the worker wakes the jobs from it. */
  async run(keeper: IndexKeeper, stop: AbortSignal): Promise<void> {
    const { config, store, runtime, gate } = this.parts;
    const options = notificationsOf(config, store, runtime);
    this.#listener = new PlexListener({
      ...this.#shared(),
      follow: (tell, signal) => followNotifications(options, tell, signal),
      async look() {
        if (gate.pausedBecause === null) await keeper.refresh(0);
      },
    });
    await Promise.all([this.#listener.run(stop), this.#scans?.run(stop)]);
  }

  #shared() {
    const { store, log, runtime } = this.parts;
    return { jobs: store.jobs, index: store.index, log: log.child("Plex"), runtime };
  }
}
