import {
  countLeaving,
  type Leaver,
  leftBy,
  spareLast,
} from "../../core/journal/collection_guard.ts";
import { fieldOf, hasMetadata, keysOf, valueKey } from "../../core/sync/fields.ts";
import type { WorkContext } from "../context.ts";
import { isLost, type Ready } from "./gathered.ts";
import { planOf } from "./prepare.ts";

/** An item that a sync takes out of collections. */
export interface LeavingItem extends Leaver {
  ready: Ready;
}

/**
 * Notes which collections each item has to stay in: a target ends one with its last member, and what
 * somebody made of it ends with it. Asks for the collections that items are about to leave.
 * @throws {PlexsyncError} the target did not tell
 */
export async function noteSpared(
  leavers: readonly LeavingItem[],
  { target }: Pick<WorkContext, "target">,
): Promise<void> {
  if (leavers.length === 0) return;
  const members = new Map<string, Map<string, number>>();
  for (const [section, counts] of countLeaving(leavers)) {
    members.set(section, await target.cherished(section, counts));
  }
  spareLast(leavers, members).forEach((names, at) => {
    leavers[at]!.ready.spared = names;
  });
}

export function leaversOf(ready: readonly Ready[], context: WorkContext): LeavingItem[] {
  return ready.map((each) => ({
    ready: each,
    section: each.item.section,
    names: namesLeft(each, context),
  })).filter(({ names }) => names.length > 0);
}

/** What we did not write, or the scene asks for, an item does not leave: most need no second plan. */
function mayLeave(ready: Ready, { settings }: Pick<WorkContext, "settings">): boolean {
  const { scene, item, memory, holds } = ready;
  const now = item.values.collection;
  if (
    now.length === 0 || memory === null ||
    (memory.fields.collection === undefined && memory.begun.collection === undefined)
  ) return false;
  if (isLost(ready) || !hasMetadata(scene) || holds.has("collection")) return true;
  const wanted = keysOf("names", fieldOf("collection").derive(scene, settings));
  return now.some((name) => !wanted.has(valueKey("names", name)));
}

function namesLeft(ready: Ready, context: WorkContext): string[] {
  try {
    return mayLeave(ready, context) ? leftBy(planOf(ready, context)) : [];
  } catch {
    // A plan that nobody can make is its own job's failure, and is met there.
    return [];
  }
}
