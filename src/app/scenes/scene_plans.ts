import { COURSE, serverEvent } from "../../core/jobs/course.ts";
import { asPlexsyncError, type PlexsyncError } from "../../core/failures/errors.ts";
import { NO_HOLDS } from "../../core/journal/holds.ts";
import type { Evidence } from "../../core/match/match.ts";
import { countNames, NO_EDIT } from "../../core/sync/item.ts";
import type { Change, Plan } from "../../core/sync/plan.ts";
import { type BulkScope, scenesOf } from "../../intake/bulk.ts";
import type { Omission } from "../../core/sync/ways.ts";
import type { StashClient } from "../../stash/client.ts";
import type { WorkContext } from "../../worker/context.ts";
import { gather } from "../../worker/batch/gather.ts";
import { type Gathered, type Ready, readyIn } from "../../worker/batch/gathered.ts";
import { planImages } from "../../worker/images/image_plan.ts";
import { assumeImages } from "../../worker/images/image_sights.ts";
import { planOf } from "../../worker/batch/prepare.ts";
import { leaversOf, noteSpared } from "../../worker/batch/spared.ts";
import type { Installation } from "../installation.ts";
import { pinnedTo } from "./pins_now.ts";
import { connect } from "../connections/servers.ts";

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
  /** The item that the owner pinned it to, or `none`; null when it is not pinned. */
  pinned_to: string | null;
  confidence: "high" | "low" | null;
  /** The item's file by which it was found, and what that proves. */
  path: string | null;
  evidence: Evidence | null;
  changes: Change[];
  /** Names of lists that come and go; one that is only spelt anew is neither. */
  names_added: number;
  names_removed: number;
  /** Fields in which something goes that a person set, as far as that can be told. */
  overwritten: string[];
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
 * Only where the scenes are named one by one, the covers of items are looked at that were never
 * written to.
 * @param stop Ends what is under way
 * @throws {PlexsyncError} a server did not answer
 */
export async function* planScenes(
  scope: BulkScope,
  installation: Installation,
  { stop, force }: { stop?: AbortSignal | undefined; force?: boolean | undefined } = {},
): AsyncGenerator<PlanPage> {
  yield* planFor(scope, { ...connect(installation, stop), ...installation, force });
}

/** The plans of some scenes. */
export interface PlanPage {
  plans: ScenePlan[];
  /** How many scenes there are in all; null while it is unknown. */
  total: number | null;
  /** Targets that did not answer, by key, and why. */
  unreached: Readonly<Record<string, string>>;
}

/** What is planned for, and with what. */
export interface PlanParts extends Pick<Installation, "runtime"> {
  config: Pick<Installation["config"], "batchSize">;
  contexts: readonly WorkContext[];
  stash: StashClient;
  /** As a sync that lifts first what an undo holds. */
  force?: boolean | undefined;
}

/**
 * As `planScenes`, with servers that are connected: the plans of a scene for all targets. Of several
 * targets one that does not answer is left out from there on, and named.
 */
export async function* planFor(
  scope: BulkScope,
  { contexts, stash, config: { batchSize }, runtime, force }: PlanParts,
): AsyncGenerator<PlanPage> {
  const unreached: Record<string, string> = {};
  for await (const { ids, total } of scenesOf(scope, stash, runtime)) {
    for (let at = 0; at < ids.length; at += batchSize) {
      const batch = ids.slice(at, at + batchSize);
      const plans: ScenePlan[] = [];
      for (const context of contexts) {
        const { id } = context.target;
        if (id in unreached) continue;
        try {
          const found = await planBatch(batch, context, {
            assumes: scope.kind !== "scenes",
            force,
          });
          const target = contexts.length > 1 ? { target: id } : {};
          plans.push(...found.map((plan) => ({ ...target, ...plan })));
        } catch (thrown) {
          const isLast = Object.keys(unreached).length + 1 === contexts.length;
          if (isLast || serverEvent(thrown, id)?.server !== id) throw thrown;
          unreached[id] = asPlexsyncError(thrown).message;
        }
      }
      yield { plans, total, unreached };
    }
  }
}

/** How it is planned. */
interface PlanWays {
  /** Covers are not looked at for items that were never written to. */
  assumes?: boolean;
  force?: PlanParts["force"];
}

