import { aborted } from "../core/aborted.ts";
import { SECOND_MS } from "../core/time/duration.ts";
import type { Runtime } from "../core/runtime.ts";

/** A part of the daemon that runs beside the others. Making one starts nothing. */
export interface Service<End> {
  /** For people, such as `index listener`. */
  readonly name: string;
  /**
   * Runs until it is stopped, or through.
   * @returns why the whole daemon has to end; nothing when only this part is through
   */
  run(stop: AbortSignal): Promise<End | void>;
}

/** Services that are stopped together. */
export interface Stage<End> {
  services: readonly Service<End>[];
  /** How long they may take to end before the stage below them is stopped as well. */
  patienceMs: number;
}

export interface RunnerParts {
  runtime: Pick<Runtime, "sleep">;
  log: { warning(message: string, fields?: Record<string, unknown>): void };
}

/** What those get that were passed over, once all are stopped. */
const LAST_PATIENCE_MS = 5 * SECOND_MS;

interface Running {
  name: string;
  ended: Promise<void>;
  hasEnded: boolean;
}

/**
 * Starts the stages from the first to the last, and stops them from the last to the first, once
 * `stop` aborts, or one of the services says why all has to end, or fails. One that does not end
 * in time holds up no other; the log names it if it still runs at the end.
 * @returns what the first service said that said why; null when it was only stopped
 * @throws what the first service threw that failed, after the others have ended
 */
export async function runServices<End>(
  stages: readonly Stage<End>[],
  stop: AbortSignal,
  { runtime, log }: RunnerParts,
): Promise<End | null> {
  const over = new AbortController();
  const reasons: End[] = [];
  const failures: unknown[] = [];

  function start(service: Service<End>, halt: AbortSignal): Running {
    const running = { name: service.name, ended: Promise.resolve(), hasEnded: false };
    running.ended = service.run(halt).then((reason) => {
      if (reason === undefined) return;
      reasons.push(reason);
      over.abort();
    }, (thrown) => {
      failures.push(thrown);
      over.abort();
    }).finally(() => running.hasEnded = true);
    return running;
  }

  const started: { running: Running[]; halt: AbortController; patienceMs: number }[] = [];
  for (const { services, patienceMs } of stages) {
    const halt = new AbortController();
    const running: Running[] = [];
    started.push({ running, halt, patienceMs });
    for (const service of services) {
      if (!over.signal.aborted && !stop.aborted) running.push(start(service, halt.signal));
    }
    // A stage that fails at once, as when a port is taken, keeps those above it from starting.
    await runtime.sleep(0);
  }
  await aborted(stop, over.signal);

  for (const { running, halt, patienceMs } of started.toReversed()) {
    halt.abort();
    await allEnded(running, patienceMs, runtime);
  }
  const all = started.flatMap(({ running }) => running);
  await allEnded(all, LAST_PATIENCE_MS, runtime);
  for (const { name } of all.filter(({ hasEnded }) => !hasEnded)) {
    log.warning(`The ${name} does not stop and is left behind`, { event: "stop_forced" });
  }
  if (failures.length > 0) throw failures[0];
  return reasons[0] ?? null;
}

/** Resolves when all have ended, at the latest after `ms`. */
async function allEnded(running: readonly Running[], ms: number, runtime: Pick<Runtime, "sleep">) {
  const done = new AbortController();
  const all = Promise.all(running.map(({ ended }) => ended)).then(() => done.abort());
  await Promise.race([all, runtime.sleep(ms, done.signal)]);
}

/** A service whose only work is done when it is stopped. */
export function onStop(name: string, act: () => void | Promise<void>): Service<never> {
  return {
    name,
    async run(stop) {
      await aborted(stop);
      await act();
    },
  };
}
