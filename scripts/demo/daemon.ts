/** The daemon in the demo: started as a child, followed by its own log, ended by SIGTERM. */
import type { Program } from "../../tests/program.ts";
import { failureOf, type Plexsync } from "./plexsync.ts";

/** How one attempt at a job ended, as the daemon's log tells it. */
export interface Outcome {
  sceneId: string;
  outcome: string;
  /** The item in Plex, when one was found. */
  ratingKey?: string | undefined;
}

/** Events that end a job, or leave it waiting for Plex; `job_retry` and `job_back` do not. */
const EVENT = /^job_(written|unchanged|skipped|gone|waiting|dead)$/;

/** Its log as JSON, one line per outcome: what the demo says about jobs comes from there. */
export const RUN = ["run", "--log-format", "json", "--log-level", "debug"];

const LOOK_MS = 50;

export class Daemon implements AsyncDisposable {
  #ended = false;
  #read = 0;
  #outcomes: Outcome[] = [];

  private constructor(private readonly program: Program, private readonly stop: AbortSignal) {
    const ended = () => void (this.#ended = true);
    program.result.then(ended, ended);
  }

  static async start(plexsync: Plexsync, stop: AbortSignal): Promise<Daemon> {
    return new Daemon(await plexsync.start(RUN), stop);
  }

  /** All outcomes so far, the oldest first. */
  get outcomes(): readonly Outcome[] {
    const { lines } = this.program.stderr;
    for (; this.#read < lines.length; this.#read++) {
      const outcome = outcomeOf(lines[this.#read]!);
      if (outcome !== undefined) this.#outcomes.push(outcome);
    }
    return this.#outcomes;
  }

  /** The first outcome of each scene; the watcher may make another job for one of them. */
  get firstOutcomes(): ReadonlyMap<string, Outcome> {
    return new Map(this.outcomes.toReversed().map((outcome) => [outcome.sceneId, outcome]));
  }

  /**
   * Looks until `reached` is true.
   * @throws {Error} the daemon ended before
   * @throws the reason of `stop`
   */
  async until(reached: () => boolean): Promise<void> {
    while (!reached()) {
      this.stop.throwIfAborted();
      if (this.#ended) throw new Error(failureOf(RUN, await this.program.result));
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  /**
   * Asks it to end, and waits until it has.
   * @throws {Error} it did not end well
   */
  async end(): Promise<void> {
    this.program.kill("SIGTERM");
    const result = await this.program.result;
    this.stop.throwIfAborted();
    // Windows has no SIGTERM: there it is killed, which is no failure of its own.
    if (result.code !== 0 && Deno.build.os !== "windows") throw new Error(failureOf(RUN, result));
  }

  async [Symbol.asyncDispose]() {
    await this.program[Symbol.asyncDispose]();
  }
}

function outcomeOf(line: string): Outcome | undefined {
  let record: { event?: string; scene_id?: string; rating_key?: string } | null;
  try {
    record = JSON.parse(line);
  } catch {
    // Not a log line: its last words, which `failureOf` shows.
    return undefined;
  }
  const outcome = EVENT.exec(record?.event ?? "")?.[1];
  if (outcome === undefined || record?.scene_id === undefined) return undefined;
  return { sceneId: record.scene_id, outcome, ratingKey: record.rating_key };
}
