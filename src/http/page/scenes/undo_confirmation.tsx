import type { FC } from "hono/jsx";
import type { UndoPreview } from "../../../app/scenes/undo.ts";
import type { Unanswered } from "../askers.ts";
import { Action, Layout } from "../frame/layout.tsx";
import { Head } from "../frame/table_head.tsx";
import type { View } from "../frame/view.ts";

/** Field with the mark of the writes that a person saw and means. */
export const SEEN_WRITES = "seen";

interface UndoConfirmationProps {
  view: View;
  /** Of the scene. */
  id: string;
  /** Only the last write is meant. */
  isLast: boolean;
  /** `undoMark` of what is shown. */
  seen: string;
  /** What would come back, or why it is not known. */
  previews: UndoPreview[] | Unanswered;
}

/** Shows what would come back, before it does. */
export const UndoConfirmation: FC<UndoConfirmationProps> = (
  { view, id, isLast, seen, previews },
) => {
  const isNothing = Array.isArray(previews) && previews.length === 0;
  const what = isLast ? "the last write" : "all that was written";
  return (
    <Layout view={view} title={`Take back ${what} for scene ${id}?`} screen="">
      <p>
        Plex gets what stood there before. What somebody changed since is left. What was taken back
        stays so until its value changes in Stash.
      </p>
      {Array.isArray(previews)
        ? previews.map((preview) => <Preview key={preview.rating_key} preview={preview} />)
        : (
          <div class="notice warn">
            What would come back is not known: <span class="private">{previews.message}</span>
            <p class="hint">{previews.hint}</p>
          </div>
        )}
      {isNothing && <p class="empty">There is nothing to take back.</p>}
      <Action view={view} to={`/scenes/${id}/undo`}>
        <input type="hidden" name={SEEN_WRITES} value={seen} />
        {isLast && <input type="hidden" name="last" value="1" />}
        <div class="row">
          {!isNothing && <button type="submit" class="danger">Take it back</button>}
          <a class="button quiet" href={`${view.base}/scenes/${id}`}>Back, without doing so</a>
        </div>
      </Action>
    </Layout>
  );
};

const Preview: FC<{ preview: UndoPreview }> = (
  { preview: { rating_key, changes, left, error } },
) => (
  <table>
    <caption>
      Item {rating_key}
      {error !== null && <span class="private">: {error}</span>}
      {error === null && changes.length + left.length === 0 && ": only locks are taken off"}
    </caption>
    <Head columns={["Field", "In Plex", "Comes back"]} />
    <tbody>
      {changes.map(({ field, from, to }) => (
        <tr key={field}>
          <td data-label="Field" class="word">{field}</td>
          <Value label="In Plex" value={from} />
          <Value label="Comes back" value={to} />
        </tr>
      ))}
      {left.map(({ field, why }) => (
        <tr key={field}>
          <td data-label="Field" class="word">{field}</td>
          <td data-label="In Plex" class="faint">left</td>
          <td data-label="Comes back" class="long private">{why}</td>
        </tr>
      ))}
    </tbody>
  </table>
);

/** A value that a field has; one without any is told from one that is not known. */
const Value: FC<{ label: string; value: string }> = ({ label, value }) =>
  value === ""
    ? <td data-label={label} class="faint">nothing</td>
    : <td data-label={label} class="long private">{value}</td>;
