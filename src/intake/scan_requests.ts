import { MINUTE_MS } from "../core/duration.ts";
import { asPlexsyncError } from "../core/errors.ts";
import type { Attempt } from "../core/job.ts";
import type { Runtime } from "../core/runtime.ts";
import { ScanPlan, type ScanTarget } from "../core/scan_plan.ts";
import type { PlexClient } from "../plex/client.ts";
import type { Jobs } from "../store/jobs.ts";
import type { ItemIndex } from "../store/item_index.ts";

export interface ScanRequestsPorts {
  plex: Pick<PlexClient, "sections" | "refreshPath">;
  jobs: Pick<Jobs, "nextWaitingAt">;
  index: Pick<ItemIndex, "sections">;
  log: { debug(message: string, fields?: Record<string, unknown>): void };
  runtime: Runtime;
}

const CHECK_MS = 5_000;
/** Pause after Plex did not tell its sections. */
const RETRY_MS = MINUTE_MS;
/** Folders outside of Plex that were said; beyond it they are said again. */
const MAX_SAID = 1_000;

/** Asks Plex to scan the folders of files that it does not have (`trigger_plex_scan`). */
export class ScanRequests {
  readonly name = "scan requests";
  readonly #plan = new ScanPlan();
  readonly #said = new Set<string>();

  constructor(private readonly ports: ScanRequestsPorts) {}

  /** Told of every settled batch: the jobs that begin to wait have files to scan for. */
  settled(attempts: readonly Pick<Attempt, "disposition">[]): void {
    const now = this.ports.runtime.now();
    for (const { disposition } of attempts) {
      if (disposition.to !== "waiting") continue;
      for (const file of disposition.files) this.#plan.note(file.path, now);
    }
  }

  /** Asks for scans as they become due, until `stop` aborts. Never rejects. */
  async run(stop: AbortSignal): Promise<void> {
    const { log, runtime } = this.ports;
    while (!stop.aborted) {
      const waitMs = this.#plan.waitMs(runtime.now());
      if (waitMs !== 0) {
        await runtime.sleep(Math.min(waitMs ?? CHECK_MS, CHECK_MS), stop);
        continue;
      }
      try {
        await this.#ask(stop);
      } catch (thrown) {
        if (stop.aborted) return;
        log.debug(`Cannot ask for scans: ${asPlexsyncError(thrown).message}`, { event: "scan" });
        await runtime.sleep(RETRY_MS, stop);
      }
    }
  }

  async #ask(stop: AbortSignal): Promise<void> {
    const { plex, jobs, index, runtime } = this.ports;
    // Plex may have found the files by itself since.
    if (jobs.nextWaitingAt() === null) return this.#plan.clear();
    const ours = new Set(index.sections().map(({ section }) => section));
    const sections = (await plex.sections()).filter(({ key }) => ours.has(key));
    const { scans, outside } = this.#plan.take(sections, runtime.now());
    for (const folder of outside) this.#sayOutside(folder);
    for (const scan of scans) if (!stop.aborted) await this.#request(scan);
  }

  async #request(scan: ScanTarget): Promise<void> {
    const { plex, log, runtime } = this.ports;
    const { sectionId, path } = scan;
    const fields = { event: "scan", section: sectionId, plex_path: path, said: ["plex_path"] };
    try {
      await plex.refreshPath(sectionId, path);
      log.debug(`Asked Plex to scan ${path}`, fields);
    } catch (thrown) {
      this.#plan.failed(scan, runtime.now());
      const { message } = asPlexsyncError(thrown);
      log.debug(`Plex was not asked to scan ${path}: ${message}`, fields);
    }
  }

  #sayOutside(folder: string): void {
    if (this.#said.has(folder)) return;
    if (this.#said.size >= MAX_SAID) this.#said.clear();
    this.#said.add(folder);
    this.ports.log.debug(`No synced library of Plex holds ${folder}: it is not scanned`, {
      event: "scan_outside",
      plex_path: folder,
      said: ["plex_path"],
      hint: "Check path_map, and that the folder is part of a library that is synced",
    });
  }
}
