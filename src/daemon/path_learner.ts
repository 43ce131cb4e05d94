import { MINUTE_MS, SECOND_MS } from "../core/time/duration.ts";
import { asPlexsyncError } from "../core/failures/errors.ts";
import type { LogPort } from "../core/log_port.ts";
import type { Runtime } from "../core/runtime.ts";
import type { PathLearning } from "../worker/match/path_rules.ts";

export interface PathLearnerParts {
  learning: PathLearning;
  runtime: Runtime;
  log: LogPort;
  /** Tells the worker of jobs that became due. */
  wake: () => void;
}

/** How often it is asked whether the files have to be counted. */
const CHECK_MS = 5 * SECOND_MS;
/** Between two steps the worker gets the processor. */
const REST_MS = 20;

/** Counts which rules for paths the files speak for, beside the work. */
export class PathLearner {
  readonly name = "path learning";

  constructor(private readonly parts: PathLearnerParts) {}

  /** Until stopped; never rejects. */
  async run(stop: AbortSignal): Promise<void> {
    const { learning, runtime, log, wake } = this.parts;
    while (!stop.aborted) {
      try {
        const rest = () => runtime.sleep(REST_MS, stop);
        if (learning.isDue() && await learning.learn(rest, stop)) wake();
        await runtime.sleep(CHECK_MS, stop);
      } catch (thrown) {
        // The store could not be read or written, which the worker says.
        log.debug(`Path rules: ${asPlexsyncError(thrown).message}`, { event: "rules_failed" });
        await runtime.sleep(MINUTE_MS, stop);
      }
    }
  }
}
