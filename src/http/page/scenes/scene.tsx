import type { FC } from "hono/jsx";
import type { LocalMatch } from "../../../app/scenes/local_match.ts";
import type { SceneName } from "../../../app/scenes/scene_names.ts";
import type { SceneRecord } from "../../../app/scenes/scene_record.ts";
import { type Entry, nameOf } from "../../../core/journal/journal.ts";
import { parseStrings } from "../../../core/text/json.ts";
import { Action, Layout } from "../frame/layout.tsx";
import { hintHere } from "../frame/hint.ts";
import { Ignore } from "./ignore.tsx";
import { ItemLink, type LinkOf, NearFiles } from "./near_files.tsx";
import { Sides, type SidesProps } from "./sides.tsx";
import { OUTCOME_COLUMNS, OutcomeCells } from "../frame/outcome_cells.tsx";
import { Head } from "../frame/table_head.tsx";
import { When } from "../frame/time.tsx";
import type { View } from "../frame/view.ts";

interface SceneProps {
  view: View;
  record: SceneRecord;
  name: SceneName | undefined;
  /** What both servers say now, or why they did not; null where they were not asked. */
  asked: SidesProps["asked"];
  linkOf: LinkOf;
  /** Titles of near items, as far as they are known. */
  titles: ReadonlyMap<string, string>;
}

/** One scene, with all that is known of it. */
export const ScenePage: FC<SceneProps> = (
  { view, record, name, asked, linkOf, titles },
) => {
  const id = record.scene_id;
  const title = name?.title ?? `Scene ${id}`;
  return (
    <Layout view={view} title={title} plain={`Scene ${id}`} screen="">
      <p>
        Scene {name?.url == null ? id : <a href={name.url} rel="noreferrer">{id} in Stash</a>}
        {pinText(name)}
      </p>
      <Doing view={view} id={id} name={name} />
      <State view={view} record={record} />
      {record.matches.map((match) => (
        <Match key={match.target} {...{ view, id, title, match, name, linkOf, titles }} />
      ))}
      <Sides {...{ view, id, asked, linkOf }} />
      <Outcomes view={view} record={record} />
      <History {...{ view, record, linkOf }} />
    </Layout>
  );
};

function pinText(name: SceneName | undefined): string {
  if (name?.pinned_to == null) return "";
  return name.pinned_to === "none"
    ? ", ignored: nothing is written for it"
    : `, pinned to item ${name.pinned_to}`;
}

const Doing: FC<{ view: View; id: string; name: SceneName | undefined }> = (
  { view, id, name },
) => (
  <div class="row">
    <Action view={view} to={`/scenes/${id}/sync`}>
      <button type="submit">Sync now</button>
    </Action>
    {name?.pinned_to != null && (
      <Action view={view} to={`/scenes/${id}/unpin`}>
        <button type="submit" class="quiet">
          {name.pinned_to === "none" ? "Ignore it no longer" : "Take the pin back"}
        </button>
      </Action>
    )}
  </div>
);

const State: FC<{ view: View; record: SceneRecord }> = (
  { view, record: { jobs, dead_letters } },
) => (
  <>
    {dead_letters.map((letter) => (
      <div class="notice bad" key={letter.id}>
        Given up <When at={letter.failed_at} now={view.now} />:{" "}
        <span class="private">{letter.error_message}</span>
        <p class="hint">
          {hintHere(letter.hint)}.{" "}
          <a href={`${view.base}/dead-letters/${letter.id}`}>Dead letter {letter.id}</a>
        </p>
      </div>
    ))}
    {jobs.map((job) => (
      <p class="notice" key={job.id}>
        In the queue: {job.state}, due <When at={job.next_retry_at} now={view.now} />
        {job.last_error_message !== null && (
          <span class="private">; last: {job.last_error_message}</span>
        )}
      </p>
    ))}
  </>
);

