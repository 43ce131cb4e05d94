import type { Job } from "../../core/jobs/job.ts";
import type { SeenField } from "../../core/journal/journal.ts";
import { memoryAfterUndo } from "../../core/sync/remember.ts";
import { heldAfter } from "../../core/journal/undo.ts";
import { transaction } from "../../store/database/database.ts";
import type { UndoRequest, UndoResult } from "../../store/journal/undo_requests.ts";
import type { WorkContext } from "../context.ts";
import { persist } from "../persist.ts";
import type { Undoing } from "./undo_write.ts";

/** How an attempt at a request ended. */
export type UndoEnd =
  | { kind: "again"; at: number; isPaid: boolean }
  /**
   * @property undoing null where nothing could be planned
   * @property isLost The item is not there any more
   */
  | {
    kind: "ended";
    result: UndoResult;
    undoing: Undoing | null;
    seen?: readonly SeenField[];
    isLost?: boolean;
  };

/** What is needed of the surroundings. */
interface Settling extends Pick<WorkContext, "store"> {
  target: Pick<WorkContext["target"], "id">;
  runtime: Pick<WorkContext["runtime"], "now">;
}

/**
 * Ends requests in one transaction: what was taken back is ours no longer and held, the journal
 * knows what stands, and the jobs go on as they were. A lease that was lost settles nothing.
 */
export async function settleUndos(
  taken: readonly { request: UndoRequest; job: Job }[],
  ends: ReadonlyMap<number, UndoEnd>,
  context: WorkContext,
  stop: AbortSignal,
): Promise<void> {
  const { runtime, log } = context;
  const settle = () => settleTaken(taken, ends, context);
  await persist("settle undo requests", settle, undefined, { runtime, log, stop });
  for (const { request } of taken) {
    const end = ends.get(request.id);
    if (end?.kind === "ended") say(request, end.result, context);
  }
}

/** The same in the database alone. */
export function settleTaken(
  taken: readonly { request: UndoRequest; job: Job }[],
  ends: ReadonlyMap<number, UndoEnd>,
  context: Settling,
): void {
  const { store, target, runtime } = context;
  const { undos } = store.of(target.id);
  const now = runtime.now();
  transaction(store.database, () => {
    const jobs = new Map<number, Job>();
    for (const { request, job } of taken) {
      if (!undos.holds(job)) continue;
      jobs.set(job.id, job);
      const end = ends.get(request.id) ?? { kind: "again", at: now, isPaid: false };
      if (end.kind === "again") undos.retry(request.id, end.at, end.isPaid);
      else settleOne(request, job, end, context);
    }
    for (const job of jobs.values()) undos.release(job, now);
  });
}

function settleOne(
  request: UndoRequest,
  job: Job,
  { undoing, result, seen = [], isLost = false }: Extract<UndoEnd, { kind: "ended" }>,
  { store, target, runtime }: Settling,
): void {
  const now = runtime.now();
  const { undos, journal, holds, written } = store.of(target.id);
  undos.end(request.id, result, now);
  store.outcomes.add({
    job_id: job.id,
    scene_id: request.scene_id,
    target: target.id,
    run_id: request.run_id,
    at: now,
    outcome: "undone",
    error_type: null,
    error_message: result.error,
    duration_ms: 0,
    confidence: null,
    items: JSON.stringify([request.item]),
    changed_fields: JSON.stringify(result.restored),
    left_out: JSON.stringify(result.left.map(({ field, why }) => `${field}: ${why}`)),
  });
  if (isLost) undos.lose(request.item, now);
  if (undoing === null) return;
  const { plan, failed, after } = undoing;
  const fields = plan.fields.filter(({ field }) => !failed.includes(field));
  journal.seen(seen);
  journal.undone(fields, request.run_id);
  if (request.scope.kind === "run") {
    journal.redone(request.item, fields.map(({ field }) => field), request.scope.run);
  }
  holds.change(after, request.scene_id, heldAfter(holds.of(after), fields), now);
  for (const memory of written.onItems([request.item]).get(request.item) ?? []) {
    written.put(memoryAfterUndo(memory, fields, after));
  }
}

function say(request: UndoRequest, result: UndoResult, { store, log }: WorkContext): void {
  const { scene_id, item } = request;
  const done = store.jobs.runs.kindOf(request.run_id) === "redo" ? "put again" : "taken back";
  const left = result.left.map(({ field, why }) => `${field} (${why})`);
  const said = { event: "undone", scene_id, rating_key: item, said: ["scene_id", "rating_key"] };
  if (result.error !== null) {
    log.warning(`Scene ${scene_id}: nothing was ${done}: ${result.error}`, said);
    return;
  }
  const { restored, locks } = result;
  const what = [...restored, ...locks.map((field) => `the lock of ${field}`)];
  const back = what.length === 0 ? "nothing" : what.join(", ");
  const rest = left.length === 0 ? "" : `; left: ${left.join(", ")}`;
  log.info(`Scene ${scene_id}: ${done} on item ${item}: ${back}${rest}`, said);
}
