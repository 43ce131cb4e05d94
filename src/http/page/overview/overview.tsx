import type { FC } from "hono/jsx";
import { hintApart, type Problem, problemLine } from "../../../core/failures/problems.ts";
import { outageText } from "../../../core/failures/outage_text.ts";
import { JOB_STATES, type JobState } from "../../../core/jobs/job.ts";
import { MINUTE_MS } from "../../../core/time/duration.ts";
import { formatDuration } from "../../../core/time/duration.ts";
import { counted, countText } from "../../../core/text/wording.ts";
import { pathRulesText } from "../../../app/checks/path_rules_report.ts";
import type { StatusReport } from "../../../app/reports/status_report.ts";
import type { RangeName, Step } from "../../../core/stats/timeline.ts";
import type { matchCoverage } from "../../../app/scenes/unmatched.ts";
import type { SceneName } from "../../../app/scenes/scene_names.ts";
import { Charts } from "./charts.tsx";
import { Action, Layout } from "../frame/layout.tsx";
import { SceneLink } from "../frame/scene_link.tsx";
import { OUTCOME_COLUMNS, OutcomeCells } from "../frame/outcome_cells.tsx";
import { Head } from "../frame/table_head.tsx";
import { When } from "../frame/time.tsx";
import type { View } from "../frame/view.ts";

interface OverviewProps {
  view: View;
  status: StatusReport;
  problems: readonly Problem[];
  /** Of the scenes of `status.outcomes`. */
  names: readonly SceneName[];
  coverage: ReturnType<typeof matchCoverage>;
  /** What the charts show. */
  range: RangeName;
  steps: readonly Step[];
}

const CHART_FILES = ["uplot.css", "uplot.js", "charts.js"] as const;

/** Whether all is well, at a glance. */
export const Overview: FC<OverviewProps> = (
  { view, status, problems, names, coverage, range, steps },
) => (
  <Layout view={view} title="Overview" screen="/" assets={CHART_FILES}>
    <Verdict view={view} problems={problems} status={status} />
    <Lights view={view} status={status} />
    <Counts view={view} status={status} />
    <Facts view={view} status={status} coverage={coverage} />
    <Charts view={view} range={range} steps={steps} />
    <Outcomes view={view} status={status} names={names} />
  </Layout>
);

const Verdict: FC<Pick<OverviewProps, "view" | "problems" | "status">> = (
  { view, problems, status },
) => {
  const dead = deadLettersOf(status);
  if (problems.length === 0 && dead > 0) {
    return (
      <p class="notice warn">
        <span role="status">It works, but something was given up and needs you</span>:{" "}
        <a href={`${view.base}/dead-letters`}>{counted(dead, "dead letter")}</a>
      </p>
    );
  }
  if (problems.length === 0) {
    const due = status.queue.ready + status.queue.running;
    return (
      <p class="notice good">
        {/* The number is not told again and again while it falls. */}
        <span role="status">All is well</span>:{" "}
        {due === 0 ? "nothing is due" : `${counted(due, "job")} to do`}
      </p>
    );
  }
  return (
    <ul class="problems">
      {problems.map((problem) => (
        <li class={`notice ${problem.severity === "error" ? "bad" : "warn"}`}>
          <span class="private">{problemLine(problem)}</span>
          {hintApart(problem) !== null && <p class="hint private">{hintApart(problem)}</p>}
          {/_paths_(partly_)?unfit$/.test(problem.id) && (
            <p class="hint">
              <a href={`${view.base}/unmatched`}>The scenes, and what would find them</a>
            </p>
          )}
        </li>
      ))}
    </ul>
  );
};

type Light = "good" | "warn" | "bad";

const Lights: FC<{ view: View; status: StatusReport }> = ({ view, status }) => {
  const { daemon, paused_at, plex, stash, other_targets = [] } = status;
  return (
    <section aria-labelledby="lights">
      <h2 id="lights">Connections</h2>
      <ul class="lights">
        <li class={daemon === null ? "bad" : paused_at === null ? "good" : "warn"}>
          <strong>Daemon</strong>
          <span>
            {daemon === null ? "does not run" : paused_at === null ? "works" : "paused"}
            {daemon !== null && (
              <small>
                since <When at={paused_at ?? daemon.since_at} now={view.now} />
              </small>
            )}
          </span>
          <Action view={view} to={paused_at === null ? "/pause" : "/resume"}>
            <button type="submit" class="quiet">{paused_at === null ? "Pause" : "Resume"}</button>
          </Action>
        </li>
        <ServerLight view={view} name="Stash" server={stash} />
        <ServerLight view={view} name="Plex" server={plex} />
        {other_targets.map((each) => <ServerLight view={view} name={each.title} server={each} />)}
      </ul>
    </section>
  );
};

const ServerLight: FC<{ view: View; name: string; server: StatusReport["plex"] }> = (
  { view, name, server },
) => {
  const { light, says } = lightOf(server);
  return (
    <li class={light}>
      <strong>{name}</strong>
      <span>
        {says}
        {server.failing_since_at !== null && (
          <small>
            since <When at={server.failing_since_at} now={view.now} />
          </small>
        )}
        {server.next_probe_at !== null && (
          <small>
            asked again <When at={server.next_probe_at} now={view.now} />
          </small>
        )}
      </span>
    </li>
  );
};

