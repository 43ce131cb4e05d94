import type { Attempt } from "../core/job.ts";
import { setupOf } from "../core/meta_keys.ts";
import type { Problem } from "../core/problems.ts";
import { setupSettings } from "../core/setup.ts";
import type { WorkContext } from "./context.ts";
import { lookAtSetup } from "./setup.ts";

/** Of so many scenes in a row none is missed by chance. */
const ENOUGH = 10;

/** Sees when no scene can be found for the way that paths and libraries are set, and says so. */
export class SetupWatch {
  #recent: { sceneId: string; found: boolean }[] = [];
  /** A file was seen where the rules say, so that they are right. */
  #isProven = false;
  #said = "";

  constructor(private readonly context: WorkContext) {}

  /** What became of some jobs. */
  take(attempts: readonly Attempt[]): void {
    const seen = attempts.flatMap(({ job, items, errorType }) =>
      items.length > 0
        ? [{ sceneId: job.scene_id, found: true }]
        : errorType === "PlexNotFound"
        ? [{ sceneId: job.scene_id, found: false }]
        : []
    );
    if (seen.length === 0) return;
    this.#recent = [...this.#recent, ...seen].slice(-ENOUGH);
    const someFound = this.#recent.some(({ found }) => found);
    const { pathMap } = this.context.settings;
    const areRulesSure = this.#isProven || pathMap === null || pathMap.length === 0;
    if (someFound && areRulesSure) this.#forget();
    else if (this.#recent.length === ENOUGH) this.#look();
  }

  #look(): void {
    const { store } = this.context;
    const scenes = this.#recent.map(({ sceneId }) => ({
      id: sceneId,
      files: store.scenes.filesOf(sceneId),
    }));
    const problem = lookAtSetup(scenes, this.context);
    if (problem !== null) return this.#keep(problem);
    this.#isProven = true;
    this.#forget();
  }

  #keep(problem: Problem): void {
    const { store, target, settings, keeper, log } = this.context;
    store.meta.set(setupOf(target.id), {
      summary: problem.summary,
      hint: problem.hint ?? "",
      settings: setupSettings(settings.pathMap, keeper.libraries),
    });
    // The same advice again helps nobody.
    if (this.#said === problem.hint) return;
    this.#said = problem.hint ?? "";
    log.warning(problem.summary, { event: "setup", hint: problem.hint ?? undefined });
  }

  #forget(): void {
    const { meta } = this.context.store;
    const key = setupOf(this.context.target.id);
    if (meta.get(key) !== undefined) meta.remove(key);
  }
}
