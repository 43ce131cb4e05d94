import { isSameItem } from "../../core/match/identity.ts";
import { pathKey } from "../../core/match/path.ts";
import type { Memory } from "../../core/sync/memory.ts";
import type { WorkContext } from "../context.ts";
import { type Decision, isOf, type MatchedScene, type Matcher, sharedIn } from "./matcher.ts";

/** An item that was written for a scene and is not the scene's any more. */
export interface LostItem {
  /** What was written there for the scene. */
  memory: Memory;
  /**
   * Scenes that own it now, and change or take away with their next sync what stands there. Without
   * any it has to be taken back for the scene itself.
   */
  heirs: readonly string[];
}

/**
 * What was written for a scene to items that are not its own any more.
 * @param decision What the scene's items are now
 * @param isLastLook The wait for its own file is over
 */
export function lostItems(
  scene: MatchedScene,
  decision: Decision,
  matcher: Matcher,
  isLastLook: boolean,
  context: Pick<WorkContext, "store" | "target">,
): LostItem[] {
  if (decision.kind === "unsettled") return [];
  return matcher.memoriesOf(scene.id)
    .filter((memory) => isOf(memory, scene.files))
    .filter((memory) => isLost(memory, decision, isLastLook, matcher))
    .map((memory) => ({
      memory,
      heirs: matcher.owners(memory.item, scene.id).filter((id) => willSync(id, context)),
    }));
}

function isLost(
  { item, match }: Memory,
  decision: Decision,
  isLastLook: boolean,
  matcher: Pick<Matcher, "filesOf">,
): boolean {
  if (decision.kind === "items" && decision.items.some((own) => own.item === item)) return false;
  // What the first wrote stays.
  if (sharedIn(decision).some((shared) => shared.item.item === item)) return false;
  const rows = matcher.filesOf(item);
  // It is not there, or in a library that is not synced, or its id is another film's by now.
  if (!isSameItem(match!, rows)) return false;
  if (decision.kind === "items") return true;
  const candidates = decision.candidates.filter((each) => each.item === item);
  if (candidates.some(({ evidence }) => evidence !== null)) return false;
  if (decision.isPinned || isLastLook) return true;
  // Nothing better was found, so that it may be the scene's yet: its file was changed, and the
  // target or Stash is late; or the rules for paths are wrong for a while.
  const holds = rows.some(({ path }) => pathKey(path) === pathKey(match!.path));
  return !holds || (candidates.length > 0 && candidates.every(({ contradicted }) => contradicted));
}

/** Whether the scene is queued, or was synced the last time: then it looks after its items. */
function willSync(
  sceneId: string,
  { store, target }: Pick<WorkContext, "store" | "target">,
): boolean {
  if (store.jobs.get(sceneId, target.id) !== undefined) return true;
  const last = store.outcomes.lastOf(sceneId, target.id);
  // Outcomes are kept for a time, what was written for ever.
  if (last === undefined) return store.of(target.id).written.ofScene(sceneId).length > 0;
  return last === "written" || last === "unchanged";
}
