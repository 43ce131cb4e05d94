import type { HookAction } from "../core/jobs/hook.ts";
import { transaction } from "../store/database/database.ts";
import type { Store } from "../store/store.ts";

/** What a hook leaves behind. */
export type HookStore = Pick<Store, "database" | "jobs" | "fanouts">;

/**
 * Keeps what follows from a hook, all or nothing: on return it outlives a power cut. Nothing is
 * asked of anybody; the scenes of a renamed performer, studio or tag are found by the daemon.
 * @param now Epoch ms
 */
export function takeHook(action: HookAction, store: HookStore, now: number): void {
  if (action.kind === "nothing") return;
  transaction(store.database, () => {
    if (action.kind === "scenes") store.jobs.enqueueInTransaction(action.ids, "hook", now);
    else for (const { gone, ...entity } of action.entities) store.fanouts.add(entity, gone, now);
  });
}
