import { escapeLine } from "../../core/text/escape.ts";
import { plural } from "../../core/text/wording.ts";
import type { UndoResult } from "../../store/journal/undo_requests.ts";

/** What came of one item. */
export interface ItemResult extends Pick<UndoResult, "left" | "error"> {
  scene_id: string;
  rating_key: string;
}

/** As many items are named one by one for the same reason; of more only some are. */
const NAMED = 5;

/** What was left in Plex and why, in lines: one reason that a whole library shares is one line. */
export function leftText(results: readonly ItemResult[]): string {
  const byReason = new Map<string, ItemResult[]>();
  for (const result of results) {
    for (const reason of reasonsOf(result)) {
      const items = byReason.get(reason);
      if (items === undefined) byReason.set(reason, [result]);
      else items.push(result);
    }
  }
  return [...byReason].flatMap(([reason, items]) => linesOf(reason, items))
    .map((line) => `${escapeLine(line)}\n`).join("");
}

function reasonsOf({ left, error }: ItemResult): string[] {
  return error !== null ? [error] : left.map(({ field, why }) => `${field} left: ${why}`);
}

function linesOf(reason: string, items: readonly ItemResult[]): string[] {
  if (items.length <= NAMED) {
    return items.map((item) => `Scene ${item.scene_id}, item ${item.rating_key}: ${reason}`);
  }
  const some = items.slice(0, NAMED).map(({ scene_id }) => scene_id).join(", ");
  return [`${plural(items.length, "item")}: ${reason} (scenes ${some}, …; --json names all)`];
}
