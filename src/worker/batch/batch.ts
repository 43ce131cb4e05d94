import { MAX_WAIT_CHECKS } from "../../core/jobs/backoff.ts";
import { STASH, type WorkEvent } from "../../core/jobs/course.ts";
import type { Attempt, Job } from "../../core/jobs/job.ts";
import { PlexsyncError } from "../../core/failures/errors.ts";
import { storeFault } from "../../core/failures/store_fault.ts";
import { confirmStage } from "./confirm.ts";
import type { UnseenImage } from "../../store/library/written_values.ts";
import type { WorkContext } from "../context.ts";
import { settleDoubts } from "../doubts/doubts.ts";
import { type Footprint, footprintOf, meet } from "./footprint.ts";
import { gather } from "./gather.ts";
import { type Gathered, type Ready, readyIn } from "./gathered.ts";
import { Ledger } from "./ledger.ts";
import { planAll, PreparedGroups } from "./prepare.ts";
import { leaversOf, type LeavingItem, noteSpared } from "./spared.ts";
import { endUnready } from "./unready.ts";
import { type WriteOptions, WriteStage, type Writing } from "./write.ts";
import type { WriteLane } from "./write_lane.ts";

/** What a batch came to. */
export interface BatchResult {
  attempts: Attempt[];
  /** What was met on the way, in order. */
  events: readonly WorkEvent[];
  /** Items that were written to. */
  written: number;
  /** Images that were sent, and are to be seen later. */
  sent: readonly UnseenImage[];
  /** How long each stage took. */
  gatherMs: number;
  writeMs: number;
  confirmMs: number;
}

/** So many processes may die over a job. */
const MOST_DEATHS = 3;

function killer({ scene_id, deaths }: Job): PlexsyncError {
  return new PlexsyncError(
    "PermanentError",
    `The process died ${deaths} times while it worked on scene ${scene_id} alone or with others`,
    {
      hint:
        "Look for what ended it (memory, a crash in the system's log), then run: plexsync dead " +
        "retry ID",
    },
  );
}

type StageTime = "gatherMs" | "beginMs" | "writeMs" | "confirmMs";

export interface BatchOptions extends WriteOptions {
  lane: WriteLane;
  /** Called between items, so that a long batch keeps its lease. */
  alive: () => void;
}

/**
 * One batch from claim to the attempts to settle, in three stages, each to be called once: gather,
 * write, confirm. They reject for a damaged database alone, which is mended at the next start.
 */
