import {
  afterFailedAttempt,
  serverEvent,
  sharedEvent,
  wishedDelayMs,
  type WorkEvent,
} from "../../core/jobs/course.ts";
import { type DoubtfulWork, FAILURES_IN_A_ROW, isDoubtful } from "../../core/jobs/doubt.ts";
import { asPlexsyncError, NeedsAttention, type PlexsyncError } from "../../core/failures/errors.ts";
import { waitDelayMs } from "../../core/jobs/backoff.ts";
import { lastedMs } from "../../core/time/duration.ts";
import { mergeAttempts } from "../../core/jobs/attempt.ts";
import type { Attempt, Disposition, Job } from "../../core/jobs/job.ts";
import type { FieldName } from "../../core/sync/fields.ts";
import type { SceneFile } from "../../core/sync/scene.ts";
import type { WorkContext } from "../context.ts";
import { mayPass, RETRY_MS } from "../persist.ts";
import { ratingHeard } from "../doubts/ratings_rest.ts";
import type { Heard } from "../doubts/hearing.ts";

/** What is known of an attempt besides its end. */
export type AttemptFacts = Partial<Omit<Attempt, "job" | "disposition">>;

/** A failure of which it is not known yet whose fault it was. */
export interface Doubt {
  job: Job;
  at: DoubtfulWork;
  error: PlexsyncError;
  facts: AttemptFacts;
  /** Of an edit: what it was about, where it is known to be no more than that. */
  fields: readonly FieldName[];
  /** Ends the attempt where the failure is the job's own and there is nothing to try again. */
  settle?: (() => void) | undefined;
  /** Of an edit of which nothing was taken: not all of its parts were tried by themselves. */
  isUntried: boolean;
  /** Of a rating: what is sent before it was answered with 200. */
  isRestTaken: boolean;
  /** Of a single field that was not heard: whether others hear it, where that was asked. */
  heard?: Heard | undefined;
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
  #started: number;
  #doubts: Doubt[] = [];
  /** What was done by the way: edits that stand, images that were shown, covers that were read. */
  readonly done: Record<Exclude<DoubtfulWork, "silence" | "unheard" | "unrated">, number> = {
    edit: 0,
    rating: 0,
    image: 0,
    choice: 0,
    cover: 0,
  };
  /** Edits that stand, by the fields that they changed. */
  readonly #takenOf = new Map<FieldName, number>();
  /** Edits that failed since the last one that was answered. */
  #inARow = 0;

