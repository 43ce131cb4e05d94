import type { Hono } from "hono";
import { pauseWork, resumeWork } from "../../../app/queue/pause.ts";
import { redactorOf } from "../../../app/redactor.ts";
import { statusReport } from "../../../app/reports/status_report.ts";
import { WorkTimeline } from "../../../app/reports/work_timeline.ts";
import { nameScenes } from "../../../app/scenes/scene_names.ts";
import { matchCoverage } from "../../../app/scenes/unmatched.ts";
import { readRange } from "./charts.tsx";
import { Overview } from "./overview.tsx";
import { done, type PageEnv, type PageParts } from "../page_env.ts";

/** The screen that tells whether all is well, and the switch that pauses work. */
export function overviewRoutes(app: Hono<PageEnv>, parts: PageParts): void {
  const redact = redactorOf(parts);
  const timeline = new WorkTimeline(parts);

  app.get("/", (c) => {
    const { report, problems } = redact(statusReport(parts));
    const rows = report.outcomes.map(({ scene_id }) => ({ scene_id, target: "", path: null }));
    const names = redact(nameScenes(parts, rows));
    const range = readRange(c.req.query("over"));
    return c.html(
      <Overview
        {...{ view: c.var.view, status: report, problems, names, range }}
        coverage={matchCoverage(parts)}
        steps={timeline.of(range)}
      />,
    );
  });

  app.post("/pause", (c) => {
    pauseWork(parts);
    return done(c, "/", "paused", 1);
  });

  app.post("/resume", (c) => {
    resumeWork(parts);
    parts.worker.wake();
    return done(c, "/", "resumed", 1);
  });
}