function lightOf({ url, breaker, cause }: StatusReport["plex"]): { light: Light; says: string } {
  if (url === "") return { light: "bad", says: "not configured" };
  if (breaker === "open") return { light: "bad", says: `down: ${cause}` };
  if (breaker === "half_open") return { light: "warn", says: "answers again, and is being tried" };
  return { light: "good", says: "no failure seen" };
}

const STATE_MEANS: Readonly<Record<JobState, string>> = {
  ready: "due, or to be tried again",
  running: "in hand",
  waiting: "not in Plex yet",
};

function deadLettersOf({ dead_letters }: StatusReport): number {
  return Object.values(dead_letters).reduce((sum, n) => sum + n, 0);
}

const Counts: FC<{ view: View; status: StatusReport }> = ({ view, status }) => {
  const dead = deadLettersOf(status);
  return (
    <section aria-labelledby="counts">
      <h2 id="counts">Jobs</h2>
      <dl class="counts">
        {JOB_STATES.map((state) => (
          <div>
            <dt>{state}</dt>
            <dd>
              <b>
                {state === "waiting"
                  ? (
                    <a href={`${view.base}/unmatched?list=waiting`}>
                      {countText(status.queue[state])}
                    </a>
                  )
                  : countText(status.queue[state])}
              </b>
              <small>{STATE_MEANS[state]}</small>
              {status.queue_oldest_at[state] !== null && (
                <small>
                  oldest <When at={status.queue_oldest_at[state]} now={view.now} />
                </small>
              )}
            </dd>
          </div>
        ))}
        <div class={dead === 0 ? "" : "warn"}>
          <dt>dead letters</dt>
          <dd>
            <b>
              <a href={`${view.base}/dead-letters`}>{countText(dead)}</a>
            </b>
            <small>given up; they need you</small>
          </dd>
        </div>
      </dl>
    </section>
  );
};

const Facts: FC<Pick<OverviewProps, "view" | "status" | "coverage">> = (
  { view, status, coverage },
) => {
  const { rate_per_minute, rate_per_minute_5m, index, outages, path_rules } = status;
  return (
    <section aria-labelledby="work">
      <h2 id="work">Work</h2>
      <dl class="facts">
        <dt>Rate</dt>
        <dd>{rate_per_minute_5m} a minute now, {rate_per_minute} over the last hour</dd>
        <dt>Time left</dt>
        <dd>{timeLeft(status)}</dd>
        <dt>Known of Plex</dt>
        <dd>{counted(index.items, "item")} with {counted(index.files, "file")}</dd>
        <dt>Without an item</dt>
        <dd>
          <a href={`${view.base}/unmatched`}>{coverageText(coverage)}</a>
        </dd>
        <dt>Paths</dt>
        <dd class="private">{pathRulesText(path_rules)}</dd>
        <dt>Last outage</dt>
        <dd>{outageText(outages[0] ?? null, view.now)}</dd>
        <dt>Next look for waiting files</dt>
        <dd>
          <When at={status.next_waiting_at} now={view.now} />
        </dd>
        <dt>Next reconciliation</dt>
        <dd>
          <When at={status.next_reconcile_at} now={view.now} />
        </dd>
      </dl>
    </section>
  );
};

function coverageText({ scenes, unmatched }: OverviewProps["coverage"]): string {
  if (scenes === 0) return "no scene is known yet";
  if (unmatched === 0) return `none of ${counted(scenes, "scene")}`;
  const percent = Math.max(0.1, Math.round((unmatched / scenes) * 1_000) / 10);
  return `${countText(unmatched)} of ${counted(scenes, "scene")}, ${percent} %`;
}

function timeLeft({ queue, rate_per_minute_5m }: StatusReport): string {
  const due = queue.ready + queue.running;
  if (due === 0) return "nothing is due";
  if (rate_per_minute_5m === 0) return "unknown: nothing was done in the last 5 minutes";
  return `about ${formatDuration(Math.ceil(due / rate_per_minute_5m) * MINUTE_MS)}`;
}

const Outcomes: FC<Pick<OverviewProps, "view" | "status" | "names">> = (
  { view, status, names },
) => (
  <section aria-labelledby="outcomes">
    <h2 id="outcomes">Last outcomes</h2>
    {status.outcomes.length === 0
      ? (
        <p class="empty">
          Nothing was done yet. Edit a scene in Stash, or queue all of them with{" "}
          <code>plexsync sync --all</code>.
        </p>
      )
      : (
        <table>
          <Head columns={["When", "Scene", ...OUTCOME_COLUMNS]} />
          <tbody>
            {status.outcomes.map((outcome, at) => (
              <tr data-key={`outcome-${outcome.id}`}>
                <td data-label="When">
                  <When at={outcome.at} now={view.now} />
                </td>
                <td data-label="Scene">
                  <SceneLink id={outcome.scene_id} name={names[at]} base={view.base} />
                </td>
                <OutcomeCells {...outcome} changed={outcome.changed_fields} />
              </tr>
            ))}
          </tbody>
        </table>
      )}
  </section>
);
