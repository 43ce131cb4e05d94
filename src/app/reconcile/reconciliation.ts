import { DAY_MS } from "../../core/time/duration.ts";
import { UserError } from "../../core/failures/errors.ts";
import type { QueuedClass } from "../../core/reconcile/reconcile_classes.ts";
import type { Runtime } from "../../core/runtime.ts";
import {
  emptyReport,
  type ReconcileReport,
  type ReconcileScope,
} from "../../core/reconcile/reconcile_report.ts";
import { type BulkScope, scenesOf } from "../../intake/bulk.ts";
import type { StashClient } from "../../stash/client.ts";
import type { ReconcileRun, RunOrigin } from "../../store/queue/reconcile_runs.ts";
import type { Store } from "../../store/store.ts";
import type { WorkContext } from "../../worker/context.ts";
import type { LongWork } from "../queue/enqueue.ts";
import { isFullSyncAgreed } from "../queue/full_sync.ts";
import type { Installation } from "../installation.ts";
import { lockHolder } from "../data/lock.ts";
import { connect } from "../connections/servers.ts";
import { reconcileBatch } from "./reconcile_batch.ts";
import { OrphanSearch } from "./reconcile_orphans.ts";

export interface ReconcileRequest {
  scope: ReconcileScope;
  /** Whether scenes that Plex does not have are queued. */
  missing: boolean;
  /** Only look: nothing is queued. */
  dryRun: boolean;
  /** Of what is found only these are queued. */
  only?: readonly QueuedClass[] | undefined;
  origin: RunOrigin;
}

export interface ReconcileParts {
  store: Store;
  /** Of each target that is compared, one after the other. */
  contexts: readonly WorkContext[];
  stash: StashClient;
  runtime: Runtime;
}

/** How a run fits in with what goes on around it. */
export interface ReconcileHooks {
  stop: AbortSignal;
  /** The run stands in the history. */
  begun?: () => void;
  /** Called before each batch of a target; it goes on when this resolves. */
  ready(target: string): Promise<void>;
  /** A batch is through. @param answered The target, if it was asked for items; else null */
  done(scenes: number, total: number | null, answered: string | null): void;
  /** A batch could not be read. @returns true to try it again, as soon as `ready` */
  failed(thrown: unknown, target: string): boolean;
}

const SCENES: Readonly<Record<ReconcileScope, BulkScope>> = {
  all: { kind: "all" },
  "24h": { kind: "recent", windowMs: DAY_MS },
  "7days": { kind: "recent", windowMs: 7 * DAY_MS },
};

/** Far below the silence after which a run counts as killed. */
const BEAT_MS = 30_000;

/**
 * Compares the scenes of a scope with each target, from the first to the last, and queues what
 * differs. Before a full sync was agreed to, it only looks: the run is a dry one.
 * The run stands in the history, however it ends; one that was cut off simply begins anew.
 * @throws {UserError} another run is under way
 * @throws {PlexsyncError} a server did not answer, and `failed` did not want another try
 */
export async function reconcile(
  asked: ReconcileRequest,
  parts: ReconcileParts,
  hooks: ReconcileHooks,
): Promise<ReconcileRun> {
  const { store: { reconcileRuns: runs }, runtime } = parts;
  const request = { ...asked, dryRun: asked.dryRun || !isFullSyncAgreed(parts.store) };
  const report = emptyReport();
  const begun = runs.begin({ ...request, at: runtime.now(), report });
  if ("busy" in begun) throw busyError(begun.busy);
  hooks.begun?.();
  const end = (state: "done" | "failed" | "stopped", error: string | null = null) =>
    runs.end(begun.id, { at: runtime.now(), state, report, error });
  try {
    await walk(begun.id, request, report, parts, hooks);
    end(hooks.stop.aborted ? "stopped" : "done");
  } catch (thrown) {
    // What fails because everything ends is no failure.
    if (hooks.stop.aborted) end("stopped");
    else {
      end("failed", thrown instanceof Error ? thrown.message : String(thrown));
      throw thrown;
    }
  }
  return runs.get(begun.id);
}

function busyError({ started_at, origin }: ReconcileRun): UserError {
  const who = origin === "schedule" ? "The daemon's reconciliation" : "Another reconciliation";
  return new UserError(
    `${who} is under way since ${new Date(started_at).toISOString()}`,
    "failed",
    "Wait until it is through: plexsync reconcile history",
  );
}

async function walk(
  id: number,
  request: ReconcileRequest,
  report: ReconcileReport,
  parts: ReconcileParts,
  hooks: ReconcileHooks,
): Promise<void> {
  const { store, contexts, stash, runtime } = parts;
  let run: number | undefined;
  const runId = () =>
    run ??= store.jobs.runs.begin("reconcile", runtime.now(), `reconcile --scope ${request.scope}`);
  let beatAt = runtime.now();
  /** One step of the run, again and again while its failure may pass. */
  const step = async <T>({ target }: WorkContext, work: () => Promise<T>): Promise<T | null> => {
    for (;;) {
      await hooks.ready(target.id);
      if (hooks.stop.aborted) return null;
      try {
        return await work();
      } catch (thrown) {
        if (hooks.stop.aborted || !hooks.failed(thrown, target.id)) throw thrown;
      } finally {
        if (runtime.now() - beatAt >= BEAT_MS) {
          beatAt = runtime.now();
          store.reconcileRuns.beat(id, report, beatAt);
        }
      }
    }
  };
  const orphaned = emptyReport().classes.orphaned;
  for (const context of contexts) {
    const { settings: { batchSize }, target } = context;
    const batchParts = { ...request, store, context, runId, several: contexts.length > 1 };
    const orphans = request.scope === "all" ? new OrphanSearch(context, store, orphaned) : null;
    for await (const { ids, total } of scenesOf(SCENES[request.scope], stash, runtime)) {
      for (let at = 0; at < ids.length; at += batchSize) {
        const batch = ids.slice(at, at + batchSize);
        const answered = await step(context, () => reconcileBatch(batch, report, batchParts));
        if (answered === null) return;
        const all = total === null ? null : total * contexts.length;
        hooks.done(report.scenes, all, answered ? target.id : null);
      }
      if (orphans !== null) await step(context, () => orphans.met(ids));
      if (hooks.stop.aborted) return;
    }
    if (orphans !== null) await step(context, () => orphans.end());
    if (hooks.stop.aborted) return;
  }
  if (request.scope !== "all") return;
  report.orphans_looked_for = true;
  report.classes.orphaned = orphaned;
}

/**
 * One reconciliation that somebody asked for, beside the daemon's own.
 * @throws {UserError} another run is under way
 * @throws {PlexsyncError} a server did not answer
 */
export async function reconcileNow(
  request: Omit<ReconcileRequest, "origin">,
  installation: Installation,
  { progress, stop = new AbortController().signal, begun = () => {} }:
    & LongWork
    & Pick<ReconcileHooks, "begun">,
): Promise<ReconcileRun> {
  const { store, files, runtime } = installation;
  // Without a daemon, a scheduled run that is under way is one that was killed.
  if (lockHolder(files.lock) === null) store.reconcileRuns.stopScheduled();
  return await reconcile(
    { ...request, origin: "command" },
    { store, runtime, ...connect(installation, stop) },
    { stop, begun, ready: () => Promise.resolve(), done: progress, failed: () => false },
  );
}

/** The last runs, newest first. */
export function reconcileHistory({ store }: Pick<Installation, "store">): ReconcileRun[] {
  return store.reconcileRuns.recent();
}
