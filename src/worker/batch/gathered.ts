import type { PlexsyncError } from "../../core/failures/errors.ts";
import type { Holds } from "../../core/journal/holds.ts";
import type { UndoRow } from "../../core/journal/undo_scope.ts";
import type { Confidence } from "../../core/match/match.ts";
import type { SkipReason } from "../../core/reconcile/reconcile_verdict.ts";
import type { Item } from "../../core/sync/item.ts";
import type { MatchMemory, Memory } from "../../core/sync/memory.ts";
import type { Scene, SceneFile } from "../../core/sync/scene.ts";

/** All that a scene's plan is made from, or why there can be none; and what it has left behind. */
export type Gathered = Found & {
  left?: Left;
  /** Items that it was found on or written to: whoever else writes there makes this outdated. */
  touched?: readonly string[];
};

type Found =
  /** The scene with each of its items, the best first; one at least. */
  | {
    kind: "ready";
    scene: Scene;
    items: readonly Ready[];
    unread: readonly Unread[];
    /** Other scenes with the same right to one of the unread. */
    sharers: readonly string[];
  }
  | { kind: "skipped"; reason: SkipReason }
  | { kind: "gone" }
  | {
    kind: "failed";
    error: PlexsyncError;
    /** It is not known whose fault it is: no other could be read either. */
    isUnproven?: boolean;
    /** A library may have its item that cannot be read now: it waits and pays nothing. */
    isUnread?: boolean;
    files: readonly SceneFile[];
    /** Other scenes with the same right to the item. */
    sharers?: readonly string[];
    /** Its items, of which none could be read. */
    unread?: readonly Unread[];
  };

/** Items that were written for a scene and are not its own any more. */
export interface Left {
  /** Those on which what was written has to be taken back. */
  items: readonly Ready[];
  /** Scenes that own the others now, or that have what was remembered under the scene's id. */
  heirs: readonly string[];
}

/** One of a scene's items that could not be read, for its own fault, or must not be written. */
export interface Unread {
  item: string;
  path: string;
  /** The same for people, with why it is the scene's. */
  text: string;
  error: PlexsyncError;
  isUnproven: boolean;
}

/** A scene with one of its items. */
export interface Ready {
  scene: Scene;
  item: Item;
  /** null for an item that is not the scene's any more. */
  confidence: Confidence | null;
  /** What was written to this very item, for the scene or for those that had it before. */
  memory: Memory | null;
  /** What was undone on the item, and stays so. */
  holds: Holds;
  /** How the item was found, to be remembered with what is written; null as `confidence`. */
  match: MatchMemory | null;
  /** Of an item that is not the scene's any more: what the journal has of it, the oldest first. */
  rows?: readonly UndoRow[];
  /** Collections that it has to stay in, as the item shows them: `noteSpared` tells. */
  spared?: readonly string[];
}

/** Whether the item is not the scene's any more, so that what was written there is taken back. */
export function isLost({ match }: Ready): boolean {
  return match === null;
}

/** All items of a scene that are to be written to. */
export function readyIn(found: Gathered): Ready[] {
  return [...found.left?.items ?? [], ...found.kind === "ready" ? found.items : []];
}
