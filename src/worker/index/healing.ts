import type { ErrorType } from "../../core/failures/error_types.ts";
import { healedAtOf, rulesOf } from "../../core/meta_keys.ts";
import type { WorkContext } from "../context.ts";
import type { SoughtFile } from "../../core/match/match.ts";
import type { Memory } from "../../core/sync/memory.ts";
import type { SceneFile } from "../../core/sync/scene.ts";
import type { ChangedItem } from "../../store/library/scenes.ts";
import { ruleText } from "../../core/match/learned_rules.ts";
import { lostItems } from "../match/lost_items.ts";
import { type Decision, isOf, matcherOf, sharedIn } from "../match/matcher.ts";
import { rulesInForce } from "../match/path_rules.ts";

/** Failures that are over when other files or rules lead elsewhere. */
const CURABLE: readonly ErrorType[] = ["PlexNotFound", "AmbiguousMatch", "SharedItem"];
/** Whether a scene was given up that a file, when it comes to the target, would bring back. */
export function isFileHopedFor(
  { deadLetters }: Pick<WorkContext["store"], "deadLetters">,
  target: string,
): boolean {
  return deadLetters.count({ types: CURABLE, targets: [target] }) > 0;
}

/** So many scenes, or items, are looked at in one step. */
const PAGE = 100;

/** What is compared with the scenes, in steps. */
interface Pass {
  refreshedAt: number;
  rules: string;
  /**
   * Where to go on: behind an item whose files changed, or, because the rules are others, behind a
   * scene.
   */
  after: ChangedItem | number;
  /** The newest outcome when it began. */
  outcome: number;
}

/**
 * Queues the scenes that the newest files of the target, or other rules for paths, lead to another
 * item than the one they were written to: a wrong match heals without being asked. A scene that
 * plexsync never had to do with is not brought in by it.
 */
export class Healing {
  #pass: Pass | null = null;

  constructor(private readonly context: WorkContext) {}

  /**
   * Whether there is a reason to begin, which has to be while no job is under way: a scene that has
   * a job is not looked at, since its sync looks, and that of one under way did before.
   */
  get isOwed(): boolean {
    return this.#pass === null && this.#reason() !== null;
  }

  /**
   * Looks at some scenes, if there is a reason to.
   * @param mayBegin No job is under way
   * @returns how many were queued
   */
  step(mayBegin: boolean): number {
    if (mayBegin) this.#pass ??= this.#begin();
    if (this.#pass === null) return 0;
    const { store, target, runtime } = this.context;
    const { page, next } = this.#page(this.#pass.after);
    const matcher = matcherOf(this.context);
    const looked = this.#looked(this.#pass, page, next);
    const open = page.filter((id) => !looked.has(id));
    const files = store.scenes.filesOfAll(open);
    const scenes = open.map((id, at) => ({ id, files: files[at]! }))
      .filter(({ files }) => files.length > 0);
    // Asked scene by scene, the database took a quarter of all that a sync of 1,500 scenes did.
    matcher.ahead(scenes);
    const letters = this.#lettersOf(scenes);
    const ids = scenes.filter((scene) => {
      const decision = matcher.decide(scene, false);
      const letter = letters.get(scene.id);
      // One that lost all proof of its item is to wait for another, and to give it up after that.
      return leadsElsewhere(decision, letter, matcher.memoriesOf(scene.id)) ||
        lostItems(scene, decision, matcher, true, this.context).length > 0;
    }).map(({ id }) => id);
    if (ids.length > 0) store.jobs.enqueue(ids, "watch", runtime.now(), { targets: [target.id] });
    if (next === null) this.#end(this.#pass);
    else this.#pass.after = next;
    return ids.length;
  }

  /**
   * Those of a page whose syncs have looked since the pass began, at the same files: none where files
   * may be among them that came since.
   */
  #looked(
    { refreshedAt, outcome }: Pass,
    page: readonly string[],
    next: Pass["after"] | null,
  ): ReadonlySet<string> {
    if (next === null || typeof next === "number" || next.at > refreshedAt) return new Set();
    return this.context.store.outcomes.syncedAfter(outcome, page, this.context.target.id);
  }

  /** Why each of the scenes that were given up was. */
  #lettersOf(scenes: readonly { id: string }[]): ReadonlyMap<string, ErrorType> {
    const { store, target } = this.context;
    const sceneIds = scenes.map(({ id }) => id);
    const letters = store.deadLetters.recent(scenes.length, { sceneIds, targets: [target.id] });
    return new Map(letters.map(({ scene_id, error_type }) => [scene_id, error_type]));
  }

  #page(after: Pass["after"]): { page: string[]; next: Pass["after"] | null } {
    const { store: { scenes }, target } = this.context;
    if (typeof after === "number") {
      const page = scenes.dealtWith(target.id, after, PAGE);
      return { page, next: page.length < PAGE ? null : Number(page.at(-1)) };
    }
    const { scenes: page, next } = scenes.concernedBy(target.id, after, PAGE);
    return { page, next };
  }

  #begin(): Pass | null {
    const reason = this.#reason();
    if (reason === null) return null;
    const { store, runtime } = this.context;
    const pass = { ...reason, outcome: store.outcomes.newestId() };
    // What waits has no better place than by the new rules either.
    if (typeof pass.after === "number") store.jobs.endWaits(runtime.now());
    return pass;
  }

  #reason(): Omit<Pass, "outcome"> | null {
    const { store, target, keeper, settings } = this.context;
    const { refreshedAt } = keeper;
    if (refreshedAt === 0) return null;
    const rules = JSON.stringify([
      rulesInForce(store, target.id, settings.pathMap).paths.map(ruleText),
      settings.strictMatching,
    ]);
    const known = store.meta.get(rulesOf(target.id));
    const since = store.meta.get(healedAtOf(target.id)) ?? 0;
    if (known !== undefined && known !== rules) return { refreshedAt, rules, after: 0 };
    return since < refreshedAt ? { refreshedAt, rules, after: { item: "", at: since } } : null;
  }

  #end({ refreshedAt, rules }: Pass): void {
    const { meta } = this.context.store;
    meta.set(healedAtOf(this.context.target.id), refreshedAt);
    meta.set(rulesOf(this.context.target.id), rules);
    this.#pass = null;
  }
}

/**
 * Whether a sync of the scene now would write to another item than before, or no longer fail.
 * @param failed Why it was given up, if it was
 * @param memories What was written for it
 */
function leadsElsewhere(
  decision: Decision,
  failed: ErrorType | undefined,
  memories: readonly Memory[],
): boolean {
  if (decision.kind === "none" || decision.kind === "unsettled") return false;
  if (failed !== undefined) return CURABLE.includes(failed) && endOf(decision) !== failed;
  if (decision.kind !== "items") return false;
  const written = memories.filter((memory) =>
    memory.writtenAt > 0 && isOf(memory, decision.files.map(inStash))
  );
  return decision.items.some(({ item }) => written.every((memory) => memory.item !== item));
}

/** How a sync of the scene would end now. */
function endOf(decision: Decision): ErrorType | null {
  if (sharedIn(decision).length > 0) return "SharedItem";
  return decision.kind === "ambiguous" ? "AmbiguousMatch" : null;
}

function inStash({ stashPath, size, durationMs }: SoughtFile): SceneFile {
  return { path: stashPath, size, durationMs };
}
