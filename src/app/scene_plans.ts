import { COURSE } from "../core/course.ts";
import { asPlexsyncError, type PlexsyncError } from "../core/errors.ts";
import type { Evidence } from "../core/match.ts";
import type { Change } from "../core/plan.ts";
import { type BulkScope, scenesOf } from "../intake/bulk.ts";
import type { Omission } from "../core/ways.ts";
import type { StashClient } from "../stash/client.ts";
import type { WorkContext } from "../worker/context.ts";
import { gather, type Gathered, type Ready } from "../worker/gather.ts";
import { planImages } from "../worker/image_plan.ts";
import { planOf } from "../worker/write.ts";
import type { Installation } from "./installation.ts";
import { connect } from "./servers.ts";

/**
 * What a sync would do to one scene, on one of its items. Names are stable: `plan --json` prints
 * them.
 */
export interface ScenePlan {
  /** Key of the target, where there are several. */
  target?: string;
  scene_id: string;
  outcome: "change" | "equal" | "skipped" | "gone" | "waiting" | "dead" | "failed";
  rating_key: string | null;
  title: string;
  confidence: "high" | "low" | null;
  /** The item's file by which it was found, and what that proves. */
  path: string | null;
  evidence: Evidence | null;
  changes: Change[];
  /** Fields that `preserve_plex_edits` keeps as they are. */
  kept: string[];
  /** Fields that were undone, and are left so. */
  undone: string[];
  /** What of the scene is not written, or not in full, and why. */
  left_out: string[];
  error_type: string | null;
  reason: string | null;
  hint: string | null;
}

/**
 * What a sync would change, batch by batch, without writing: all plans of a scene come together.
 * @throws {PlexsyncError} a server did not answer
 */
export async function* planScenes(
  scope: BulkScope,
  installation: Installation,
): AsyncGenerator<{ plans: ScenePlan[]; total: number | null }> {
  yield* planFor(scope, { ...connect(installation), ...installation });
}

/** What is planned for, and with what. */
export interface PlanParts extends Pick<Installation, "config" | "runtime"> {
  contexts: readonly WorkContext[];
  stash: StashClient;
}

/** As `planScenes`, with servers that are connected: the plans of a scene for all targets. */
export async function* planFor(
  scope: BulkScope,
  { contexts, stash, config: { batchSize }, runtime }: PlanParts,
): AsyncGenerator<{ plans: ScenePlan[]; total: number | null }> {
  for await (const { ids, total } of scenesOf(scope, stash, runtime)) {
    for (let at = 0; at < ids.length; at += batchSize) {
      const batch = ids.slice(at, at + batchSize);
      const plans: ScenePlan[] = [];
      for (const context of contexts) {
        const found = await planBatch(batch, context);
        const target = contexts.length > 1 ? { target: context.target.id } : {};
        plans.push(...found.map((plan) => ({ ...target, ...plan })));
      }
      yield { plans, total };
    }
  }
}

/** All plans of some scenes, for one target. */
export async function planBatch(ids: string[], context: WorkContext): Promise<ScenePlan[]> {
  const gathered = await gather(ids, context);
  const plans: ScenePlan[] = [];
  for (const id of ids) {
    const found = gathered.get(id)!;
    for (const ready of found.left?.items ?? []) plans.push(planTakingBack(ready, context));
    if (found.kind !== "ready") plans.push(unplanned(id, found));
    else {
      for (const ready of found.items) plans.push(await planItem(ready, context));
      for (const { item, error } of found.unread) {
        plans.push({ ...emptyPlan(id), rating_key: item, ...failure(error) });
      }
    }
  }
  return plans;
}

function emptyPlan(sceneId: string): ScenePlan {
  return {
    scene_id: sceneId,
    outcome: "equal",
    rating_key: null,
    title: "",
    confidence: null,
    path: null,
    evidence: null,
    changes: [],
    kept: [],
    undone: [],
    left_out: [],
    error_type: null,
    reason: null,
    hint: null,
  };
}

function unplanned(id: string, found: Exclude<Gathered, { kind: "ready" }>): ScenePlan {
  const plan = emptyPlan(id);
  if (found.kind === "gone") return { ...plan, outcome: "gone", reason: "deleted in Stash" };
  if (found.kind === "skipped") return { ...plan, outcome: "skipped", reason: found.reason };
  return { ...plan, ...failure(found.error) };
}

/** An item that is not the scene's any more. */
function planTakingBack(ready: Ready, context: WorkContext): ScenePlan {
  const { changes, omitted } = planOf(ready, context);
  return {
    ...emptyPlan(ready.scene.id),
    rating_key: ready.item.id,
    title: ready.scene.title,
    outcome: changes.length > 0 ? "change" : "equal",
    changes,
    left_out: omitted.map(({ field, text }) => `${field}: ${text}`),
    reason: "the item is not the scene's any more: what was written there for it is taken back",
  };
}

async function planItem(ready: Ready, context: WorkContext): Promise<ScenePlan> {
  const { scene, item, memory, holds, confidence } = ready;
  const plan = emptyPlan(scene.id);
  const planned = planOf(ready, context);
  const { path = null, evidence = null } = ready.match ?? {};
  const facts = {
    rating_key: item.id,
    title: scene.title,
    confidence,
    path,
    evidence,
    kept: planned.kept,
    undone: planned.undone,
  };
  const omitted = (all: readonly Omission[]) => all.map(({ field, text }) => `${field}: ${text}`);
  const outcomeOf = (changes: readonly Change[]) => changes.length > 0 ? "change" : "equal";
  try {
    const images = await planImages(scene, item, memory, context, holds);
    const changes: Change[] = [
      ...planned.changes,
      ...images.steps.map(({ field }) => ({ field, from: "", to: "the scene's cover" })),
    ];
    return {
      ...plan,
      ...facts,
      outcome: outcomeOf(changes),
      changes,
      kept: [...planned.kept, ...images.kept],
      undone: [...planned.undone, ...images.undone.map(({ field }) => field)],
      left_out: omitted([...planned.omitted, ...images.omitted]),
    };
  } catch (thrown) {
    // The cover alone fails: all else is written.
    const failed = failure(asPlexsyncError(thrown));
    const { changes } = planned;
    const outcome = changes.length > 0 ? "change" : failed.outcome!;
    const left_out = [...omitted(planned.omitted), `cover: ${failed.reason}`];
    return { ...plan, ...facts, ...failed, outcome, changes, left_out };
  }
}

function failure(error: PlexsyncError): Partial<ScenePlan> {
  const outcome = error.type === "PlexNotFound"
    ? "waiting"
    : COURSE[error.type] === "dead"
    ? "dead"
    : "failed";
  return { outcome, error_type: error.type, reason: error.message, hint: error.hint };
}