  constructor(
    readonly jobs: readonly Job[],
    private readonly context: Pick<
      WorkContext,
      "target" | "runtime" | "settings" | "unpaid" | "imageRest" | "log"
    >,
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

  /** Something failed of which it is not known yet whose fault it was. */
  get isInDoubt(): boolean {
    return this.#doubts.length > 0;
  }

  /** Something failed that may not be one job's own, and is not settled yet. */
  get isTroubled(): boolean {
    return this.isInDoubt || this.isHopeless;
  }

  /** The target answered a write, which proves no more than that it does. */
  noteAnswer(): void {
    this.#inARow = 0;
  }

  /** The target took nothing of an edit; whose fault that was is told later, as a doubt. */
  noteRefusal(): void {
    this.#inARow++;
  }

  /**
   * What was sent to an item stands there.
   * @param fields All that it changed
   */
  noteTaken(fields: readonly FieldName[]): void {
    this.context.unpaid.taken();
    for (const field of fields) this.#takenOf.set(field, this.takenOf([field]) + 1);
    this.noteBack(fields);
    if (fields.includes("rating")) {
      this.done.rating++;
      ratingHeard(this.context);
    }
    if (this.done.edit++ === 0) {
      this.note({ kind: "answered", server: this.context.target.id, work: "write" });
    }
  }

  /** Edits of these fields are taken; said of those that rested. */
  noteBack(fields: readonly FieldName[]): void {
    const { unpaid, runtime } = this.context;
    const back = unpaid.fieldRest.end(fields, runtime.now());
    if (back.length > 0) this.#sayBack(back);
  }

  /** Edits that stand, of those that changed all of these; all edits without any. */
  takenOf(fields: readonly FieldName[]): number {
    if (fields.length === 0) return this.done.edit;
    return Math.min(...fields.map((field) => this.#takenOf.get(field) ?? 0));
  }

  /** A cover was read, or an image shown. */
  noteImage(at: "cover" | "image" | "choice"): void {
    this.done[at]++;
    this.context.unpaid.refusedToAll.delete(at);
    this.context.imageRest.succeeded(at === "cover" ? "read" : "write");
  }

  /** The batch stood still for so long, in ms, which is no work on its jobs. */
  waited(ms: number): void {
    this.#started += ms;
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
      origins: [],
      released: [],
      ...facts,
      // A clock that was set must neither take time off the totals nor add years to them.
      durationMs: lastedMs(durationMs),
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
      path: error.path ?? facts.path ?? files[0]?.path ?? null,
      paths: error.paths,
      stackTrace: isUnforeseen ? error.stack ?? null : null,
      candidates: error.candidates ?? facts.candidates ?? [],
    });
  }

  /**
   * The job waits for its item, and no look is spent: what hides the item is no fault of its own.
   * @param files As for `fail`
   */
  wait(job: Job, error: PlexsyncError, files: readonly SceneFile[]): void {
    const { type: errorType, message: errorMessage, hint, candidates = [] } = error;
    const at = this.context.runtime.now() + waitDelayMs(job.wait_count);
    const path = error.path ?? files[0]?.path ?? null;
    this.end(job, { to: "waiting", at, files }, {
      errorType,
      errorMessage,
      hint,
      path,
      candidates,
    });
  }

  /** Something failed. Whose fault that was is decided when it is known how the others fared. */
  doubt(
    job: Job,
    at: DoubtfulWork,
    error: PlexsyncError,
    facts: AttemptFacts,
    { settle, fields = [], isUntried = false, isRestTaken = false, heard }: Partial<
      Pick<Doubt, "settle" | "fields" | "isUntried" | "isRestTaken" | "heard">
    > = {},
  ): void {
    // What was answered and does not stand there is no failure that the answer tells.
    const isAnswered = at === "silence" || at === "unheard" || at === "unrated";
    if (!isAnswered && !isDoubtful(error)) {
      return this.fail(job, error, [], facts);
    }
    this.#doubts.push({ job, at, error, facts, fields, settle, isUntried, isRestTaken, heard });
    if (at === "edit") this.#inARow++;
  }

  /** Hands out the open doubts of a kind, for a decision on each. */
  takeDoubts(isMeant: (doubt: Doubt) => boolean): Doubt[] {
    const meant = this.#doubts.filter(isMeant);
    this.#doubts = this.#doubts.filter((doubt) => !isMeant(doubt));
    return meant;
  }

  /** The job's failure proves nothing against it: it comes back behind its equals, no attempt spent. */
  giveBack({ job, error, facts }: Pick<Doubt, "job" | "error" | "facts">, at: number): void {
    const { runtime } = this.context;
    this.end(job, {
      to: "back",
      at: Math.max(at, runtime.now() + wishedDelayMs(error)),
      isBehind: true,
    }, {
      ...facts,
      errorType: error.type,
      errorMessage: error.message,
    });
  }

  /** What the whole batch needs could not be read, or not be kept: no job's fault. */
  failAll(thrown: unknown): void {
    this.failShared(thrown, this.#open());
  }

  /** What these jobs share could not be had, or not be kept: they go back as they were. */
  failShared(
    thrown: unknown,
    jobs: readonly Job[],
    facts: (job: Job) => AttemptFacts = () => ({}),
  ): void {
    const { runtime, target } = this.context;
    const isOurs = mayPass(thrown);
    // The database cannot be written: the jobs come back when it is tried again.
    const at = runtime.now() + (isOurs ? RETRY_MS : 0);
    if (!isOurs) this.note(sharedEvent(thrown, target.id));
    const { type, message } = asPlexsyncError(thrown);
    for (const job of jobs) {
      this.end(job, { to: "back", at }, {
        ...facts(job),
        errorType: thrown instanceof NeedsAttention ? "PlexPermanentError" : type,
        errorMessage: message,
      });
    }
  }

  /** All attempts; jobs without an end so far go back as they were. */
  close(): Attempt[] {
    for (const job of this.#open()) {
      this.end(job, { to: "back", at: this.context.runtime.now() });
    }
    return [...this.#parts.values()].map(mergeAttempts);
  }

  #sayBack(fields: readonly FieldName[]): void {
    const { log, target } = this.context;
    log.info(`${target.title} takes edits of ${fields.join(", ")} again`, {
      event: "fields_back",
      fields,
      said: ["fields"],
    });
  }

  #open(): Job[] {
    return this.jobs.filter(({ id }) =>
      (this.#parts.get(id)?.length ?? 0) < (this.#expected.get(id) ?? 1)
    );
  }
}
