import { asPlexsyncError, HINTS, NeedsAttention, PlexsyncError } from "../core/errors.ts";
import type { Attempt, Disposition, Job } from "../core/job.ts";
import { beginWrite } from "../core/begun.ts";
import { type Plan, planSync, wantedOf } from "../core/plan.ts";
import { remember } from "../core/remember.ts";
import type { SceneFile } from "../core/scene.ts";
import { sceneHash } from "../core/scene_hash.ts";
import { afterFailedAttempt, COURSE } from "../core/settle.ts";
import type { Written } from "../core/written.ts";
import type { WorkContext } from "./context.ts";
import { gather, type Gathered } from "./gather.ts";
import { persist } from "./persist.ts";
import { pool } from "./pool.ts";
import { confirm, type Ready, writeScene, type Writing } from "./write.ts";

/** What a batch came to. */
export interface BatchResult {
  attempts: Attempt[];
  /** Items that were written to. */
  written: number;
  /** How long each step took. */
  gatherMs: number;
  writeMs: number;
  confirmMs: number;
  /** The first error that says a server is down, or null. */
  outage: PlexsyncError | null;
  /** A fault that only a person can mend, such as a library that does not exist, or null. */
  attention: { message: string; hint: string } | null;
  /** True when Plex, or Stash, answered real work. */
  plexAnswered: boolean;
  stashAnswered: boolean;
}

interface Planned {
  job: Job;
  ready: Ready;
  plan: Plan;
}

/** One batch from claim to the attempts to settle (design section 7). Never rejects. */
export class Batch {
  readonly #attempts = new Map<number, Attempt>();
  readonly #started: number;
  readonly #result: BatchResult;

