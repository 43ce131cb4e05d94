import { plural } from "../../core/text/wording.ts";
import type { UndoWish } from "../../app/scenes/undo.ts";
import type { Act } from "../terminal/ask_first.ts";

/** How much came back, or would. */
export interface UndoTotals {
  items: number;
  fields: number;
  left: number;
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
  preview: ({ items, fields, left }) =>
    `${plural(items, "item")}: ${plural(fields, "field")} would come back, ${left} left`,
  total: ({ items, fields, left }) =>
    `${plural(fields, "field")} of ${plural(items, "item")} taken back, ${left} left`,
};

const AGAIN: UndoWords = {
  asked: (items) => `What was taken back on ${plural(items, "item")} will be put again`,
  act: "put it again",
  done: "Put again",
  nothing: "There is nothing to put again\n",
  preview: ({ items, fields, left }) =>
    `${plural(items, "item")}: ${plural(fields, "field")} would be put again, ${left} left`,
  total: ({ items, fields, left }) =>
    `${plural(fields, "field")} of ${plural(items, "item")} put again, ${left} left`,
};

const UNLOCK: UndoWords = {
  asked: (items) =>
    `${plural(items, "item")} will be left open to Plex's own agents; no value changes`,
  act: "unlock them",
  done: "Unlocked",
  nothing: "There is nothing to unlock\n",
  preview: ({ items }) =>
    `What plexsync locked on ${plural(items, "item")} would be unlocked; no value changes`,
  total: ({ items }) =>
    `what plexsync locked on ${plural(items, "item")} is unlocked; no value changed`,
};

/** @param isAgain Whether it takes back an undo */
export function wordsOf({ kind }: UndoWish, isAgain: boolean): UndoWords {
  if (kind === "unlock") return UNLOCK;
  return isAgain ? AGAIN : BACK;
}
