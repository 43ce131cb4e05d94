import { UserError } from "../core/errors.ts";
import type { Job, JobState } from "../core/job.ts";
import { lockHolder } from "../app/lock.ts";
import type { Queue, QueueFilter } from "../store/queue.ts";
import type { Command, Invocation } from "./command.ts";
import { confirmed, DECLINED, YES_FLAG } from "./confirm.ts";
import { LIMIT_FLAG, noteCut, readLimit } from "./limit.ts";
import { readSceneIds, readWords } from "./lists.ts";
import { instant, plural, print, table } from "./output.ts";
import { redactorOf } from "../app/redactor.ts";
import { storeToAsk } from "./question_store.ts";
import { openSession, type Session } from "./session.ts";

const STATES: readonly JobState[] = ["ready", "running", "waiting"];

export const command: Command = {
  usage: "queue (list | clear) [--state STATE,…] [--scene ID,…]",
  summary: "Show the jobs that are due, running, or waiting for Plex, or remove them",
  flags: [
    { name: "state", value: "STATE,…", meaning: "only ready, running or waiting" },
    { name: "scene", value: "ID,…", meaning: "only of these scenes" },
    LIMIT_FLAG,
    YES_FLAG,
  ],
  notes: ["clear leaves alone what a running daemon works on at the moment."],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const [action = "list", ...rest] = invocation.words;
  if ((action !== "list" && action !== "clear") || rest.length > 0) {
    throw new UserError(
      `Unknown: queue ${invocation.words.join(" ")}`,
      2,
      `Usage: plexsync ${command.usage}`,
    );
  }
  const { values } = invocation;
  const filter = {
    states: readWords("state", values.state, STATES),
    sceneIds: readSceneIds(values.scene),
  };
  if (action === "clear" && values.limit !== undefined) {
    throw new UserError("--limit is for queue list", 2);
  }
  const limit = readLimit(invocation);
  const session = openSession(invocation, "offline", ["state", "scene", "limit"]);
  const { store } = await storeToAsk(session, invocation);
  try {
    const { queue } = store;
    return action === "list"
      ? list(queue, filter, limit, session, invocation)
      : clear(queue, filter, session, invocation);
  } finally {
    store.close();
    session.close();
  }
}

function list(
  queue: Queue,
  filter: QueueFilter,
  limit: number,
  session: Session,
  invocation: Invocation,
): number {
  const jobs = redactorOf(session)(queue.list(limit, filter));
  print(invocation, jobs.map(jobJson), () =>
    table(
      ["SCENE", "STATE", "REASON", "TRIES", "DUE", "LAST ERROR"],
      jobs.map((job) => [
        job.scene_id,
        job.state,
        job.reason,
        String(job.retry_count),
        instant(job.next_retry_at),
        job.last_error_type === null ? "" : `${job.last_error_type}: ${job.last_error_message}`,
      ]),
    ) || "No jobs in the queue\n");
  noteCut(invocation, jobs.length, jobs.length < limit ? 0 : queue.extent(filter).count);
  return 0;
}

/** A job as `--json` has it: what there is one of everywhere says nothing. */
function jobJson({ target: _, run_id: _run, deaths: _deaths, ...job }: Job) {
  return job;
}

function clear(
  queue: Queue,
  filter: QueueFilter,
  session: Session,
  invocation: Invocation,
): number {
  // What ran when its process was killed can go; what a living one has in hand cannot.
  const busy = lockHolder(session.files.lock) !== null;
  const states = (filter.states ?? STATES).filter((state) => !busy || state !== "running");
  const { count, maxId } = queue.extent({ ...filter, states });
  const sure = confirmed(
    invocation,
    count,
    `${plural(count, "job")} will be removed from the queue`,
  );
  const cleared = sure ? queue.clear({ ...filter, states, upToId: maxId }) : 0;
  const left = busy ? queue.extent({ ...filter, states: ["running"] }).count : 0;
  print(invocation, { cleared, left_running: left }, () => {
    const running = left > 0 ? `; ${left} in work were left alone` : "";
    return `Removed ${plural(cleared, "job")} from the queue${running}\n`;
  });
  return sure ? 0 : DECLINED;
}