export class Batch {
  readonly #ledger: Ledger;
  #footprint: Footprint = { items: new Set(), left: new Set() };
  #writes: WriteStage | null = null;
  #writings: Writing[] = [];
  #written = 0;
  #sent: readonly UnseenImage[] = [];
  #isOver = false;
  readonly #times: Record<StageTime, number> = {
    gatherMs: 0,
    beginMs: 0,
    writeMs: 0,
    confirmMs: 0,
  };
  /** Epoch ms. */
  #restsSince: number;

  constructor(
    readonly jobs: readonly Job[],
    private readonly context: WorkContext,
    private readonly options: BatchOptions,
  ) {
    this.#ledger = new Ledger(jobs, context);
    this.#restsSince = context.runtime.now();
  }

  /** Something failed that may not be one job's own, and is not settled yet. */
  get isTroubled(): boolean {
    return this.#ledger.isTroubled;
  }

  /** Items that were written to so far. */
  get written(): number {
    return this.#written;
  }

  get writeMs(): number {
    return this.#times.writeMs;
  }

  /**
   * Reads all that the plans need, plans, and prepares the first writes.
   * @param before A batch that is not settled yet: scenes that meet it go back, to be gathered when
   *   it is
   * @param limit Writes side by side
   */
  async gather(before: Batch | null, limit: number): Promise<void> {
    const [job] = this.jobs;
    if (job !== undefined && job.deaths >= MOST_DEATHS) {
      // Such a job comes alone. Whatever is done with it, it is not touched again.
      this.#ledger.fail(job, killer(job), []);
      this.#isOver = true;
    }
    await this.#stage("gatherMs", () => this.#gatherAll(before, limit));
    this.#restsSince = this.context.runtime.now();
  }

  /** Notes what the first scenes are to be written, beside another batch's last writes. */
  async begin(): Promise<void> {
    this.#goOn();
    await this.#stage("beginMs", async () => await this.#writes?.begin());
    this.#restsSince = this.context.runtime.now();
  }

  /**
   * Writes what is to be written, when nobody else writes.
   * @param limit Writes side by side
   */
  async write(limit: number): Promise<void> {
    const writes = this.#writes;
    if (writes === null) return;
    await this.options.lane.take(async () => {
      this.#goOn();
      await this.#stage("writeMs", async () => {
        this.#writings = await writes.run(limit);
        this.#written = this.#writings.filter(({ wrote }) => wrote).length;
      });
    });
  }

  /** Not to be written now: its scenes go back. */
  async leave(): Promise<void> {
    await this.#writes?.close();
  }

  /** Sees to it that what was written stands, and whose fault it is where something failed. */
  async confirm(): Promise<void> {
    const { context, options: { lane } } = this;
    await this.#stage("confirmMs", async () => {
      this.#sent = await confirmStage(this.#writings, this.#ledger, context, lane);
      if (this.#ledger.isInDoubt) await lane.take(() => settleDoubts(this.#ledger, context));
    });
  }

  /** What is known so far; jobs without an end go back as they were. */
  settleNow(): BatchResult {
    return {
      attempts: this.#ledger.close(),
      events: this.#ledger.events,
      written: this.#written,
      sent: this.#sent,
      ...this.#times,
    };
  }

  /** It rested until now, for the one before it was written. */
  #goOn(): void {
    this.#ledger.waited(this.context.runtime.now() - this.#restsSince);
  }

  async #gatherAll(before: Batch | null, limit: number): Promise<void> {
    const { context, options: { stop, alive } } = this;
    const ledger = this.#ledger;
    const gathered = await this.#read();
    const leavers = leaversOf([...gathered.values()].flatMap(readyIn), context);
    const own = this.#putOff(gathered, leavers, before);
    const all = endUnready(this.jobs, gathered, ledger, context);
    if (all.length > 0) ledger.note({ kind: "answered", server: context.target.id, work: "read" });
    const planned = await planAll(await this.#withoutEnding(all, own), ledger, context);
    const isOver = () => stop.aborted || ledger.isHopeless;
    const groups = new PreparedGroups(planned, ledger, context, { limit, isOver, alive });
    this.#writes = new WriteStage(groups, ledger, context, this.options);
    await groups.ready();
  }

  async #read(): Promise<Map<string, Gathered>> {
    const lastLook = this.jobs.filter(({ wait_count }) => wait_count >= MAX_WAIT_CHECKS)
      .map(({ scene_id }) => scene_id);
    const gathered = await gather(this.jobs.map((job) => job.scene_id), this.context, {
      lastLook: new Set(lastLook),
    });
    this.#ledger.note({ kind: "answered", server: STASH, work: "read" });
    return gathered;
  }

  /**
   * What the batch before is about to change, its scenes have read too early: they go back as they
   * were.
   * @returns the leavers among the others
   */
  #putOff(
    gathered: Map<string, Gathered>,
    leavers: readonly LeavingItem[],
    before: Batch | null,
  ): LeavingItem[] {
    const byScene = Map.groupBy(leavers, ({ ready }) => ready.scene.id);
    for (const job of before === null ? [] : this.jobs) {
      const found = gathered.get(job.scene_id)!;
      const footprint = footprintOf([found], byScene.get(job.scene_id) ?? []);
      if (!meet(footprint, before!.#footprint)) continue;
      gathered.delete(job.scene_id);
      byScene.delete(job.scene_id);
      this.#ledger.end(job, { to: "back", at: this.context.runtime.now() });
    }
    const own = [...byScene.values()].flat();
    this.#footprint = footprintOf([...gathered.values()], own);
    return own;
  }

  /** Knows what must not end; where the target does not tell, what leaves a collection waits. */
  async #withoutEnding(
    all: readonly { job: Job; ready: Ready }[],
    leavers: readonly LeavingItem[],
  ): Promise<readonly { job: Job; ready: Ready }[]> {
    try {
      await noteSpared(leavers, this.context);
      return all;
    } catch (thrown) {
      const leave = new Set(leavers.map(({ ready }) => ready));
      const waits = all.filter(({ ready }) => leave.has(ready)).map(({ job }) => job);
      this.#ledger.failShared(thrown, waits);
      return all.filter(({ ready }) => !leave.has(ready));
    }
  }

  /** Whatever a stage throws ends the batch; a fault of the database itself goes on. */
  async #stage(stage: StageTime, work: () => Promise<void>): Promise<void> {
    if (this.#isOver) return;
    const { runtime } = this.context;
    const started = runtime.now();
    try {
      await work();
    } catch (thrown) {
      if (storeFault(thrown) === "damaged") throw thrown;
      this.#isOver = true;
      this.#ledger.failAll(thrown);
    } finally {
      this.#times[stage] = runtime.now() - started;
    }
  }
}