  constructor(
    private readonly jobs: readonly Job[],
    private readonly context: WorkContext,
    /** Writes side by side. */
    private readonly limit: number,
    private readonly stop: AbortSignal,
    /** Called between items, so that a long batch keeps its lease. */
    private readonly alive: () => void,
  ) {
    this.#started = context.runtime.now();
    this.#result = {
      attempts: [],
      written: 0,
      gatherMs: 0,
      writeMs: 0,
      confirmMs: 0,
      outage: null,
      attention: null,
      plexAnswered: false,
      stashAnswered: false,
    };
  }

  async run(): Promise<BatchResult> {
    try {
      const gathered = await this.#gather();
      this.#result.stashAnswered = true;
      await this.#write(gathered);
    } catch (thrown) {
      this.#failBatch(thrown);
    }
    return this.settleNow();
  }

  async #gather(): Promise<Map<string, Gathered>> {
    try {
      return await gather(this.jobs.map((job) => job.scene_id), this.context);
    } finally {
      this.#result.gatherMs = this.context.runtime.now() - this.#started;
    }
  }

  /** What is known so far; jobs without an end go back as they were. */
  settleNow(): BatchResult {
    for (const job of this.jobs) {
      if (!this.#attempts.has(job.id)) {
        this.#end(job, { to: "back", at: this.context.runtime.now() });
      }
    }
    return { ...this.#result, attempts: [...this.#attempts.values()] };
  }

  async #write(gathered: Map<string, Gathered>): Promise<void> {
    const ready: Planned[] = [];
    for (const job of this.jobs) {
      const scene = gathered.get(job.scene_id)!;
      if (scene.kind !== "ready") {
        this.#endEarly(job, scene);
        continue;
      }
      const plan = planSync(scene.scene, scene.item, scene.written, this.context.settings);
      ready.push({ job, ready: scene, plan });
    }
    if (ready.length === 0) return;
    this.#result.plexAnswered = true;
    if (!await this.#begin(ready)) return;
    const share = this.#share();
    const writings = new Map<Writing, { job: Job; ms: number }>();
    const stopped = () => this.stop.aborted || this.#result.outage !== null;
    const began = this.context.runtime.now();
    await pool(ready, this.limit, stopped, async ({ job, ready, plan }) => {
      const start = this.context.runtime.now();
      try {
        const writing = await writeScene(ready, plan, this.context);
        writings.set(writing, { job, ms: share + this.context.runtime.now() - start });
      } catch (thrown) {
        const ms = share + this.context.runtime.now() - start;
        this.#fail(job, asPlexsyncError(thrown), [], ready, ms);
      }
      this.alive();
    });
    this.#result.writeMs = this.context.runtime.now() - began;
    const failures = await this.#confirm([...writings.keys()]);
    for (const [writing, { job, ms }] of writings) {
      if (writing.wrote) this.#result.written++;
      const failure = failures.get(writing);
      if (failure === undefined) this.#succeed(job, writing, ms);
      else this.#fail(job, failure, [], writing.ready, ms);
    }
  }

  /**
   * Notes what is about to be written: else what a kill or a lost answer leaves in Plex would be
   * taken for a person's, and stay there when Stash no longer has it.
   * @returns false when stopped before the database could take it
   */
  async #begin(ready: readonly Planned[]): Promise<boolean> {
    const writes = ready.flatMap(({ ready: { scene, item, written }, plan }) => {
      const begun = beginWrite(plan, item, written);
      return begun === null ? [] : [{ sceneId: scene.id, begun }];
    });
    if (writes.length === 0) return true;
    const { store, runtime, log } = this.context;
    const begin = () => {
      store.written.begin(writes);
      return true;
    };
    return await persist("note what is to be written", begin, false, {
      runtime,
      log,
      stop: this.stop,
    });
  }

  async #confirm(writings: Writing[]): Promise<Map<Writing, PlexsyncError>> {
    const began = this.context.runtime.now();
    try {
      return await confirm(writings, this.context);
    } catch (thrown) {
      // What was written cannot be proven now: those jobs come back and find it done.
      const error = asPlexsyncError(thrown);
      return new Map(writings.filter((w) => w.wrote).map((writing) => [writing, error]));
    } finally {
      this.#result.confirmMs = this.context.runtime.now() - began;
    }
  }

  /** One job's part of the time that the batch took until now, in ms. */
  #share(): number {
    return (this.context.runtime.now() - this.#started) / this.jobs.length;
  }

  #endEarly(job: Job, scene: Exclude<Gathered, Ready>): void {
    if (scene.kind === "gone") this.#end(job, { to: "done", outcome: "gone" });
    else if (scene.kind === "failed") {
      this.#fail(job, scene.error, scene.files, null, this.#share());
    } else {
      this.#end(job, { to: "done", outcome: "skipped" }, { errorMessage: scene.reason });
    }
  }

  #succeed(job: Job, writing: Writing, ms: number): void {
    const { ready, plan, images } = writing;
    const changed = [
      ...plan.changes.map((change) => change.field),
      ...images.steps.map((step) => step.kind),
    ];
    this.#end(job, { to: "done", outcome: writing.wrote ? "written" : "unchanged" }, {
      confidence: ready.confidence,
      items: [ready.item.ratingKey],
      path: ready.item.files[0]?.path ?? null,
      changedFields: changed,
      durationMs: ms,
      written: [this.#remember(writing)],
    });
  }

  #remember(writing: Writing): Written {
    const { scene, item, written } = writing.ready;
    const base = {
      sceneId: scene.id,
      sceneHash: sceneHash(scene),
      writtenAt: this.context.runtime.now(),
    };
    const wanted = wantedOf(scene, this.context.settings);
    const next = remember(base, wanted, writing.plan, item, writing.after, written);
    for (const [kind, look] of Object.entries(writing.images.settled)) {
      next.images[kind as "poster" | "background"] = {
        ...look,
        attribute: writing.after[kind as "poster" | "background"],
      };
    }
    for (const { kind, look } of writing.images.steps) {
      next.images[kind] = { ...look, attribute: writing.after[kind] };
    }
    return next;
  }

  #fail(job: Job, error: PlexsyncError, files: SceneFile[], ready: Ready | null, ms: number): void {
    const { runtime, settings } = this.context;
    if (COURSE[error.type] === "outage") this.#result.outage ??= error;
    const disposition = afterFailedAttempt(job, error, {
      now: runtime.now(),
      random: runtime.random(),
      maxRetries: settings.maxRetries,
      files,
    });
    this.#end(job, disposition, {
      errorType: error.type,
      errorMessage: error.message,
      hint: error.hint,
      path: error.path ?? files[0]?.path ?? ready?.item.files[0]?.path ?? null,
      stackTrace: disposition.to === "dead" && error.type === "Unknown"
        ? error.stack ?? null
        : null,
      candidates: error.candidates ?? [],
      confidence: ready?.confidence ?? null,
      items: ready === null ? [] : [ready.item.ratingKey],
      durationMs: ms,
    });
  }

  /**
   * What the whole batch needs could not be read. That is no job's fault, so all go back
   * as they were; only an error that nobody foresaw spends an attempt, lest it loop.
   */
  #failBatch(thrown: unknown): void {
    const error = thrown instanceof NeedsAttention
      ? new PlexsyncError("PlexPermanentError", thrown.message, {
        hint: thrown.hint,
        cause: thrown,
      })
      : asPlexsyncError(thrown);
    const forPerson = COURSE[error.type] === "dead";
    if (forPerson) this.#result.attention = { message: error.message, hint: hintForAll(error) };
    else if (error.type !== "Unknown") this.#result.outage = error;
    for (const job of this.jobs) {
      if (this.#attempts.has(job.id)) continue;
      if (error.type === "Unknown") this.#fail(job, error, [], null, this.#share());
      else {
        const { type: errorType, message: errorMessage } = error;
        this.#end(job, { to: "back", at: this.context.runtime.now() }, { errorType, errorMessage });
      }
    }
  }

  #end(job: Job, disposition: Disposition, facts: Partial<Attempt> = {}): void {
    const { durationMs = this.#share() } = facts;
    this.#attempts.set(job.id, {
      job,
      disposition,
      confidence: null,
      items: [],
      changedFields: [],
      errorType: null,
      errorMessage: null,
      path: null,
      hint: null,
      stackTrace: null,
      candidates: [],
      written: [],
      ...facts,
      // A clock that was set back must not take time off the totals.
      durationMs: Math.max(0, durationMs),
    });
  }
}

/** No job is a dead letter when all work rests, so the hint of a type must not speak of one. */
function hintForAll({ type, hint }: PlexsyncError): string {
  if (hint !== HINTS[type]) return hint;
  return type === "PlexPermanentError"
    ? "Check that plex_token belongs to the server's owner; work resumes by itself"
    : "Mend it; work resumes by itself";
}
