import type { Hono } from "hono";
import { countsByState, listJobs } from "../../app/queue/queued_jobs.ts";
import { redactorOf } from "../../app/redactor.ts";
import { nameScenes } from "../../app/scenes/scene_names.ts";
import { type Job, JOB_STATES, type JobState } from "../../core/jobs/job.ts";
import { type PageEnv, type PageParts, pathOf } from "./page_env.ts";
import { Queue } from "./queue.tsx";

const PAGE = 50;

/** The screen that shows what is queued. */
export function queueRoutes(app: Hono<PageEnv>, parts: PageParts): void {
  const redact = redactorOf(parts);
  app.get("/queue", (c) => {
    const state = JOB_STATES.find((each) => each === c.req.query("state")) ?? "ready";
    const behind = readBehind(c.req.query("behind"));
    const found = listJobs(
      parts,
      { states: [state], targets: parts.store.targets, behind },
      PAGE + 1,
    );
    const jobs = redact(found.slice(0, PAGE));
    const last = jobs.at(-1);
    const next = found.length > PAGE && last !== undefined ? listPath(state, last) : null;
    const counts = countsByState(parts);
    const names = redact(nameScenes(parts, jobs));
    return c.html(
      <Queue {...{ view: c.var.view, state, counts, jobs, names, next }} here={pathOf(c)} />,
    );
  });
}

function readBehind(
  text: string | undefined,
): Pick<Job, "priority" | "enqueued_at" | "id"> | undefined {
  const [, priority, at, id] = /^(\d{1,3})-(\d{1,15})-(\d{1,15})$/.exec(text ?? "") ?? [];
  return priority === undefined
    ? undefined
    : { priority: Number(priority), enqueued_at: Number(at), id: Number(id) };
}

function listPath(state: JobState, { priority, enqueued_at, id }: Job): string {
  return `/queue?state=${state}&behind=${priority}-${enqueued_at}-${id}`;
}
