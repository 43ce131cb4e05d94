import type { Child, FC } from "hono/jsx";
import { UNMATCHED } from "../../../app/scenes/unmatched.ts";
import type { RetryProgress } from "../../../app/queue/retry_progress.ts";
import type { SceneName } from "../../../app/scenes/scene_names.ts";
import { ERROR_TYPES, type ErrorType } from "../../../core/failures/error_types.ts";
import { HINTS } from "../../../core/failures/hints.ts";
import type { DeadLetter } from "../../../core/jobs/job.ts";
import { counted, countText } from "../../../core/text/wording.ts";
import {
  deadParams,
  deadPath,
  type DeadQuery,
  isFiltered,
  nextQuery,
  SINCE,
} from "./dead_query.ts";
import { hintHere } from "../frame/hint.ts";
import { Action, Layout } from "../frame/layout.tsx";
import { SceneLink } from "../frame/scene_link.tsx";
import { ACTIONS, Head } from "../frame/table_head.tsx";
import { When } from "../frame/time.tsx";
import type { View } from "../frame/view.ts";

interface DeadLettersProps {
  view: View;
  query: DeadQuery;
  /** Number by type, the most frequent first; of all, whatever the filter. */
  types: Readonly<Record<string, number>>;
  /** How many fit the filter. */
  fit: number;
  letters: readonly DeadLetter[];
  /** Of the scenes of `letters`. */
  names: readonly SceneName[];
  /** There are more behind these. */
  more: boolean;
  /** Of what was retried last; null for nothing lately. */
  progress: RetryProgress | null;
}

/** What was given up, and why. */
export const DeadLetters: FC<DeadLettersProps> = (props) => {
  const { view, query, types, letters, progress } = props;
  const isEmpty = Object.keys(types).length === 0;
  return (
    <Layout view={view} title="Dead letters" screen="/dead-letters">
      {progress !== null && <Progress view={view} progress={progress} />}
      {isEmpty
        ? (
          <p class="empty">
            Nothing was given up. What fails for good is kept here, with the reason and what to do
            about it.
          </p>
        )
        : (
          <>
            {!isFiltered(query) && <Types view={view} types={types} />}
            <Filter view={view} query={query} types={types} />
            {letters.length === 0
              ? (
                <p class="empty">
                  None is left that fits.{" "}
                  <a href={`${view.base}/dead-letters`}>Show all dead letters</a>
                </p>
              )
              : <List {...props} />}
          </>
        )}
    </Layout>
  );
};

const Progress: FC<{ view: View; progress: RetryProgress }> = ({ view, progress }) => {
  const { retried, to_do, waiting, failed, done } = progress;
  const parts: Child[] = [
    to_do > 0 ? <a href={`${view.base}/queue`}>{countText(to_do)} to do</a> : "none to do",
    `${countText(done)} done`,
    ...(failed > 0 ? [`${countText(failed)} given up again, which stand here anew`] : []),
    ...(waiting > 0
      ? [
        <>
          {countText(waiting)} <a href={`${view.base}/unmatched?list=waiting`}>without an item</a>
          {" "}
          yet
        </>,
      ]
      : []),
  ];
  return (
    <p class="row" data-key="progress">
      <label for="progress">
        {counted(retried, "dead letter")} retried: {parts.map((part, n) => (
          <>
            {n === 0 ? "" : ", "}
            {part}
          </>
        ))}
      </label>
      <progress id="progress" max={retried} value={retried - to_do} />
    </p>
  );
};

