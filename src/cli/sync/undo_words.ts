import { plural } from "../../core/text/wording.ts";
import type { UndoWish } from "../../app/scenes/undo.ts";
import type { Act } from "../terminal/ask_first.ts";

/** How much came back, or would. */
export interface UndoTotals {
  /** All that were meant. */
  items: number;
  /** Those on which something came back. */
  changed: number;
  fields: number;
  /** Of fields whose value stays. */
  locks: number;
  left: number;
  /** Items with which nothing could be done. */
  failed: number;
}

/** What an undo did to one item, as far as it is counted. */
export interface Counted {
  restored: readonly unknown[];
  locks: readonly unknown[];
  left: readonly unknown[];
  error: string | null;
}

export const NO_TOTALS: UndoTotals = {
  items: 0,
  changed: 0,
  fields: 0,
  locks: 0,
  left: 0,
  failed: 0,
};

export function countIn(totals: UndoTotals, { restored, locks, left, error }: Counted): UndoTotals {
  return {
    items: totals.items + 1,
    changed: totals.changed + Number(restored.length + locks.length > 0),
    fields: totals.fields + restored.length,
    locks: totals.locks + locks.length,
    left: totals.left + left.length,
    failed: totals.failed + Number(error !== null),
  };
}

/** How one kind of taking back is told. */
export interface UndoWords {
  asked(items: number): string;
  act: Act;
  /** Before the progress. */
  done: string;
  /** Where nothing is meant. */
  nothing: string;
  /** Of a dry run. */
  preview(totals: UndoTotals): string;
  total(totals: UndoTotals): string;
}

const BACK: UndoWords = {
  asked: (items) => `What plexsync wrote to ${plural(items, "item")} will be taken back`,
  act: "take it back",
  done: "Taken back",
  nothing: "There is nothing to take back\n",
  preview: (totals) => told(totals, "would come back"),
  total: (totals) => told(totals, "taken back"),
};

const AGAIN: UndoWords = {
  asked: (items) => `What was taken back on ${plural(items, "item")} will be put again`,
  act: "put it again",
  done: "Put again",
  nothing: "There is nothing to put again\n",
  preview: (totals) => told(totals, "would be put again"),
  total: (totals) => told(totals, "put again"),
};

const UNLOCK: UndoWords = {
  asked: (items) =>
    `${plural(items, "item")} will be left open to Plex's own agents; no value changes`,
  act: "unlock them",
  done: "Unlocked",
  nothing: "There is nothing to unlock\n",
  preview: (totals) => `${told(totals, "would be opened")}; no value changes`,
  total: (totals) => `${told(totals, "opened")}; no value changed`,
};

/** All that came of it, in one sentence. */
function told({ items, changed, fields, locks, left, failed }: UndoTotals, what: string): string {
  const amounts = [
    ...(fields > 0 ? [plural(fields, "field")] : []),
    ...(locks > 0 ? [plural(locks, "lock")] : []),
  ].join(" and ");
  const rest = [
    ...(left > 0 ? [`, ${left} left`] : []),
    ...(failed > 0 ? [`; nothing can be done with ${plural(failed, "item")}`] : []),
  ].join("");
  if (amounts !== "") return `${amounts} of ${plural(changed, "item")} ${what}${rest}`;
  // Somebody else put it back, or it never came there.
  const isAsItWas = left === 0 && failed < items;
  return `nothing ${what}${isAsItWas ? ": it stands so already" : ""}${rest}`;
}

/** @param isAgain Whether it takes back an undo */
export function wordsOf({ kind }: UndoWish, isAgain: boolean): UndoWords {
  if (kind === "unlock") return UNLOCK;
  return isAgain ? AGAIN : BACK;
}
