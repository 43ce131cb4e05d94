import { MINUTE_MS } from "../core/time/duration.ts";
import { asPlexsyncError } from "../core/failures/errors.ts";
import type { Attempt } from "../core/jobs/job.ts";
import type { Runtime } from "../core/runtime.ts";
import { type PlannedScan, ScanPlan } from "../core/match/scan_plan.ts";
import type { Jobs } from "../store/queue/jobs.ts";
import type { Target } from "../target/target.ts";
import type { ItemIndex } from "../store/library/item_index.ts";

export interface ScanRequestsPorts {
  target: Pick<Target, "title" | "sections" | "scan">;
  jobs: Pick<Jobs, "nextWaitingAt">;
  index: Pick<ItemIndex, "sections">;
  log: { debug(message: string, fields?: Record<string, unknown>): void };
  runtime: Runtime;
}

const CHECK_MS = 5_000;
/** Pause after the target did not tell its libraries. */
const RETRY_MS = MINUTE_MS;
/** Folders outside of the target that were said; beyond it they are said again. */
const MAX_SAID = 1_000;

/** Asks a target to scan the folders of files that it does not have (`trigger_plex_scan`). */
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
    const { target, jobs, index, runtime } = this.ports;
    // The target may have found the files by itself since.
    if (jobs.nextWaitingAt() === null) return this.#plan.clear();
    const ours = new Set(index.sections().map(({ section }) => section));
    const { sections: all } = await target.sections();
    const sections = all.filter(({ id }) => ours.has(id));
    const { scans, outside } = this.#plan.take(sections, runtime.now());
    for (const folder of outside) this.#sayOutside(folder);
    for (const scan of scans) if (!stop.aborted) await this.#request(scan);
  }

  async #request(scan: PlannedScan): Promise<void> {
    const { target, log, runtime } = this.ports;
    const { section, path } = scan;
    const fields = { event: "scan", section, plex_path: path, said: ["plex_path"] };
    try {
      await target.scan(section, path);
      log.debug(`Asked ${target.title} to scan ${path}`, fields);
    } catch (thrown) {
      this.#plan.failed(scan, runtime.now());
      const { message } = asPlexsyncError(thrown);
      log.debug(`${target.title} was not asked to scan ${path}: ${message}`, fields);
    }
  }

  #sayOutside(folder: string): void {
    if (this.#said.has(folder)) return;
    if (this.#said.size >= MAX_SAID) this.#said.clear();
    this.#said.add(folder);
    const { log, target } = this.ports;
    log.debug(`No synced library of ${target.title} holds ${folder}: it is not scanned`, {
      event: "scan_outside",
      plex_path: folder,
      said: ["plex_path"],
      hint: "Check path_map, and that the folder is part of a library that is synced",
    });
  }
}
