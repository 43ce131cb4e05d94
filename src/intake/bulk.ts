import { HOUR_MS } from "../core/time/duration.ts";
import type { Runtime } from "../core/runtime.ts";
import { instantOf, SAFE_OVERLAP_MS, watermarkOfAnyZone } from "../stash/watermark.ts";
import type { StashClient } from "../stash/client.ts";
import type { Enqueued, Jobs } from "../store/queue/jobs.ts";

/** Which scenes a bulk command means. */
export type BulkScope =
  | { kind: "all" }
  | { kind: "recent"; windowMs: number }
  | { kind: "scenes"; ids: readonly string[] };

// Few columns are asked for, so large pages are cheap; each is one transaction.
const PAGE_SIZE = 1_000;

/** Pages of the scene ids that `scope` means, with how many there are in all where it is known. */
export async function* scenesOf(
  scope: BulkScope,
  stash: StashClient,
  runtime: Runtime,
): AsyncGenerator<{ ids: string[]; total: number | null }> {
  if (scope.kind === "scenes") {
    yield { ids: [...scope.ids], total: scope.ids.length };
  } else if (scope.kind === "all") {
    for await (const page of stash.allSceneIds(PAGE_SIZE)) {
      yield { ids: page.scenes.map((scene) => scene.id), total: page.count };
    }
  } else {
    const since = runtime.now() - scope.windowMs - SAFE_OVERLAP_MS;
    // Text is what Stash compares; which zone it writes in, only the rows themselves tell.
    const pages = stash.scenesUpdatedAfter(watermarkOfAnyZone(since), PAGE_SIZE);
    for await (const scenes of pages) {
      const recent = scenes.filter(({ updatedAt }) => (instantOf(updatedAt) ?? Infinity) >= since);
      yield { ids: recent.map((scene) => scene.id), total: null };
    }
  }
}

/** The command that means these scenes. */
function nameOf(scope: BulkScope): string {
  switch (scope.kind) {
    case "all":
      return "sync --all";
    case "recent":
      return `sync --recent ${Math.round(scope.windowMs / HOUR_MS)}h`;
    case "scenes":
      return scope.ids.length > 3
        ? `sync --scene ${scope.ids.slice(0, 3)},…`
        : `sync --scene ${scope.ids}`;
  }
}

/**
 * Puts all scenes of `scope` into the queue, page by page. A kill between two pages leaves the
 * pages so far queued; a repeat queues no scene twice.
 * @param queued Called after each page. total: null while it is unknown; ids: of the page
 */
export async function enqueueBulk(
  scope: BulkScope,
  { stash, jobs, runtime, before }: {
    stash: StashClient;
    jobs: Jobs;
    runtime: Runtime;
    /** Called with the ids of each page before it is queued. */
    before?: ((ids: readonly string[]) => void) | undefined;
  },
  queued: (done: number, total: number | null, ids: readonly string[]) => void = () => {},
): Promise<Enqueued> {
  const sum = { added: 0, merged: 0 };
  let run: number | undefined;
  for await (const { ids, total } of scenesOf(scope, stash, runtime)) {
    const now = runtime.now();
    // Not before Stash has answered: a run that made nothing is none.
    run ??= jobs.runs.begin("bulk", now, nameOf(scope));
    before?.(ids);
    const { added, merged } = jobs.enqueue(ids, "bulk", now, { runId: run });
    sum.added += added;
    sum.merged += merged;
    queued(sum.added + sum.merged, total, ids);
  }
  return sum;
}
