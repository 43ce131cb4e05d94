import { MAX_WAIT_CHECKS } from "../core/jobs/backoff.ts";
import { STASH, type WorkEvent } from "../core/jobs/course.ts";
import type { Attempt, Job } from "../core/jobs/job.ts";
import { isRecord, parseJson } from "../core/text/json.ts";
import type { SceneFile } from "../core/sync/scene.ts";
import { PlexsyncError } from "../core/failures/errors.ts";
import { storeFault } from "../core/failures/store_fault.ts";
import { confirmStage } from "./confirm.ts";
import type { UnseenImage } from "../store/written_values.ts";
import type { WorkContext } from "./context.ts";
import { settleDoubts } from "./doubts.ts";
import { gather } from "./gather.ts";
import type { Gathered, Ready, Unread } from "./gathered.ts";
import { type AttemptFacts, Ledger } from "./ledger.ts";
import { writeStage } from "./write.ts";

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

/** More dead letters of this kind are a set-up that is wrong, which no single scene mends. */
const MOST_SHARED = 1_000;

/** The other scenes that a dead letter names. */
function sharersIn(jobData: string): string[] {
  const data = parseJson(jobData);
  const candidates = isRecord(data) && Array.isArray(data.candidates) ? data.candidates : [];
  return candidates.flatMap((text) => /^scene (\d+)$/.exec(String(text))?.[1] ?? []);
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

type StageTime = "gatherMs" | "writeMs" | "confirmMs";

/**
 * One batch from claim to the attempts to settle: gather, write, confirm. Rejects for a damaged
 * database alone, which is mended at the next start.
 */
export class Batch {
  readonly #ledger: Ledger;
  #written = 0;
  #sent: readonly UnseenImage[] = [];
  readonly #times: Record<StageTime, number> = { gatherMs: 0, writeMs: 0, confirmMs: 0 };

  constructor(
    private readonly jobs: readonly Job[],
    private readonly context: WorkContext,
    /** Writes side by side. */
    private readonly limit: number,
    private readonly stop: AbortSignal,
    /**
     * Called between items, so that a long batch keeps its lease.
     * @param written Items that were dealt with so far
     */
    private readonly alive: (written: number) => void,
  ) {
    this.#ledger = new Ledger(jobs, context);
  }

  async run(): Promise<BatchResult> {
    const { context, limit, stop } = this;
    let written = 0;
    const alive = () => this.alive(written);
    const advanced = () => this.alive(++written);
    const ledger = this.#ledger;
    const [job] = this.jobs;
    if (job !== undefined && job.deaths >= MOST_DEATHS) {
      // Such a job comes alone. Whatever is done with it, it is not touched again.
      ledger.fail(job, killer(job), []);
      return this.settleNow();
    }
    try {
      const gathered = await this.#timed("gatherMs", () => this.#gather());
      const ready = this.#endUnready(gathered);
      if (ready.length > 0) {
        ledger.note({ kind: "answered", server: context.target.id, work: "read" });
      }
      const options = { limit, stop, alive, advanced };
      const writings = await this.#timed(
        "writeMs",
        () => writeStage(ready, ledger, context, options),
      );
      this.#written = writings.filter(({ wrote }) => wrote).length;
      this.#sent = await this.#timed(
        "confirmMs",
        () => confirmStage(writings, ledger, context),
      );
      await settleDoubts(ledger, context);
    } catch (thrown) {
      if (storeFault(thrown) === "damaged") throw thrown;
      ledger.failAll(thrown);
    }
    return this.settleNow();
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

  async #gather(): Promise<Map<string, Gathered>> {
    const lastLook = this.jobs.filter(({ wait_count }) => wait_count >= MAX_WAIT_CHECKS)
      .map(({ scene_id }) => scene_id);
    const gathered = await gather(this.jobs.map((job) => job.scene_id), this.context, {
      lastLook: new Set(lastLook),
    });
    this.#ledger.note({ kind: "answered", server: STASH, work: "read" });
    return gathered;
  }

  /** Ends the jobs whose scenes cannot be written. @returns the others, once for each item */
  #endUnready(gathered: ReadonlyMap<string, Gathered>): { job: Job; ready: Ready }[] {
    const ready: { job: Job; ready: Ready }[] = [];
    this.#reviveSharers(gathered);
    for (const job of this.jobs) {
      const found = gathered.get(job.scene_id)!;
      const { items: left, heirs } = found.left ?? { items: [], heirs: [] };
      this.#queueHeirs(heirs);
      for (const item of left) ready.push({ job, ready: item });
      const own = found.kind === "ready" ? found.items.length + found.unread.length : 1;
      this.#ledger.expect(job, own + left.length);
      switch (found.kind) {
        case "ready":
          this.#tellSharers(found.sharers);
          for (const unread of found.unread) {
            this.#failRead(job, unread.error, [], unread.isUnproven, factsOf([unread]));
          }
          for (const item of found.items) ready.push({ job, ready: item });
          break;
        case "gone":
          this.#ledger.end(job, { to: "done", outcome: "gone" });
          break;
        case "skipped":
          this.#ledger.end(job, { to: "done", outcome: "skipped" }, { errorMessage: found.reason });
          break;
        case "failed":
          this.#tellSharers(sharersOf(found));
          this.#failRead(
            job,
            found.error,
            found.files,
            found.isUnproven ?? false,
            factsOf(found.unread ?? []),
          );
      }
    }
    return ready;
  }

  /** What stands on their items was written for another scene, and they change it. */
  #queueHeirs(sceneIds: readonly string[]): void {
    const { store, target, runtime } = this.context;
    const idle = sceneIds.filter((id) => store.jobs.get(id, target.id) === undefined);
    if (idle.length > 0) store.jobs.enqueue(idle, "watch", runtime.now());
  }

  #failRead(
    job: Job,
    error: PlexsyncError,
    files: readonly SceneFile[],
    isUnproven: boolean,
    facts: AttemptFacts = {},
  ): void {
    const { runtime, unpaid } = this.context;
    if (!isUnproven) return this.#ledger.fail(job, error, files, facts);
    this.#ledger.giveBack({ job, error, facts }, runtime.now() + unpaid.again(job.id));
  }

  /** Scenes that were given up for sharing an item with one that shares it no more. */
  #reviveSharers(gathered: ReadonlyMap<string, Gathered>): void {
    const { store, target, runtime } = this.context;
    const filter = { types: ["SharedItem"], targets: [target.id] } as const;
    const letters = store.deadLetters.recent(MOST_SHARED, filter);
    const isOver = (id: string) => {
      const found = gathered.get(id);
      return found !== undefined && sharersOf(found).length === 0;
    };
    const revived = letters.filter(({ scene_id, job_data }) =>
      !gathered.has(scene_id) && sharersIn(job_data).some(isOver)
    ).map(({ scene_id }) => scene_id);
    if (revived.length > 0) {
      store.jobs.enqueue(revived, "watch", runtime.now(), { targets: [target.id] });
    }
  }

  /** An item was written for them before it was known that it is another scene's as much. */
  #tellSharers(sceneIds: readonly string[]): void {
    const { store, target, runtime } = this.context;
    const untold = sceneIds.filter((id) =>
      store.scenes.hadJob(id) && store.jobs.get(id, target.id) === undefined &&
      store.deadLetters.count({ sceneIds: [id], targets: [target.id], types: ["SharedItem"] }) === 0
    );
    if (untold.length > 0) {
      store.jobs.enqueue(untold, "watch", runtime.now(), { targets: [target.id] });
    }
  }

  async #timed<T>(stage: StageTime, work: () => Promise<T>): Promise<T> {
    const { runtime } = this.context;
    const started = runtime.now();
    try {
      return await work();
    } finally {
      this.#times[stage] = runtime.now() - started;
    }
  }
}

function sharersOf(found: Gathered): readonly string[] {
  return found.kind === "ready" || found.kind === "failed" ? found.sharers ?? [] : [];
}

/** What is known of items that could not be read. */
function factsOf(unread: readonly Unread[]): AttemptFacts {
  if (unread.length === 0) return {};
  return {
    items: unread.map(({ item }) => item),
    path: unread[0]!.path,
    candidates: unread.flatMap(({ text, error }) => error.candidates ?? [text]),
  };
}
