import type { DeadLetter, Job } from "../../core/jobs/job.ts";
import type { Outcome } from "../../store/figures/outcomes.ts";
import type { Installation } from "../installation.ts";
import { type LocalMatch, localMatcher } from "./local_match.ts";
import { historyOf } from "./undo.ts";

const OUTCOMES_SHOWN = 10;
const HISTORY_SHOWN = 30;

/** All that the database knows of a scene: neither server is asked. */
export interface SceneRecord {
  scene_id: string;
  /** One for each target. */
  matches: LocalMatch[];
  jobs: Job[];
  dead_letters: DeadLetter[];
  /** Newest first. */
  outcomes: Outcome[];
  /** What was written for it, newest first. */
  history: ReturnType<typeof historyOf>;
}

export function sceneRecord(
  sceneId: string,
  installation: Pick<Installation, "store" | "config" | "targets">,
): SceneRecord {
  const { store } = installation;
  const matchOf = localMatcher(installation);
  return {
    scene_id: sceneId,
    matches: store.targets.map((target) => matchOf(sceneId, target)),
    jobs: store.jobs.ofScene(sceneId),
    dead_letters: store.deadLetters.recent(store.targets.length, { sceneIds: [sceneId] }),
    outcomes: store.outcomes.recentOf(sceneId, OUTCOMES_SHOWN),
    history: historyOf(sceneId, HISTORY_SHOWN, installation),
  };
}
