import { isRefused } from "../../core/jobs/doubt.ts";
import { asPlexsyncError, PlexsyncError } from "../../core/failures/errors.ts";
import type { FieldName } from "../../core/sync/fields.ts";
import { type Edit, editedFields, type Item } from "../../core/sync/item.ts";
import type { Fitted } from "../../core/sync/ways.ts";
import type { Target } from "../../target/target.ts";
import { withoutFields } from "../doubts/field_rest.ts";

/** What of an edit was refused. */
export interface Refused {
  edit: Edit;
  /** With `fields` where the target took all else of the edit. */
  error: PlexsyncError;
}

/** What became of an edit. */
export interface Sent {
  /** What was taken; null for nothing. */
  taken: Fitted | null;
  refused: Refused | null;
}

/**
 * Sends an edit. One that is refused is sent once more in its parts: what is refused of it, a list of
 * tags for instance, keeps nothing else from being written.
 * @throws {PlexsyncError} What failed is no refusal, or a refused rating
 */
export async function sendEdit(
  item: Item,
  edit: Edit,
  target: Pick<Target, "write">,
): Promise<Sent> {
  try {
    return { taken: await target.write(item, edit), refused: null };
  } catch (thrown) {
    const error = asPlexsyncError(thrown);
    const parts = partsOf(edit);
    // A rating is sent last, and by itself.
    if (!isRefused(error) || error.part !== undefined) throw thrown;
    const nothing = { taken: null, refused: { edit, error } };
    if (parts.length === 1) return nothing;
    const fitted: Fitted[] = [];
    const refused: FieldName[] = [];
    for (const part of parts) {
      try {
        fitted.push(await target.write(item, part));
      } catch (again) {
        const failure = asPlexsyncError(again);
        // A rating is the last part, and judged by those of others.
        const isRating = failure.part === "rating" && refused.length === 0 && fitted.length > 0;
        if (!isRefused(failure) || isRating) throw again;
        refused.push(...editedFields(part));
      }
    }
    if (fitted.length === 0) return nothing;
    const omitted = fitted.flatMap((part) => part.omitted);
    if (refused.length === 0) return { taken: { edit, omitted }, refused: null };
    const { type, message, status, hint, retryAfterMs, cause } = error;
    const text = `${message} to its ${refused.join(", ")}, and took all else`;
    const details = { status, hint, retryAfterMs, cause, fields: refused };
    return {
      taken: { edit: withoutFields(edit, refused)!, omitted },
      refused: { edit, error: new PlexsyncError(type, text, details) },
    };
  }
}

/**
 * What an edit is about of which nothing was taken: each of its fields was refused by itself. None where
 * that was so of the locks beside them too.
 */
export function refusedFields(edit: Edit): FieldName[] {
  const fields = editedFields(edit);
  return withoutFields(edit, fields) === null ? fields : [];
}

/** What of an edit can be sent by itself: each field, and the locks of others. */
function partsOf(edit: Edit): Edit[] {
  const fields = editedFields(edit);
  const locks = withoutFields(edit, fields);
  return [...locks === null ? [] : [locks], ...fields.map((name) => only(edit, name))];
}

function only(edit: Edit, name: FieldName): Edit {
  const others = editedFields(edit).filter((each) => each !== name);
  const isIts = (field: FieldName) => field === name;
  return {
    ...withoutFields(edit, others)!,
    lock: edit.lock.filter(isIts),
    ...(edit.unlock === undefined ? {} : { unlock: edit.unlock.filter(isIts) }),
  };
}
