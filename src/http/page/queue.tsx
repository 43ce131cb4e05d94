import type { FC } from "hono/jsx";
import type { SceneName } from "../../app/scenes/scene_names.ts";
import { type Job, JOB_STATES, type JobState } from "../../core/jobs/job.ts";
import { countText } from "../../core/text/wording.ts";
import { Action, Layout } from "./frame/layout.tsx";
import { SceneLink } from "./frame/scene_link.tsx";
import { ACTIONS, Head } from "./frame/table_head.tsx";
import { When } from "./frame/time.tsx";
import type { View } from "./frame/view.ts";

interface QueueProps {
  view: View;
  state: JobState;
  counts: Readonly<Record<JobState, number>>;
  jobs: readonly Job[];
  /** Of the scenes of `jobs`. */
  names: readonly SceneName[];
  /** Where this page of the list is. */
  here: string;
  /** Where it goes on; null at the end. */
  next: string | null;
}

/** What is to be done, in the order in which it is. */
export const Queue: FC<QueueProps> = ({ view, state, counts, jobs, names, here, next }) => (
  <Layout view={view} title="Queue" screen="/queue">
    <nav aria-label="States">
      <ul class="tabs">
        {JOB_STATES.map((each) => (
          <li key={each}>
            <a
              href={`${view.base}/queue?state=${each}`}
              aria-current={each === state ? "page" : undefined}
            >
              {each} ({countText(counts[each])})
            </a>
          </li>
        ))}
      </ul>
    </nav>
    {jobs.length === 0
      ? <p class="empty">{EMPTY[state]}</p>
      : <Jobs view={view} jobs={jobs} names={names} here={here} />}
    {next !== null && (
      <p>
        <a href={view.base + next}>More of them</a>
      </p>
    )}
  </Layout>
);

const EMPTY: Readonly<Record<JobState, string>> = {
  ready: "Nothing is due. A change in Stash is queued by itself.",
  running: "Nothing is in hand at this moment.",
  waiting: "No scene waits for its file to come to Plex.",
};

const Jobs: FC<Pick<QueueProps, "view" | "jobs" | "names" | "here">> = (
  { view, jobs, names, here },
) => (
  <table>
    <Head columns={["Scene", "Because of", "Queued", "Next try", "Last error", ACTIONS]} />
    <tbody>
      {jobs.map((job, at) => (
        <tr key={job.id} data-key={`job-${job.id}`}>
          <td data-label="Scene">
            <SceneLink id={job.scene_id} name={names[at]} base={view.base} />
          </td>
          <td data-label="Because of" class="word">{job.reason}</td>
          <td data-label="Queued">
            <When at={job.enqueued_at} now={view.now} />
          </td>
          <td data-label="Next try">
            {job.state === "running" ? "now" : <When at={job.next_retry_at} now={view.now} />}
          </td>
          <td data-label="Last error" class="long private">{job.last_error_message ?? ""}</td>
          <td data-label="">
            <Action view={view} to={`/scenes/${job.scene_id}/sync`}>
              <input type="hidden" name="back" value={here} />
              <button type="submit" class="quiet">
                Sync now<span class="unseen">scene {job.scene_id}</span>
              </button>
            </Action>
          </td>
        </tr>
      ))}
    </tbody>
  </table>
);
