import { ensureDataDir } from "../app/data/data_folder.ts";
import type { LongWork } from "../app/queue/enqueue.ts";
import { refuseNetworkFolder } from "../app/data/network_fs.ts";
import { waitWhileMoving, watchLeft, workLeft } from "../app/queue/queue_wait.ts";
import { restingBecause } from "../app/reports/status_report.ts";
import { plural } from "../core/text/wording.ts";
import { type DaemonEnded, runDaemon } from "../daemon/daemon.ts";
import type { Store } from "../store/store.ts";
import type { TaskContext, TaskLine } from "./task_context.ts";

/**
 * Until nothing is due: what waits for Plex, or for its next attempt, is not waited for. Stash
 * runs one task at a time, so it ends as well when the work rests or does not move.
 */
export async function processQueue(context: TaskContext): Promise<TaskLine[]> {
  if (context.inDaemon) {
    return ["The daemon works on it", leftText((await context.installation()).store)];
  }
  return await context.long(
    "Work on the queue",
    (long) => context.daemonRuns ? wait(context, long) : work(context, long),
  );
}

/** The daemon does the work. */
async function wait(context: TaskContext, { progress, stop }: Required<LongWork>) {
  const installation = await context.installation();
  const share = new Share(progress);
  const ended = await waitWhileMoving(installation, (left) => share.show(left), stop);
  const left = leftText(installation.store);
  if (ended.because === "problems") return [...ended.problems, left];
  if (ended.because === "standstill") {
    return [`The daemon has not moved for ${ended.minutes} minutes`, left];
  }
  return ["Nothing is due", left];
}

/** There is no daemon: this process is one until nothing is due. */
async function work({ settings, installation }: TaskContext, long: Required<LongWork>) {
  const { config, files, log } = settings;
  if (!config.enabled) return ["enabled = false: nothing is done"];
  ensureDataDir(files.folder);
  refuseNetworkFolder(files.folder, false, log);
  const share = new Share(long.progress);
  const done = new AbortController();
  let watching: Promise<void> = Promise.resolve();
  const opened = (store: Store) => {
    watching = watchLeft({ ...settings, store }, (left) => share.show(left), done.signal);
  };
  let ended: DaemonEnded;
  try {
    ended = await runDaemon({ ...settings, opened }, long.stop, { once: true, idleExitMs: null });
  } finally {
    done.abort();
    await watching;
  }
  const after = await installation();
  const isDone = ended === "nothing due";
  return [
    isDone ? "Nothing is due" : `Ended: ${ended}`,
    ...(isDone ? [] : restingBecause(after)),
    leftText(after.store),
  ];
}

/** What is done of what was there at most. */
class Share {
  #most = 0;
  #shown = 0;

  constructor(private readonly progress: LongWork["progress"]) {}

  show(left: number): void {
    this.#most = Math.max(this.#most, left);
    // New jobs come while others are done; a bar that runs backwards tells nobody anything.
    this.#shown = Math.max(this.#shown, this.#most === 0 ? 0 : 1 - left / this.#most);
    this.progress(this.#shown, 1);
  }
}

function leftText(store: Store): string {
  const { due, waiting, deadLetters } = workLeft(store);
  return `${plural(due, "job")} left, ${waiting} waiting for Plex, ` +
    plural(deadLetters, "dead letter");
}
