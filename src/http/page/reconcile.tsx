import type { FC } from "hono/jsx";
import type { StartedRun } from "../../app/reconcile/reconcile_start.ts";
import { runResult } from "../../app/reconcile/run_result.ts";
import { QUEUED_CLASSES } from "../../core/reconcile/reconcile_classes.ts";
import { RECONCILE_SCOPES, type ReconcileScope } from "../../core/reconcile/reconcile_report.ts";
import { counted, countText } from "../../core/text/wording.ts";
import { formatDuration } from "../../core/time/duration.ts";
import type { ReconcileRun } from "../../store/queue/reconcile_runs.ts";
import { Action, Layout } from "./frame/layout.tsx";
import { Head } from "./frame/table_head.tsx";
import { When } from "./frame/time.tsx";
import type { View } from "./frame/view.ts";

interface ReconcileProps {
  view: View;
  /** Newest first. */
  runs: readonly ReconcileRun[];
  /** The one that was started here and is under way. */
  underWay: StartedRun | null;
  /** The scope that is meant when none is chosen. */
  scope: ReconcileScope;
}

const SCOPE_MEANS: Readonly<Record<ReconcileScope, string>> = {
  all: "all scenes",
  "24h": "scenes changed within 24 hours",
  "7days": "scenes changed within 7 days",
};

/** The comparison of all: what it found, and a button that starts it. */
export const ReconcileScreen: FC<ReconcileProps> = ({ view, runs, underWay, scope }) => (
  <Layout view={view} title="Reconcile" screen="/reconcile">
    <p>Compares scenes in Stash with their items in Plex, and queues what differs.</p>
    {underWay === null ? <Start view={view} scope={scope} /> : <Progress {...underWay} />}
    <section aria-labelledby="runs">
      <h2 id="runs">Runs</h2>
      {runs.length === 0
        ? (
          <p class="empty">
            There was none so far. Start one above, or set <code>reconcile_interval</code>{" "}
            to have one by itself.
          </p>
        )
        : <Runs view={view} runs={runs} />}
    </section>
  </Layout>
);

const Start: FC<Pick<ReconcileProps, "view" | "scope">> = ({ view, scope }) => (
  <Action view={view} to="/reconcile">
    <div class="row">
      <div>
        <label for="scope">Compare</label>
        <select id="scope" name="scope">
          {RECONCILE_SCOPES.map((each) => (
            <option key={each} value={each} selected={each === scope}>{SCOPE_MEANS[each]}</option>
          ))}
        </select>
      </div>
      <div>
        <label for="only">Queue</label>
        <select id="only" name="only">
          <option value="">all that differ</option>
          {QUEUED_CLASSES.map((each) => <option key={each} value={each}>only {each} ones</option>)}
        </select>
      </div>
      <button type="submit">Start</button>
      <button type="submit" class="quiet" name="dry" value="1">Only look</button>
    </div>
  </Action>
);

const Progress: FC<StartedRun> = ({ scenes, total }) => (
  <div class="card">
    <p>
      <span role="status">A run is under way</span>: {countText(scenes)}
      {total === null ? "" : ` of ${countText(total)}`} scenes compared
    </p>
    <progress aria-label="Scenes compared" max={total ?? 1} value={total === null ? 0 : scenes} />
  </div>
);

const Runs: FC<Pick<ReconcileProps, "view" | "runs">> = ({ view, runs }) => (
  <table>
    <Head
      columns={["Started", { name: "Took", isNumber: true }, "By", "Scope", "State", {
        name: "Queued",
        isNumber: true,
      }, "Result"]}
    />
    <tbody>
      {runs.map((run) => (
        <tr data-key={`run-${run.id}`}>
          <td data-label="Started">
            <When at={run.started_at} now={view.now} />
          </td>
          <td data-label="Took" class="number">
            {run.ended_at === null ? "" : formatDuration(run.ended_at - run.started_at)}
          </td>
          <td data-label="By" class="word">{run.origin}</td>
          <td data-label="Scope" class="word">{run.scope}</td>
          <td data-label="State" class="word">
            {run.state}
            {run.dry_run && <small class="path">only looked</small>}
          </td>
          <td data-label="Queued" class="number">{countText(run.dry_run ? 0 : run.queued)}</td>
          <td data-label="Result" class="long">
            <span>
              {run.state === "failed"
                ? <span class="private">{runResult(run)}</span>
                : runResult(run)}
              <Samples view={view} run={run} />
            </span>
          </td>
        </tr>
      ))}
    </tbody>
  </table>
);

/** Some of the scenes that were found to differ, with the way to each. */
const Samples: FC<{ view: View; run: ReconcileRun }> = ({ view, run: { id, report } }) => {
  const found = QUEUED_CLASSES.map((name) => ({ name, samples: report.classes[name].samples }))
    .filter(({ samples }) => samples.length > 0);
  if (found.length === 0) return null;
  return (
    <details id={`samples-${id}`}>
      <summary>
        {counted(found.reduce((n, { samples }) => n + samples.length, 0), "sample")}
      </summary>
      {found.map(({ name, samples }) => (
        <p>
          {name}: {samples.map(({ scene_id }, at) => (
            <>
              {at > 0 && ", "}
              <a href={`${view.base}/scenes/${scene_id}`}>{scene_id}</a>
            </>
          ))}
        </p>
      ))}
    </details>
  );
};
