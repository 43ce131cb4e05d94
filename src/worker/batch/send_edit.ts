import { isRefused } from "../../core/jobs/doubt.ts";
import { asPlexsyncError, PlexsyncError } from "../../core/failures/errors.ts";
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
  { target, turn }: { target: Pick<Target, "write">; turn: PartsTurn },
): Promise<Sent> {
  try {
    const taken = await target.write(item, edit);
    turn.taken();
    return { taken, refused: null };
  } catch (thrown) {
    const error = asPlexsyncError(thrown);
    // A rating is sent last, and by itself.
    if (!isRefused(error) || error.part !== undefined) throw thrown;
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
        const failure = asPlexsyncError(again);
        // A rating is the last part, and judged by those of others.
        const isRating = failure.part === "rating" && refused.length === 0 && fitted.length > 0;
        if (!isRefused(failure) || isRating) throw again;
        if (turn.isVain) return { taken: null, refused: { edit, error, isUntried: true } };
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