/** All plans of some scenes, for one target. */
export async function planBatch(
  ids: string[],
  context: WorkContext,
  { assumes = false, force = false }: PlanWays = {},
): Promise<ScenePlan[]> {
  const gathered = await gather(ids, context);
  const ready = ids.flatMap((id) => readyIn(gathered.get(id)!));
  await noteSpared(leaversOf(ready, context), context);
  const plans: ScenePlan[] = [];
  for (const id of ids) {
    const found = gathered.get(id)!;
    for (const ready of found.left?.items ?? []) plans.push(planTakingBack(ready, context));
    if (found.kind !== "ready") plans.push(unplanned(id, found));
    else {
      for (const each of found.items) {
        const ready = force ? { ...each, holds: NO_HOLDS } : each;
        plans.push(await planItem(ready, context, assumes));
      }
      for (const { item, error } of found.unread) {
        plans.push({ ...emptyPlan(id), rating_key: item, ...failure(error) });
      }
    }
  }
  const pins = pinnedTo(context.store, context.target.id, ids);
  return plans.map((plan) => ({ ...plan, pinned_to: pins.get(plan.scene_id) ?? null }));
}

function emptyPlan(sceneId: string): ScenePlan {
  return {
    scene_id: sceneId,
    outcome: "equal",
    rating_key: null,
    title: "",
    pinned_to: null,
    confidence: null,
    path: null,
    evidence: null,
    changes: [],
    names_added: 0,
    names_removed: 0,
    overwritten: [],
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
  const planned = planOf(ready, context);
  const { changes, omitted } = planned;
  return {
    ...emptyPlan(ready.scene.id),
    ...namesIn(planned, ready),
    rating_key: ready.item.id,
    title: ready.scene.title,
    outcome: changes.length > 0 ? "change" : "equal",
    changes,
    left_out: textsOf(omitted),
    reason: "the item is not the scene's any more: what was written there for it is taken back",
  };
}

/** The names that an edit brings and takes. */
function namesIn(
  { edit }: Plan,
  { item }: Ready,
): Pick<ScenePlan, "names_added" | "names_removed"> {
  const { added, removed } = countNames(edit ?? NO_EDIT, item);
  return { names_added: added, names_removed: removed };
}

async function planItem(
  ready: Ready,
  context: WorkContext,
  assumes: boolean,
): Promise<ScenePlan> {
  const { scene, item, confidence } = ready;
  const planned = planOf(ready, context);
  const { path = null, evidence = null } = ready.match ?? {};
  const plan = {
    ...emptyPlan(scene.id),
    ...namesIn(planned, ready),
    rating_key: item.id,
    title: scene.title,
    confidence,
    path,
    evidence,
  };
  let images: PlannedImages;
  let failed: Partial<ScenePlan> = {};
  try {
    images = await planImagesOf(ready, context, assumes);
  } catch (thrown) {
    // The cover alone fails: all else is written.
    failed = failure(asPlexsyncError(thrown));
    images = { ...NO_IMAGES, left_out: [`cover: ${failed.reason}`] };
  }
  const changes = [...planned.changes, ...images.changes];
  return {
    ...plan,
    ...failed,
    outcome: changes.length > 0 ? "change" : failed.outcome ?? "equal",
    changes,
    overwritten: [...planned.overwritten, ...images.overwritten],
    kept: [...planned.kept, ...images.kept],
    undone: [...planned.undone, ...images.undone],
    left_out: [...textsOf(planned.omitted), ...images.left_out],
  };
}

type PlannedImages = Pick<
  ScenePlan,
  "changes" | "overwritten" | "kept" | "undone" | "left_out"
>;

const NO_IMAGES: PlannedImages = {
  changes: [],
  overwritten: [],
  kept: [],
  undone: [],
  left_out: [],
};

async function planImagesOf(
  { scene, item, memory, holds }: Ready,
  context: WorkContext,
  assumes: boolean,
): Promise<PlannedImages> {
  if (assumes && memory === null && holds.size === 0) {
    const { fields, kept, overwritten } = assumeImages(scene, item, context);
    const to = "the scene's cover, not looked at yet";
    const changes = fields.map((field) => ({ field, from: "", to }));
    return { ...NO_IMAGES, changes, kept, overwritten };
  }
  const images = await planImages(scene, item, memory, context, holds);
  return {
    changes: images.steps.map(({ field }) => ({ field, from: "", to: "the scene's cover" })),
    overwritten: images.steps.filter((step) => step.overwrites).map(({ field }) => field),
    kept: images.kept,
    undone: images.undone.map(({ field }) => field),
    left_out: textsOf(images.omitted),
  };
}

function textsOf(omitted: readonly Omission[]): string[] {
  return omitted.map(({ field, text }) => `${field}: ${text}`);
}

function failure(error: PlexsyncError): Partial<ScenePlan> {
  const outcome = error.type === "PlexNotFound"
    ? "waiting"
    : COURSE[error.type] === "dead"
    ? "dead"
    : "failed";
  return { outcome, error_type: error.type, reason: error.message, hint: error.hint };
}
