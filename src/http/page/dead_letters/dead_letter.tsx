import type { FC } from "hono/jsx";
import type { payloadOf } from "../../../app/queue/letter_json.ts";
import type { SceneName } from "../../../app/scenes/scene_names.ts";
import type { DeadLetter } from "../../../core/jobs/job.ts";
import { formatDuration } from "../../../core/time/duration.ts";
import type { Outcome } from "../../../store/figures/outcomes.ts";
import { hintHere } from "../frame/hint.ts";
import { Action, Layout } from "../frame/layout.tsx";
import { SceneLink } from "../frame/scene_link.tsx";
import { Head } from "../frame/table_head.tsx";
import { When } from "../frame/time.tsx";
import type { View } from "../frame/view.ts";

interface DeadLetterProps {
  view: View;
  letter: DeadLetter;
  /** What led to it, oldest first. */
  attempts: readonly Outcome[];
  payload: ReturnType<typeof payloadOf>;
  name: SceneName | undefined;
}

/** One dead letter, with all that is known of it. */
export const DeadLetterPage: FC<DeadLetterProps> = ({ view, letter, attempts, payload, name }) => (
  <Layout view={view} title={`Dead letter ${letter.id}`} screen="/dead-letters">
    <p class="notice bad">
      <span class="private">{letter.error_message}</span>
    </p>
    <p>{hintHere(letter.hint)}</p>
    <dl class="facts">
      <dt>Scene</dt>
      <dd>
        <SceneLink id={letter.scene_id} name={name} base={view.base} />
      </dd>
      <dt>Type</dt>
      <dd>{letter.error_type}</dd>
      <dt>Failed</dt>
      <dd>
        <When at={letter.failed_at} now={view.now} />
      </dd>
      <dt>Path</dt>
      <dd class="private">{letter.path ?? "unknown"}</dd>
    </dl>
    <Action view={view} to="/dead-letters/retry">
      <div class="row">
        <button type="submit" name="one" value={letter.id}>Retry</button>
        <button
          type="submit"
          class="danger"
          name="one"
          value={letter.id}
          formaction={`${view.base}/dead-letters/discard`}
        >
          Discard
        </button>
      </div>
    </Action>
    <Attempts view={view} attempts={attempts} />
    {letter.stack_trace !== null && (
      <section aria-labelledby="stack">
        <h2 id="stack">Stack trace</h2>
        <pre class="private" tabindex={0}>{letter.stack_trace}</pre>
      </section>
    )}
    <section aria-labelledby="payload">
      <h2 id="payload">What was known of the job</h2>
      <pre class="private" tabindex={0}>{JSON.stringify(payload, null, 2)}</pre>
    </section>
  </Layout>
);

const Attempts: FC<Pick<DeadLetterProps, "view" | "attempts">> = ({ view, attempts }) => (
  <section aria-labelledby="attempts">
    <h2 id="attempts">Attempts</h2>
    {attempts.length === 0 ? <p class="empty">None is kept any more.</p> : (
      <table>
        <Head columns={["When", "Outcome", "Why", { name: "Took", isNumber: true }]} />
        <tbody>
          {attempts.map((attempt) => (
            <tr key={attempt.id}>
              <td data-label="When">
                <When at={attempt.at} now={view.now} />
              </td>
              <td data-label="Outcome">{attempt.outcome}</td>
              <td data-label="Why" class="long private">{attempt.error_message ?? ""}</td>
              <td data-label="Took" class="number">{formatDuration(attempt.duration_ms)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    )}
  </section>
);
