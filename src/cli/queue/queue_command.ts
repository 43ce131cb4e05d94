import { type Installation, openSettings, openToAsk } from "../../app/installation.ts";
import {
  countJobs,
  jobsInHand,
  listJobs,
  removableJobs,
  removedText,
  removeJobs,
} from "../../app/queue/queued_jobs.ts";
import { redactorOf } from "../../app/redactor.ts";
import { nameScenes } from "../../app/scenes/scene_names.ts";
import { type Job, JOB_STATES } from "../../core/jobs/job.ts";
import { instant, plural } from "../../core/text/wording.ts";
import type { QueueFilter } from "../../store/queue/queue.ts";
import type { Command, Invocation } from "../frame/command.ts";
import { confirmed, DECLINED, YES_FLAG } from "../terminal/ask_first.ts";
import { LIMIT_FLAG, noteCut, readLimit } from "../frame/limit.ts";
import { readSceneIds, readWords } from "../frame/lists.ts";
import { print, table } from "../terminal/output.ts";

export const command: Command = {
  usage: "queue",
  summary: "Show the jobs that are due, running, or waiting for Plex, or remove them",
  flags: [
    { name: "state", value: "STATE,…", meaning: "only ready, running or waiting" },
    { name: "scene", value: "ID,…", meaning: "only of these scenes" },
    LIMIT_FLAG,
    YES_FLAG,
  ],
  notes: [
    "clear leaves alone what a running daemon works on at the moment. An undo that waits with a job " +
    "is withdrawn with it.",
  ],
  actions: {
    list: { summary: "what runs first stands first", flags: ["state", "scene", "limit"] },
    clear: { summary: "forget these jobs", flags: ["state", "scene", "yes"] },
  },
  usualAction: "list",
  isServed: true,
  examples: [
    { line: "plexsync queue list --state waiting", tells: "what waits for Plex to get its file" },
    { line: "plexsync queue clear --scene 12 --yes", tells: "forget one, without being asked" },
  ],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const { action, values } = invocation;
  const filter = {
    states: readWords("state", values.state, JOB_STATES),
    sceneIds: readSceneIds(values.scene),
  };
  const limit = readLimit(invocation);
  using settings = openSettings(invocation.around, { need: "offline" });
  using installation = await openToAsk(settings);
  return action === "list"
    ? list(installation, filter, limit, invocation)
    : clear(installation, filter, invocation);
}

function list(
  installation: Installation,
  filter: QueueFilter,
  limit: number,
  invocation: Invocation,
): number {
  const redact = redactorOf(installation);
  const jobs = redact(listJobs(installation, filter, limit));
  const names = redact(nameScenes(installation, jobs));
  const json = jobs.map((job, at) => ({
    ...jobJson(job),
    title: names[at]!.title,
    pinned_to: names[at]!.pinned_to,
  }));
  const isPinned = names.some(({ pinned_to }) => pinned_to !== null);
  print(invocation, json, (paint) =>
    table(
      [
        "SCENE",
        "TITLE",
        ...(isPinned ? ["PINNED TO"] : []),
        "STATE",
        "REASON",
        "TRIES",
        "DUE",
        "LAST ERROR",
      ],
      jobs.map((job, at) => [
        paint.link(job.scene_id, names[at]!.url),
        names[at]!.title ?? "",
        ...(isPinned ? [names[at]!.pinned_to ?? ""] : []),
        job.state,
        job.reason,
        String(job.retry_count),
        instant(job.next_retry_at),
        job.last_error_type === null ? "" : `${job.last_error_type}: ${job.last_error_message}`,
      ]),
      paint,
    ) || "No jobs in the queue\n");
  noteCut(invocation, jobs.length, jobs.length < limit ? 0 : countJobs(installation, filter));
  return 0;
}

/** A job as `--json` has it: what there is one of everywhere says nothing. */
function jobJson({ target: _, run_id: _run, deaths: _deaths, ...job }: Job) {
  return job;
}

function clear(installation: Installation, filter: QueueFilter, invocation: Invocation): number {
  const removable = removableJobs(installation, filter);
  const { count } = removable;
  const what = `${plural(count, "job")} will be removed from the queue`;
  const sure = confirmed(invocation, count, what);
  const removed = sure
    ? removeJobs(installation, removable.filter)
    : { cleared: 0, undos_withdrawn: 0 };
  const left = jobsInHand(installation, filter);
  print(invocation, { ...removed, left_running: left }, () => {
    const running = left > 0 ? `; ${left} in work were left alone` : "";
    return `${removedText(removed)}${running}\n`;
  });
  return sure ? 0 : DECLINED;
}
