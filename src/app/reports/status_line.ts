import { escapeLine } from "../../core/text/escape.ts";
import { plural } from "../../core/text/wording.ts";
import { readQueue } from "../../store/figures/read_figures.ts";
import type { Installation } from "../installation.ts";
import { restingBecause } from "./status_report.ts";

/** How the daemon does, in one line: what stands in the way, or what there is to do. */
export function statusLine(installation: Omit<Installation, "log">): string {
  const [problem] = restingBecause(installation);
  if (problem !== undefined) return escapeLine(problem);
  const { ready, running, waiting } = readQueue(installation.store).queue;
  const due = ready + running;
  const work = due === 0 ? "Nothing is due" : plural(due, "job to do", "jobs to do");
  return waiting === 0
    ? work
    : `${work}, ${plural(waiting, "scene waits", "scenes wait")} for a file in Plex`;
}
