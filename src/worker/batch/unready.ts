import type { PlexsyncError } from "../../core/failures/errors.ts";
import type { Job } from "../../core/jobs/job.ts";
import type { SceneFile } from "../../core/sync/scene.ts";
import { isRecord, parseJson } from "../../core/text/json.ts";
import type { WorkContext } from "../context.ts";
import type { Gathered, Ready, Unread } from "./gathered.ts";
import type { AttemptFacts, Ledger } from "./ledger.ts";

/** More dead letters of this kind are a set-up that is wrong, which no single scene mends. */
const MOST_SHARED = 1_000;

/**
 * Ends the jobs whose scenes cannot be written.
 * @param gathered By scene; a job without is passed over
 * @returns the others, once for each item
 */
export function endUnready(
  jobs: readonly Job[],
  gathered: ReadonlyMap<string, Gathered>,
  ledger: Ledger,
  context: WorkContext,
): { job: Job; ready: Ready }[] {
  const ready: { job: Job; ready: Ready }[] = [];
  const sharers = new Set<string>();
  reviveSharers(gathered, context);
  for (const job of jobs) {
    const found = gathered.get(job.scene_id);
    if (found === undefined) continue;
    const { items: left, heirs } = found.left ?? { items: [], heirs: [] };
    queueHeirs(heirs, context);
    for (const item of left) ready.push({ job, ready: item });
    const own = found.kind === "ready" ? found.items.length + found.unread.length : 1;
    ledger.expect(job, own + left.length);
    switch (found.kind) {
      case "ready":
        for (const id of found.sharers) sharers.add(id);
        for (const unread of found.unread) {
          failRead(job, { ...unread, files: [] }, factsOf([unread]), ledger, context);
        }
        for (const item of found.items) ready.push({ job, ready: item });
        break;
      case "gone":
        sayUnknown(job, context);
        ledger.end(job, { to: "done", outcome: "gone" });
        break;
      case "skipped":
        ledger.end(job, { to: "done", outcome: "skipped" }, { errorMessage: found.reason });
        break;
      case "failed":
        for (const id of sharersOf(found)) sharers.add(id);
        failRead(job, found, factsOf(found.unread ?? []), ledger, context);
    }
  }
  tellSharers([...sharers].filter((id) => !gathered.has(id)), context);
  return ready;
}

/**
 * The watcher goes by what Stash lists, and one row by itself does not show that its id is foreign:
 * that a scene which was never seen is not there tells it. Said once.
 */
function sayUnknown({ scene_id, reason }: Job, { store, once, log }: WorkContext): void {
  if (reason !== "watch" || once.has("listed unknown")) return;
  if (store.scenes.titles([scene_id]).size > 0) return;
  once.add("listed unknown");
  log.warning(
    `Stash listed scene ${scene_id} as changed and does not know it: it was deleted at once, or ` +
      "another scene stands under its id",
    {
      event: "watch_unknown",
      scene_id,
      hint: "If it comes again, look for what stands before Stash and changes its answers; the " +
        "full walk (sweep_interval) finds what changed",
      said: ["scene_id"],
    },
  );
}

function failRead(
  job: Job,
  { error, files, isUnproven = false, isUnread = false }: {
    error: PlexsyncError;
    files: readonly SceneFile[];
    isUnproven?: boolean;
    isUnread?: boolean;
  },
  facts: AttemptFacts,
  ledger: Ledger,
  { runtime, unpaid }: WorkContext,
): void {
  if (isUnread) return ledger.wait(job, error, files);
  if (!isUnproven) return ledger.fail(job, error, files, facts);
  ledger.giveBack({ job, error, facts }, runtime.now() + unpaid.again(job.id));
}

/** What stands on their items was written for another scene, and they change it. */
function queueHeirs(sceneIds: readonly string[], { store, target, runtime }: WorkContext): void {
  const idle = sceneIds.filter((id) => store.jobs.get(id, target.id) === undefined);
  if (idle.length > 0) store.jobs.enqueue(idle, "watch", runtime.now());
}

/** Scenes that were given up for sharing an item with one that shares it no more. */
function reviveSharers(
  gathered: ReadonlyMap<string, Gathered>,
  { store, target, runtime }: WorkContext,
): void {
  const filter = { types: ["SharedItem"], targets: [target.id] } as const;
  const letters = store.deadLetters.recent(MOST_SHARED, filter);
  const isOver = (id: string) => {
    const found = gathered.get(id);
    return found !== undefined && sharersOf(found).length === 0;
  };
  const revived = letters.filter(({ scene_id, job_data }) =>
    !gathered.has(scene_id) && sharersIn(job_data).some(isOver)
  ).map(({ scene_id }) => scene_id);
  if (revived.length > 0) {
    store.jobs.enqueue(revived, "watch", runtime.now(), { targets: [target.id] });
  }
}

/** An item was written for them before it was known that it is another scene's as much. */
function tellSharers(sceneIds: readonly string[], { store, target, runtime }: WorkContext): void {
  const untold = sceneIds.filter((id) =>
    store.jobs.get(id, target.id) === undefined && store.scenes.hadJob(id) &&
    store.deadLetters.count({ sceneIds: [id], targets: [target.id], types: ["SharedItem"] }) === 0
  );
  if (untold.length > 0) {
    store.jobs.enqueue(untold, "watch", runtime.now(), { targets: [target.id] });
  }
}

function sharersOf(found: Gathered): readonly string[] {
  return found.kind === "ready" || found.kind === "failed" ? found.sharers ?? [] : [];
}

/** The other scenes that a dead letter names. */
function sharersIn(jobData: string): string[] {
  const data = parseJson(jobData);
  const candidates = isRecord(data) && Array.isArray(data.candidates) ? data.candidates : [];
  return candidates.flatMap((text) => /^scene (\d+)$/.exec(String(text))?.[1] ?? []);
}

/** What is known of items that could not be read. */
function factsOf(unread: readonly Unread[]): AttemptFacts {
  if (unread.length === 0) return {};
  return {
    items: unread.map(({ item }) => item),
    path: unread[0]!.path,
    candidates: unread.flatMap(({ text, error }) => error.candidates ?? [text]),
  };
}
