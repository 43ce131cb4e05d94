import type { Attempt } from "../../core/jobs/job.ts";
import { setupOf } from "../../core/meta_keys.ts";
import type { Problem } from "../../core/failures/problems.ts";
import { setupSettings } from "../../core/match/setup.ts";
import type { WorkContext } from "../context.ts";
import { lookAtSetup } from "./setup.ts";

/** Of so many scenes in a row none is missed by chance. */
const ENOUGH = 10;
/** While none is found, it is looked again after so many. */
const SOON = 100;
/** So many that were found, and as many that were not, are looked at again. */
const MOST_KEPT = 20;

/** Sees when scenes cannot be found for the way that paths and libraries are set, and says so. */
export class SetupWatch {
  /** Whether the newest were found. */
  #recent: boolean[] = [];
  /** By whether they were found: the first of them, so that a folder that is through counts on. */
  readonly #kept = { true: new Set<string>(), false: new Set<string>() };
  #newest: string[] = [];
  #seen = 0;
  /**
   * After so many scenes the rules are looked at again: what led to one folder may miss the next.
   * Seldom, since a look takes as long as some scenes.
   */
  #nextLook = ENOUGH;
  /** Some of those before the newest were found. */
  #foundBefore = false;
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
    this.#note(seen);
    const someFound = this.#recent.includes(true);
    const { pathMap } = this.context.settings;
    const isGiven = pathMap !== null && pathMap.length > 0;
    if (someFound && !isGiven) this.#forget();
    else if (this.#seen >= this.#nextLook || (this.#foundBefore && !someFound)) {
      this.#look();
      this.#nextLook = this.#seen + (someFound ? this.#seen : SOON);
    }
    this.#foundBefore = someFound;
  }

  #note(seen: readonly { sceneId: string; found: boolean }[]): void {
    this.#recent = [...this.#recent, ...seen.map(({ found }) => found)].slice(-ENOUGH);
    this.#seen += seen.length;
    for (const { sceneId, found } of seen) {
      this.#kept[`${!found}`].delete(sceneId);
      const kept = this.#kept[`${found}`];
      if (kept.size < MOST_KEPT) kept.add(sceneId);
    }
    this.#newest = seen.slice(-MOST_KEPT).map(({ sceneId }) => sceneId);
  }

  #look(): void {
    const { store } = this.context;
    const ids = new Set([...this.#kept.true, ...this.#kept.false, ...this.#newest]);
    const scenes = [...ids].map((id) => ({ id, files: store.scenes.filesOf(id) }));
    const problem = lookAtSetup(scenes, this.context);
    if (problem === null) this.#forget();
    else this.#keep(problem);
  }

  #keep(problem: Problem): void {
    const { store, target, settings, keeper, log } = this.context;
    store.meta.set(setupOf(target.id), {
      summary: problem.summary,
      hint: problem.hint ?? "",
      severity: problem.severity,
      settings: setupSettings(settings.pathMap, keeper.libraries),
      rules: problem.rules ?? null,
    });
    // The same advice again helps nobody.
    if (this.#said === problem.hint) return;
    this.#said = problem.hint ?? "";
    const { summary, hint, paths } = problem;
    log.warning(summary, { event: "setup", hint: hint ?? undefined, paths });
  }

  #forget(): void {
    const { meta } = this.context.store;
    const key = setupOf(this.context.target.id);
    if (meta.get(key) !== undefined) meta.remove(key);
  }
}
