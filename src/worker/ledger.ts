import {
  afterFailedAttempt,
  serverEvent,
  sharedEvent,
  wishedDelayMs,
  type WorkEvent,
} from "../core/course.ts";
import { FAILURES_IN_A_ROW, isDoubtful } from "../core/doubt.ts";
import { asPlexsyncError, NeedsAttention, type PlexsyncError } from "../core/errors.ts";
import { mergeAttempts } from "../core/attempt.ts";
import type { Attempt, Disposition, Job } from "../core/job.ts";
import type { SceneFile } from "../core/scene.ts";
import type { WorkContext } from "./context.ts";
import { mayPass, RETRY_MS } from "./persist.ts";

/** What is known of an attempt besides its end. */
export type AttemptFacts = Partial<Omit<Attempt, "job" | "disposition">>;

/** A failed write of which it is not known yet whose fault it was. */
export interface Doubt {
  job: Job;
  error: PlexsyncError;
  facts: AttemptFacts;
}

/**
 * The ends of a batch's jobs as they become known, and what was met on the way. The one place where
 * a failure becomes the course of its job.
 */
export class Ledger {
  readonly events: WorkEvent[] = [];
  /** By job: what its attempt came to on each item so far. */
  readonly #parts = new Map<number, Attempt[]>();
  /** By job: how many parts its attempt has, where it is not one. */
  readonly #expected = new Map<number, number>();
  readonly #started: number;
  #doubts: Doubt[] = [];
  #worked = 0;
  /** Doubtful failures since the last success. */
  #inARow = 0;

  constructor(
    private readonly jobs: readonly Job[],
    private readonly context: Pick<WorkContext, "target" | "runtime" | "settings">,
  ) {
    this.#started = context.runtime.now();
  }

  /**
   * A server was found to be down, or a person to be needed, or write after write failed: the
   * rest of the batch can wait.
   */
  get isHopeless(): boolean {
    return this.#inARow >= FAILURES_IN_A_ROW || this.events.some(({ kind }) => kind !== "answered");
  }

  /** Writes that the target took. */
  get worked(): number {
    return this.#worked;
  }

  /** The target took a write. */
  noteWork(): void {
    this.#worked++;
    this.#inARow = 0;
  }

  /** One job's part of the time that the batch took until now, in ms. */
  share(): number {
    return (this.context.runtime.now() - this.#started) / this.jobs.length;
  }

  note(event: WorkEvent): void {
    this.events.push(event);
  }

  /** The job's scene has so many items; the attempt ends when it has ended on each. */
  expect(job: Job, items: number): void {
    this.#expected.set(job.id, items);
  }

  /** Ends the attempt, or its part on one item. */
  end(job: Job, disposition: Disposition, facts: AttemptFacts = {}): void {
    const { durationMs = this.share() } = facts;
    const parts = this.#parts.get(job.id) ?? [];
    this.#parts.set(job.id, parts);
    parts.push({
      job,
      disposition,
      confidence: null,
      items: [],
      changedFields: [],
      leftOut: [],
      errorType: null,
      errorMessage: null,
      path: null,
      hint: null,
      stackTrace: null,
      candidates: [],
      written: [],
      seen: [],
      released: [],
      ...facts,
      // A clock that was set back must not take time off the totals.
      durationMs: Math.max(0, durationMs),
    });
  }

  /** @param files Of the scene, on the target's side, for a job that begins to wait */
  fail(
    job: Job,
    error: PlexsyncError,
    files: readonly SceneFile[],
    facts: AttemptFacts = {},
  ): void {
    const { runtime, settings, target } = this.context;
    const event = serverEvent(error, target.id);
    if (event !== null) this.note(event);
    const disposition = afterFailedAttempt(job, error, {
      now: runtime.now(),
      random: runtime.random(),
      maxRetries: settings.maxRetries,
      files,
    });
    const isUnforeseen = disposition.to === "dead" && error.type === "Unknown";
    this.end(job, disposition, {
      ...facts,
      errorType: error.type,
      errorMessage: error.message,
      hint: error.hint,
      path: error.path ?? files[0]?.path ?? facts.path ?? null,
      stackTrace: isUnforeseen ? error.stack ?? null : null,
      candidates: error.candidates ?? [],
    });
  }

  /** A write failed. Whose fault that was is decided when it is known how the others fared. */
  doubt(job: Job, error: PlexsyncError, facts: AttemptFacts): void {
    if (!isDoubtful(error)) return this.fail(job, error, [], facts);
    this.#doubts.push({ job, error, facts });
    this.#inARow++;
  }

  /** Hands out the open doubts of a kind, for a decision on each. */
  takeDoubts(isMeant: (error: PlexsyncError) => boolean): Doubt[] {
    const meant = this.#doubts.filter(({ error }) => isMeant(error));
    this.#doubts = this.#doubts.filter(({ error }) => !isMeant(error));
    return meant;
  }

  /**
   * The job's failure proves nothing against it: it comes back behind its equals, no attempt spent.
   * Where no write at all was taken, the target does not do its work.
   */
  giveBack(job: Job, error: PlexsyncError, facts: AttemptFacts): void {
    const { runtime, target } = this.context;
    if (this.#worked === 0) this.note({ kind: "failed", server: target.id, error });
    const at = runtime.now() + wishedDelayMs(error);
    this.end(job, { to: "back", at, isBehind: true }, {
      ...facts,
      errorType: error.type,
      errorMessage: error.message,
    });
  }

  /**
   * What the whole batch needs could not be read, or not be kept. That is no job's fault, so all go
   * back as they were; only an error that nobody foresaw spends an attempt, lest it loop.
   */
  failAll(thrown: unknown): void {
    if (mayPass(thrown)) return this.#rest(thrown);
    const event = sharedEvent(thrown, this.context.target.id);
    if (event !== null) this.note(event);
    const error = asPlexsyncError(thrown);
    for (const job of this.#open()) {
      if (event === null) this.fail(job, error, []);
      else {
        this.end(job, { to: "back", at: this.context.runtime.now() }, {
          errorType: thrown instanceof NeedsAttention ? "PlexPermanentError" : error.type,
          errorMessage: error.message,
        });
      }
    }
  }

  /** The database cannot be written: the jobs come back when it is tried again. */
  #rest(thrown: unknown): void {
    const { type, message } = asPlexsyncError(thrown);
    const at = this.context.runtime.now() + RETRY_MS;
    for (const job of this.#open()) {
      this.end(job, { to: "back", at }, { errorType: type, errorMessage: message });
    }
  }

  /** All attempts; jobs without an end so far go back as they were. */
  close(): Attempt[] {
    for (const job of this.#open()) {
      this.end(job, { to: "back", at: this.context.runtime.now() });
    }
    return [...this.#parts.values()].map(mergeAttempts);
  }

  #open(): Job[] {
    return this.jobs.filter(({ id }) =>
      (this.#parts.get(id)?.length ?? 0) < (this.#expected.get(id) ?? 1)
    );
  }
}
