/** The job queue: one at a time, in order. */
import { Broadcast } from "./broadcast.ts";

export type JobStatus = "READY" | "RUNNING" | "STOPPING" | "FINISHED" | "CANCELLED" | "FAILED";

/** A job as GraphQL shows it; instants are text. */
export interface JobView {
  id: string;
  status: JobStatus;
  subTasks: string[] | null;
  description: string;
  /** Fraction from 0 to 1, null when unknown. */
  progress: number | null;
  addTime: string;
  startTime: string | null;
  endTime: string | null;
  error: string | null;
}

export interface JobWork {
  /** Aborted when the job is stopped; work then ends by itself, at once. */
  signal: AbortSignal;
  progress(fraction: number): void;
  /** Shows `text` among the job's sub-tasks while `work` goes on. */
  subTask<T>(text: string, work: () => Promise<T>): Promise<T>;
}

export interface JobEvent {
  jobsSubscribe: { type: "ADD" | "UPDATE" | "REMOVE"; job: JobView };
}

interface Job {
  view: JobView;
  work: (job: JobWork) => Promise<void>;
  stop: AbortController;
  /** Moment of the last update that subscribers got. */
  toldAt: number;
  /** Of an update that waits. */
  timer: ReturnType<typeof setTimeout> | undefined;
}

/** `findJob` knows that many that have ended. */
const REMEMBERED = 10;
/** A job's updates come no closer together. */
const UPDATE_MS = 100;

export class Jobs {
  readonly feed = new Broadcast<JobEvent>();
  readonly #stamp: () => string;
  readonly #onChange: () => void;
  #nextId = 1;
  #queue: Job[] = [];
  #ended: JobView[] = [];
  #running: Promise<void> | undefined;

  /** @param stamp the present second as text */
  constructor(stamp: () => string, onChange: () => void) {
    this.#stamp = stamp;
    this.#onChange = onChange;
  }

  /**
   * @param work What it throws makes the job FAILED
   * @returns id; the work begins when the jobs before it have ended
   */
  add(description: string, work: Job["work"]): string {
    const view: JobView = {
      id: String(this.#nextId++),
      status: "READY",
      subTasks: null,
      description,
      progress: null,
      addTime: this.#stamp(),
      startTime: null,
      endTime: null,
      error: null,
    };
    const job = { view, work, stop: new AbortController(), toldAt: -Infinity, timer: undefined };
    this.#queue.push(job);
    this.#tell("ADD", job);
    this.#running ??= this.#drain();
    return view.id;
  }

  /** Null when idle. */
  queue(): JobView[] | null {
    return this.#queue.length === 0 ? null : this.#queue.map(({ view }) => ({ ...view }));
  }

  find(id: string): JobView | null {
    const queued = this.#queue.find(({ view }) => view.id === id)?.view;
    const view = queued ?? this.#ended.find((each) => each.id === id);
    return view === undefined ? null : { ...view };
  }

  /** Unknown ids and jobs that have ended are left alone. */
  stop(id: string): void {
    const job = this.#queue.find(({ view }) => view.id === id);
    if (job === undefined) return;
    if (job.view.status === "READY") {
      job.view.status = "CANCELLED";
      this.#remove(job);
    } else {
      job.view.status = "STOPPING";
      this.#tell("UPDATE", job);
    }
    job.stop.abort();
  }

  stopAll(): void {
    // The one that runs comes last, so that no other takes its place meanwhile.
    for (const { view } of this.#queue.toReversed()) this.stop(view.id);
  }

  async close(): Promise<void> {
    this.stopAll();
    await this.#running;
    this.feed.close();
  }

  async #drain(): Promise<void> {
    // The caller of `add` gets its id before the work begins.
    await Promise.resolve();
    for (let job = this.#queue[0]; job !== undefined; job = this.#queue[0]) await this.#run(job);
    this.#running = undefined;
  }

  async #run(job: Job): Promise<void> {
    const { view } = job;
    view.status = "RUNNING";
    view.startTime = this.#stamp();
    this.#tell("UPDATE", job);
    try {
      await job.work(this.#workOf(job));
    } catch (cause) {
      view.error = (cause as Error).message;
    }
    const done = view.error === null ? "FINISHED" : "FAILED";
    view.status = job.stop.signal.aborted ? "CANCELLED" : done;
    this.#remove(job);
  }

  #workOf(job: Job): JobWork {
    const { view } = job;
    return {
      signal: job.stop.signal,
      progress: (fraction) => {
        view.progress = fraction;
        this.#update(job);
      },
      subTask: async (text, work) => {
        view.subTasks = [...view.subTasks ?? [], text];
        this.#update(job);
        try {
          return await work();
        } finally {
          const left = view.subTasks.filter((each) => each !== text);
          view.subTasks = left.length === 0 ? null : left;
          this.#update(job);
        }
      },
    };
  }

  #remove(job: Job): void {
    job.view.endTime = this.#stamp();
    this.#queue = this.#queue.filter((each) => each !== job);
    this.#ended = [...this.#ended, job.view].slice(-REMEMBERED);
    this.#tell("REMOVE", job);
  }

  #update(job: Job): void {
    if (job.view.endTime !== null) return; // said by what a stopped job left behind
    this.#onChange();
    const waitMs = job.toldAt + UPDATE_MS - performance.now();
    if (waitMs <= 0) return this.#tell("UPDATE", job);
    job.timer ??= setTimeout(() => this.#tell("UPDATE", job), waitMs);
  }

  #tell(type: JobEvent["jobsSubscribe"]["type"], job: Job): void {
    clearTimeout(job.timer);
    job.timer = undefined;
    job.toldAt = performance.now();
    this.feed.send({ jobsSubscribe: { type, job: { ...job.view } } });
    this.#onChange();
  }
}
