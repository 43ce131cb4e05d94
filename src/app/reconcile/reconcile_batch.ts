import type { QueuedClass, ReconcileClass } from "../../core/reconcile/reconcile_classes.ts";
import {
  judge,
  type Sight,
  type SkipReason,
  type Standing,
  type Verdict,
  worstOf,
} from "../../core/reconcile/reconcile_verdict.ts";
import { countVerdict, type ReconcileReport } from "../../core/reconcile/reconcile_report.ts";
import type { Store } from "../../store/store.ts";
import type { WorkContext } from "../../worker/context.ts";
import { gather } from "../../worker/batch/gather.ts";
import type { Gathered, Ready } from "../../worker/batch/gathered.ts";
import { strayedImages } from "../../worker/images/image_sights.ts";
import { planOf } from "../../worker/batch/prepare.ts";
import { leaversOf, noteSpared } from "../../worker/batch/spared.ts";

export interface BatchParts {
  store: Store;
  context: WorkContext;
  /** Whether scenes that Plex does not have are queued. */
  missing: boolean;
  dryRun: boolean;
  /** The run that what is queued belongs to. */
  runId: () => number;
  /** Of what is found only these are queued. */
  only?: readonly QueuedClass[] | undefined;
  /** There are more targets: what is told of a scene names this one. */
  several: boolean;
}

/**
 * Compares some scenes with a target, queues those that have to be, and counts all of them: one
 * request to Stash, one to the target, and one for each image whose mark there is another than
 * it was.
 * @param sceneIds At most 100
 * @returns true when the target was asked for items and answered
 * @throws {PlexsyncError} a server did not answer: nothing was counted or queued
 */
export async function reconcileBatch(
  sceneIds: readonly string[],
  report: ReconcileReport,
  { store, context, missing, dryRun, only, several, runId }: BatchParts,
): Promise<boolean> {
  const { settings, runtime, target } = context;
  // With skip_not_found a scene without an item would look like one that cannot be compared.
  const gathered = await gather(sceneIds, {
    ...context,
    settings: { ...settings, skipNotFound: false },
  });
  const standings = readStandings(sceneIds, target.id, store);
  const rules = { missing, skipNotFound: settings.skipNotFound };
  const verdicts = [];
  for (const id of sceneIds) {
    const found = gathered.get(id)!;
    const sights = (await sightsOf(found, context)).map((sight) => ({
      sight,
      verdict: wanted(judge(sight, standings.get(id)!, rules), only),
    }));
    verdicts.push({ id, found, ...worstOf(sights) });
  }
  const queued = verdicts.filter(({ verdict }) => verdict.queue).map(({ id }) => id);
  if (queued.length > 0 && !dryRun) {
    store.jobs.enqueue(queued, "reconcile", runtime.now(), {
      runId: runId(),
      targets: [target.id],
    });
  }
  for (const { id, found, sight, verdict } of verdicts) {
    countVerdict(report, verdict, {
      ...(several ? { target: target.id } : {}),
      scene_id: id,
      rating_key: sight.kind === "item" ? sight.item.id : null,
      title: sight.kind === "item" ? sight.scene.title || sight.item.values.title[0] || "" : null,
      path: found.kind === "failed" ? found.error.path ?? null : null,
    });
  }
  return verdicts.some(({ found }) => found.kind === "ready");
}

/** What is queued as a class that was not asked for is only counted. */
function wanted(verdict: Verdict, only: readonly ReconcileClass[] | undefined): Verdict {
  const isUnwanted = verdict.queue && only !== undefined && !only.includes(verdict.class);
  return isUnwanted ? { ...verdict, queue: false, why: "not asked for" } : verdict;
}

/** One for each item of the scene, else one. */
async function sightsOf(found: Gathered, context: WorkContext): Promise<Sight[]> {
  const left = await sightsOn(found.left?.items ?? [], context);
  if (found.kind === "ready") {
    return [
      ...await sightsOn(found.items, context),
      ...found.unread.map(({ error }): Sight => ({
        kind: "skipped",
        reason: error.type === "SharedItem" ? "shared with another scene" : "could not be read",
      })),
      ...left,
    ];
  }
  if (found.kind === "failed" && found.error.type === "PlexNotFound") {
    return [{ kind: "missing" }, ...left];
  }
  return [{ kind: "skipped", reason: reasonOf(found) }, ...left];
}

async function sightsOn(items: readonly Ready[], context: WorkContext): Promise<Sight[]> {
  const sights: Sight[] = [];
  await noteSpared(leaversOf(items, context), context);
  for (const ready of items) {
    const { scene, item, memory } = ready;
    const plan = planOf(ready, context);
    const images = await strayedImages(ready, context);
    sights.push({
      kind: "item",
      scene,
      item,
      memory,
      plan: {
        ...plan,
        changes: [...plan.changes, ...images.changes],
        kept: [...plan.kept, ...images.kept],
        undone: [...plan.undone, ...images.undone],
      },
    });
  }
  return sights;
}

function reasonOf(found: Exclude<Gathered, { kind: "ready" }>): SkipReason {
  if (found.kind === "gone") return "gone from Stash";
  if (found.kind === "skipped") return found.reason;
  if (found.error.type === "AmbiguousMatch") return "ambiguous";
  if (found.error.type === "SharedItem") return "shared with another scene";
  return found.error.type === "PermanentError" ? "no file" : "could not be read";
}

function readStandings(
  sceneIds: readonly string[],
  target: string,
  store: Store,
): Map<string, Standing> {
  const filter = { sceneIds, targets: [target] };
  const jobs = store.queue.list(sceneIds.length, filter);
  const job = new Map(jobs.map(({ scene_id, state }) => [scene_id, state]));
  const letters = store.deadLetters.recent(sceneIds.length, filter);
  const dead = new Map(letters.map(({ scene_id, error_type }) => [scene_id, error_type]));
  return new Map(
    sceneIds.map((id) => [id, { job: job.get(id) ?? null, dead: dead.get(id) ?? null }]),
  );
}
