import { asRefusal, isNotFound, isRefused } from "../../core/jobs/doubt.ts";
import { asPlexsyncError, PlexsyncError } from "../../core/failures/errors.ts";
import { isAnother } from "../../core/journal/item_files.ts";
import type { FieldName } from "../../core/sync/fields.ts";
import { type Edit, editedFields, type Item } from "../../core/sync/item.ts";
import type { Fitted } from "../../core/sync/ways.ts";
import type { Target } from "../../target/target.ts";
import { partsOf, withoutFields } from "./edit_parts.ts";
import type { PartsTurn } from "../doubts/parts_turn.ts";

/** What of an edit was refused. */
export interface Refused {
  edit: Edit;
  /** With `fields` where the target took all else of the edit. */
  error: PlexsyncError;
  /** Some of its parts were not tried by themselves. */
  isUntried: boolean;
}

type Sending = Pick<Target, "write" | "read" | "title">;

/** What became of an edit. */
export interface Sent {
  /** What was taken; null for nothing. */
  taken: Fitted | null;
  refused: Refused | null;
}

/**
 * Sends an edit. One that is refused is sent once more in its parts: what is refused of it, a list of
 * tags for instance, keeps nothing else from being written. After one of which nothing was taken, a
 * single part shows whether the others are worth it, another one each time.
 * @throws {PlexsyncError} What failed is no refusal, or a refused rating
 */
export async function sendEdit(
  item: Item,
  edit: Edit,
  { target, turn }: { target: Sending; turn: PartsTurn },
): Promise<Sent> {
  try {
    const taken = await target.write(item, edit);
    turn.taken();
    return { taken, refused: null };
  } catch (thrown) {
    const error = await refusalOf(thrown, item, target);
    // A rating is sent last, and by itself.
    if (!isRefused(error) || error.part !== undefined) throw error;
    const nothing = { taken: null, refused: { edit, error, isUntried: false } };
    const parts = turn.order(partsOf(edit));
    if (parts.length === 1) return nothing;
    const fitted: Fitted[] = [];
    const refused: FieldName[] = [];
    for (const part of parts) {
      try {
        fitted.push(await target.write(item, part));
        turn.taken();
      } catch (again) {
        const failure = await refusalOf(again, item, target);
        // A rating is the last part, and judged by those of others.
        const isRating = failure.part === "rating" && refused.length === 0 && fitted.length > 0;
        if (!isRefused(failure) || isRating) throw failure;
        // Another edit may have come to nothing meanwhile, which says nothing of this one.
        const isVain = turn.isVain && fitted.length === 0;
        if (isVain) return { taken: null, refused: { edit, error, isUntried: true } };
        refused.push(...editedFields(part));
      }
    }
    if (fitted.length === 0) {
      turn.refused();
      return nothing;
    }
    const omitted = fitted.flatMap((part) => part.omitted);
    if (refused.length === 0) return { taken: { edit, omitted }, refused: null };
    const { type, message, status, hint, retryAfterMs, cause } = error;
    const text = `${message} to its ${refused.join(", ")}, and took all else`;
    const details = { status, hint, retryAfterMs, cause, fields: refused };
    return {
      taken: { edit: withoutFields(edit, refused)!, omitted },
      refused: { edit, error: new PlexsyncError(type, text, details), isUntried: false },
    };
  }
}

/**
 * A failure; of an item that is said not to be there, and is, the refusal that it was. Its number may be
 * another film's by then: that one is not written to.
 */
async function refusalOf(
  thrown: unknown,
  { id, files }: Item,
  target: Sending,
): Promise<PlexsyncError> {
  const error = asPlexsyncError(thrown);
  if (!isNotFound(error)) return error;
  const shown = (await target.read([id])).get(id);
  if (shown === undefined || isAnother(files, shown.files)) return error;
  return asRefusal(error, target.title);
}
