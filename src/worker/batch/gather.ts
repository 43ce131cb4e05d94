import { PlexsyncError } from "../../core/failures/errors.ts";
import { hasMetadata } from "../../core/sync/fields.ts";
import { holdsOurs } from "../../core/sync/memory.ts";
import { leftOutBy } from "../../core/sync/selection.ts";
import type { Scene } from "../../core/sync/scene.ts";
import type { WorkContext } from "../context.ts";
import type { Gathered } from "./gathered.ts";
import { passOn } from "../match/heirs.ts";
import { isOf } from "../match/matcher.ts";
import { Search } from "../match/search.ts";
import { readScenes } from "./shared_read.ts";

export interface GatherOptions {
  /** Scenes for which the wait is over: they are found now or given up. */
  lastLook?: ReadonlySet<string>;
}

/**
 * Reads everything that a batch of scenes needs: one request to Stash for all scenes,
 * one to Plex for all matched items, the index in between without any.
 * @throws {PlexsyncError} a server did not answer: the whole batch has to come back
 */
export async function gather(
  sceneIds: readonly string[],
  context: WorkContext,
  options: GatherOptions = {},
): Promise<Map<string, Gathered>> {
  const result = new Map<string, Gathered>();
  const { found: scenes, failed, isProven } = await readScenes(sceneIds, context);
  const read = sceneIds.filter((id) => !failed.has(id));
  const heirs = passOn(new Map(read.map((id) => [id, scenes.get(id)?.files ?? []])), context);
  const fit = new Map<string, Scene>();
  for (const id of sceneIds) {
    const scene = scenes.get(id);
    const early: Gathered | null = failed.has(id)
      ? badScene(failed.get(id)!, !isProven)
      : scene === undefined
      ? { kind: "gone" as const }
      : unfit(scene, context);
    if (early !== null) result.set(id, early);
    // What was written for an earlier state of it is taken back; there is nothing else to do.
    else if (hasMetadata(scene!) || isWritten(scene!, context)) fit.set(id, scene!);
    else result.set(id, { kind: "skipped", reason: "no metadata" });
  }
  if (fit.size > 0) await new Search(fit, context, options.lastLook ?? new Set()).run(result);
  for (const [id, ids] of heirs) {
    const found = result.get(id)!;
    const { items, heirs } = found.left ?? { items: [], heirs: [] };
    result.set(id, { ...found, left: { items, heirs: [...new Set([...heirs, ...ids])] } });
  }
  return result;
}

/** Stash answers, only not for this scene: its own failure, not an outage. */
function badScene(cause: PlexsyncError, isUnproven: boolean): Gathered {
  const error = new PlexsyncError("TransientError", cause.message, {
    cause,
    hint: "Retried by itself; if it persists, open the scene in Stash and look into Stash's log",
  });
  return { kind: "failed", error, files: [], isUnproven };
}

/** Why a scene cannot be synced whatever Plex has, or null when it can. */
function unfit(scene: Scene, context: WorkContext): Gathered | null {
  const leftOut = leftOutBy(scene, context.settings);
  if (leftOut !== null) return { kind: "skipped", reason: leftOut };
  if (scene.files.length === 0) {
    const error = new PlexsyncError("PermanentError", `Scene ${scene.id} has no file`, {
      hint: "Give the scene a file in Stash; Plex knows items by their files",
    });
    return { kind: "failed", error, files: [] };
  }
  return null;
}

function isWritten({ id, files }: Scene, { store, target }: WorkContext): boolean {
  return store.of(target.id).written.ofScene(id).some((memory) =>
    isOf(memory, files) && holdsOurs(memory)
  );
}