const Types: FC<Pick<DeadLettersProps, "view" | "types">> = ({ view, types }) => (
  <section aria-labelledby="types">
    <h2 id="types">By type</h2>
    <table>
      <Head columns={["Type", { name: "Number", isNumber: true }, "What to do", ACTIONS]} />
      <tbody>
        {Object.entries(types).map(([type, count]) => (
          <tr key={type} data-key={`type-${type}`}>
            <td data-label="Type" class="word">
              <a href={`${view.base}/dead-letters?type=${type}`}>{type}</a>
            </td>
            <td data-label="Number" class="number">{countText(count)}</td>
            <td data-label="What to do" class="long">
              <span>
                {hintHere(HINTS[type as ErrorType] ?? "")}
                {UNMATCHED.includes(type as ErrorType) && (
                  <>
                    . <a href={`${view.base}/unmatched`}>Choose the item here</a>
                  </>
                )}
              </span>
            </td>
            <td data-label="">
              <Action view={view} to="/dead-letters/retry">
                <input type="hidden" name="type" value={type} />
                <button type="submit" class="quiet" name="all" value="1">
                  Retry all<span class="unseen">of type {type}</span>
                </button>
              </Action>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </section>
);

const Filter: FC<Pick<DeadLettersProps, "view" | "query" | "types">> = (
  { view, query, types },
) => (
  <form class="row" method="get" action={`${view.base}/dead-letters`} role="search">
    <div>
      <label for="type">Type</label>
      <select id="type" name="type">
        <option value="">all</option>
        {ERROR_TYPES.filter((type) => Object.hasOwn(types, type) || type === query.type)
          .map((type) => (
            <option key={type} value={type} selected={type === query.type}>{type}</option>
          ))}
      </select>
    </div>
    <div>
      <label for="since">Failed in</label>
      <select id="since" name="since">
        <option value="">all the time</option>
        {Object.entries(SINCE).map(([value, { name }]) => (
          <option key={value} value={value} selected={value === query.since}>{name}</option>
        ))}
      </select>
    </div>
    <div>
      <label for="text">In message or path</label>
      <input id="text" name="text" type="search" value={query.text} maxlength={200} />
    </div>
    <button type="submit" class="quiet">Filter</button>
    {isFiltered(query) && <a href={`${view.base}/dead-letters`}>Show all</a>}
  </form>
);

const List: FC<DeadLettersProps> = ({ view, query, fit, letters, names, more }) => (
  <section aria-labelledby="letters">
    <h2 id="letters">
      {isFiltered(query) ? `${counted(fit, "dead letter")} that fit` : "Newest first"}
    </h2>
    <Action view={view} to="/dead-letters/retry">
      <QueryFields query={query} />
      <div class="buttons row">
        <button type="submit">Retry the marked</button>
        <DiscardButton view={view}>Discard the marked</DiscardButton>
        <button type="submit" class="quiet" name="all" value="1">
          Retry all {countText(fit)}
        </button>
        <DiscardButton view={view} all>Discard all {countText(fit)}</DiscardButton>
      </div>
      <table>
        <Head
          columns={[{ name: "Marked", isUnseen: true }, "Scene", "Type", "Why", "Failed", ACTIONS]}
        />
        <tbody>
          {letters.map((letter, at) => (
            <Row key={letter.id} view={view} letter={letter} name={names[at]} />
          ))}
        </tbody>
      </table>
    </Action>
    {(more || query.behind !== null) && (
      <nav class="row" aria-label="Pages">
        {query.behind !== null && (
          <a href={view.base + deadPath({ ...query, behind: null })}>To the newest</a>
        )}
        {more && <a href={view.base + deadPath(nextQuery(query, letters.at(-1)!))}>Older ones</a>}
      </nav>
    )}
  </section>
);

const DiscardButton: FC<{ view: View; all?: boolean; children?: Child }> = (
  { view, all = false, children },
) => (
  <button
    type="submit"
    class="danger"
    formaction={`${view.base}/dead-letters/discard`}
    {...(all ? { name: "all", value: "1" } : {})}
  >
    {children}
  </button>
);

/** The filter and the page of the list, so that both are still there after an action. */
export const QueryFields: FC<{ query: DeadQuery }> = ({ query }) => (
  <>
    {[...deadParams(query)].map(([name, value]) => (
      <input key={name} type="hidden" name={name} value={value} />
    ))}
  </>
);

const Row: FC<{ view: View; letter: DeadLetter; name: SceneName | undefined }> = (
  { view, letter: { id, scene_id, error_type, error_message, path, failed_at }, name },
) => (
  <tr data-key={`letter-${id}`}>
    <td data-label="Mark">
      <input
        type="checkbox"
        name="id"
        value={id}
        aria-label={`Mark the dead letter of scene ${scene_id}`}
      />
    </td>
    <td data-label="Scene">
      <SceneLink id={scene_id} name={name} base={view.base} />
    </td>
    <td data-label="Type" class="word">{error_type}</td>
    <td data-label="Why" class="long private">
      <span>
        {error_message}
        {path !== null && <small class="path">{path}</small>}
      </span>
    </td>
    <td data-label="Failed">
      <When at={failed_at} now={view.now} />
    </td>
    <td data-label="">
      <span class="buttons">
        <button type="submit" class="quiet" name="one" value={id}>Retry</button>
        <a class="button quiet" href={`${view.base}/dead-letters/${id}`}>More</a>
      </span>
    </td>
  </tr>
);