interface MatchProps extends Pick<SceneProps, "view" | "name" | "linkOf" | "titles"> {
  id: string;
  title: string;
  match: LocalMatch;
}

const Match: FC<MatchProps> = (
  { view, id, title, match, name, linkOf, titles },
) => (
  <section aria-labelledby={`match-${match.target}`}>
    <h2 id={`match-${match.target}`}>Its item</h2>
    {match.files.length === 0
      ? <p class="empty">Its files are not known yet. “Sync now” reads them from Stash.</p>
      : (
        <>
          <p class="private">{match.because}</p>
          <NearFiles
            {...{ view, title, match, linkOf, titles }}
            sceneId={id}
            back={`/scenes/${id}`}
          />
        </>
      )}
    <Action view={view} to={`/scenes/${id}/pin`}>
      <input type="hidden" name="target" value={match.target} />
      <input type="hidden" name="back" value={`/scenes/${id}`} />
      <div class="row">
        <div>
          <label for={`item-${match.target}`}>Another item, by its ratingKey</label>
          <input
            id={`item-${match.target}`}
            name="item"
            inputmode="numeric"
            pattern="[0-9]{1,15}"
          />
        </div>
        <button type="submit" class="quiet">Pin to it</button>
      </div>
    </Action>
    {name?.pinned_to !== "none" && (
      <Ignore {...{ view, title }} sceneId={id} target={match.target} back={`/scenes/${id}`} />
    )}
  </section>
);

const Outcomes: FC<{ view: View; record: SceneRecord }> = ({ view, record: { outcomes } }) => (
  <section aria-labelledby="outcomes">
    <h2 id="outcomes">Last outcomes</h2>
    {outcomes.length === 0 ? <p class="empty">Nothing was done for it yet.</p> : (
      <table>
        <Head columns={["When", ...OUTCOME_COLUMNS]} />
        <tbody>
          {outcomes.map((row) => (
            <tr key={row.id}>
              <td data-label="When">
                <When at={row.at} now={view.now} />
              </td>
              <OutcomeCells {...row} changed={parseStrings(row.changed_fields)} />
            </tr>
          ))}
        </tbody>
      </table>
    )}
  </section>
);

const History: FC<Pick<SceneProps, "view" | "record" | "linkOf">> = (
  { view, record: { scene_id, history }, linkOf },
) => (
  <section aria-labelledby="history">
    <h2 id="history">What was written for it</h2>
    {history.some(({ undoneBy }) => undoneBy === null) && (
      <p class="row">
        <a class="button quiet" href={`${view.base}/scenes/${scene_id}/undo?last=1`}>
          Take back the last write
        </a>
        <a class="button quiet" href={`${view.base}/scenes/${scene_id}/undo`}>Take back all</a>
      </p>
    )}
    {history.length === 0
      ? <p class="empty">Nothing was written for it, or it is too long ago.</p>
      : (
        <table>
          <Head columns={["When", "Item", "Field", "From", "To"]} />
          <tbody>
            {history.map((row) => (
              <tr key={`${row.write} ${row.field}`}>
                <td data-label="When">
                  <When at={row.at} now={view.now} />
                  {row.keptAt !== null && (
                    <small>
                      all since <When at={row.keptAt} now={view.now} />
                    </small>
                  )}
                </td>
                <td data-label="Item" class="word">
                  <ItemLink item={row.item} url={linkOf(row.target, row.item)} />
                </td>
                <td data-label="Field" class="word">
                  {row.field}
                  {row.undoneBy !== null && <small>undone</small>}
                </td>
                <td data-label="From" class="long private">{entriesText(row.before)}</td>
                <td data-label="To" class="long private">{entriesText(row.stood ?? row.sent)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
  </section>
);

function entriesText(entries: readonly Entry[]): string {
  return entries.map((entry) =>
    typeof entry === "string" ? entry : `${nameOf(entry)} (${entry[1]})`
  )
    .join(", ");
}
