import { parseStrings } from "../../core/text/json.ts";
import { FIELDS } from "../../core/sync/fields.ts";
import type { Job } from "../../core/jobs/job.ts";
import type { OutcomeName } from "../../core/jobs/outcome.ts";
import type { Outcome } from "../../store/figures/outcomes.ts";
import type { Installation } from "../installation.ts";
import { lockHolder } from "../data/lock.ts";
import { restNews } from "../reports/rest_news.ts";
import { restingBecause } from "../reports/status_report.ts";

/**
 * What became of a scene that was queued. waiting: Plex does not have it yet; removed: somebody
 * cleared the queue; queued: nobody works on it any more.
 */
export type End = Exclude<OutcomeName, "retry"> | "removed" | "queued";

/** A scene's end. Names are stable. */
export interface SceneEnd {
  scene_id: string;
  end: End;
  /** Why, where there is a reason. */
  reason: string | null;
  hint: string | null;
  changed_fields: string[];
  /** Fields that were undone, and left so. */
  undone_fields: string[];
}

/** Of a scene with several targets the first of these counts. */
const WEIGHT: readonly OutcomeName[] = ["dead", "waiting", "retry", "written", "skipped", "gone"];
const LOOK_MS = 200;

/** The point in time from which ends are news: taken before the scenes are queued. */
export function markEnds({ store }: Pick<Installation, "store">): number {
  return store.outcomes.newestId();
}

/**
 * The end of each scene, in the order given, each as soon as it is known: retries are waited for,
 * what Plex does not have yet is not. Ends early, with `queued`, when no daemon works on it.
 * @param mark From `markEnds`
 * @param resting Called when the work begins to rest, with why; the wait goes on
 */
export async function* endsOf(
  sceneIds: readonly string[],
  mark: number,
  installation: Installation,
  resting: (problems: string[]) => void = () => {},
): AsyncGenerator<SceneEnd> {
  const { runtime, files, stop } = installation;
  const look = restNews(resting);
  for (const id of sceneIds) {
    for (;;) {
      // Before the look: a daemon that ends settles its work first.
      const isOver = lockHolder(files.lock) === null;
      const end = endOf(id, mark, installation);
      if (end !== null) {
        yield end;
        break;
      }
      if (isOver) {
        yield endAs(id, "queued", "No daemon works on it any more");
        break;
      }
      look(restingBecause(installation));
      await runtime.sleep(LOOK_MS, stop);
      if (stop?.aborted) return;
    }
  }
}

/** null while the scene has no end. */
function endOf(id: string, mark: number, { store }: Installation): SceneEnd | null {
  const jobs = store.jobs.ofScene(id);
  if (jobs.some(({ state }) => state !== "waiting")) return null;
  const newest = new Map<string, Outcome>();
  for (const outcome of store.outcomes.ofScene(id, mark)) newest.set(outcome.target, outcome);
  const worst = WEIGHT.map((name) => [...newest.values()].find(({ outcome }) => outcome === name))
    .find((outcome) => outcome !== undefined) ?? [...newest.values()][0];
  // Its job was there already, and waits on.
  if (worst === undefined) return jobs.length === 0 ? endAs(id, "removed") : waitingEnd(jobs[0]!);
  if (worst.outcome === "retry") return endAs(id, "removed");
  const { outcome, error_type, error_message } = worst;
  const isSynced = outcome === "written" || outcome === "unchanged";
  return {
    scene_id: id,
    end: outcome,
    reason: reasonOf(error_type, error_message),
    hint: outcome === "dead" ? hintOf(id, store) : null,
    changed_fields: parseStrings(worst.changed_fields),
    undone_fields: isSynced ? undoneOf(id, store) : [],
  };
}

/** What a sync left as it is because it was undone, on any target; in the order of the fields. */
function undoneOf(id: string, store: Installation["store"]): string[] {
  const held = new Set(store.targets.flatMap((target) => store.of(target).holds.fieldsOf(id)));
  return FIELDS.filter(({ name }) => held.has(name)).map(({ name }) => name);
}

function waitingEnd(job: Job): SceneEnd {
  return endAs(job.scene_id, "waiting", reasonOf(job.last_error_type, job.last_error_message));
}

function endAs(scene_id: string, end: End, reason: string | null = null): SceneEnd {
  return { scene_id, end, reason, hint: null, changed_fields: [], undone_fields: [] };
}

function reasonOf(type: string | null, message: string | null): string | null {
  return type === null ? message : `${type}: ${message}`;
}

function hintOf(id: string, { deadLetters }: Installation["store"]): string | null {
  return deadLetters.recent(1, { sceneIds: [id] })[0]?.hint ?? null;
}
