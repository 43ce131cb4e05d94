import {
  countedText,
  type FilesOfTarget,
  type LearnedRule,
  type Refusal,
  refusalText,
  ruleText,
  sameRules,
  type Sighting,
  Tally,
  Votes,
} from "../../core/match/learned_rules.ts";
import type { LogPort } from "../../core/log_port.ts";
import { isSameFile } from "../../core/match/match.ts";
import { FILES_KNOWN_AT, type Learned, learnedOf, SWEEP } from "../../core/meta_keys.ts";
import { isSameName, pathKey, type PathRule } from "../../core/match/path.ts";
import { transaction } from "../../store/database/database.ts";
import type { Store } from "../../store/store.ts";

/** The rules for paths that are in force. */
export interface RulesInForce {
  paths: readonly PathRule[];
  /** False for rules that were learned. */
  areOwners: boolean;
}

/** @param given The owner's rules; null when there are none, not even an empty list */
export function rulesInForce(
  { meta }: Pick<Store, "meta">,
  target: string,
  given: readonly PathRule[] | null,
): RulesInForce {
  if (given !== null) return { paths: given, areOwners: true };
  return { paths: meta.get(learnedOf(target))?.rules ?? [], areOwners: false };
}

function rivalOf(refusal: Refusal | null): string[] {
  return refusal === null || typeof refusal === "string" ? [] : [refusal.rival];
}

export interface PathLearningParts {
  store: Pick<Store, "database" | "jobs" | "meta" | "of" | "scenes">;
  /** Key and name of what is written to. */
  target: { readonly id: string; readonly title: string };
  given: readonly PathRule[] | null;
  log: LogPort;
  now: () => number;
}

/** So many files are looked up at once, which takes a hundredth of a second. */
const PAGE = 250;

/**
 * Learns the rules for paths from the files that both sides have, where the owner gave none. It
 * counts anew when all scenes were walked, or all items listed, since it counted last.
 */
export class PathLearning {
  constructor(private readonly parts: PathLearningParts) {}

  isDue(): boolean {
    const { store, target, given } = this.parts;
    const seen = this.#seen();
    if (given !== null || seen === null) return false;
    const known = store.meta.get(learnedOf(target.id));
    return known?.walkedAt !== seen.walkedAt || known.listedAt !== seen.listedAt;
  }

  /**
   * @param rest Called between two steps, so that others can work meanwhile
   * @returns whether the rules are others now
   */
  async learn(rest: () => Promise<void>, stop?: AbortSignal): Promise<boolean> {
    const seen = this.#seen();
    if (seen === null) return false;
    const votes = new Votes();
    for await (const sighting of this.#sightings(rest)) {
      if (stop?.aborted) return false;
      votes.add(sighting);
    }
    const tally = new Tally(votes.proposals(), this.#filesOfTarget());
    let files = 0;
    for await (const sighting of this.#sightings(rest)) {
      if (stop?.aborted) return false;
      tally.add(sighting);
      files++;
    }
    return this.#keep({ rules: tally.learned(), files, ...seen }, tally);
  }

  #keep(learned: Learned, tally: Tally): boolean {
    const { store, target, now } = this.parts;
    const before = store.meta.get(learnedOf(target.id))?.rules ?? [];
    const isOther = !sameRules(before, learned.rules);
    transaction(store.database, () => {
      store.meta.set(learnedOf(target.id), learned);
      // What waits may be where the new rules say.
      if (isOther) store.jobs.endWaits(now());
    });
    if (isOther) this.#say(before, learned.rules, tally);
    return isOther;
  }

  #say(before: readonly LearnedRule[], after: readonly LearnedRule[], tally: Tally): void {
    const { log, target } = this.parts;
    for (const rule of after) {
      if (before.some((each) => sameRules([each], [rule]))) continue;
      log.info(
        `Learned where ${target.title} has the files: ${ruleText(rule)} (${
          countedText(rule.found, rule.files)
        })`,
        { event: "rule_learned", paths: [rule.stash, rule.plex], count: rule.files },
      );
    }
    for (const rule of before) {
      if (after.some((each) => sameRules([each], [rule]))) continue;
      const refusal = tally.refusal(rule);
      const why = refusal === null ? "" : `: ${refusalText(refusal)}`;
      log.info(`No longer goes by the learned rule ${ruleText(rule)}${why}`, {
        event: "rule_dropped",
        paths: [rule.stash, rule.plex, ...rivalOf(refusal)],
      });
    }
  }

  /** When both sides were last seen as a whole; null while one of them was not. */
  #seen(): Pick<Learned, "walkedAt" | "listedAt"> | null {
    const { meta, of } = this.#store();
    const knownAt = meta.get(FILES_KNOWN_AT);
    const listings = of.index.sections().map(({ listed_at }) => listed_at);
    if (knownAt === undefined || listings.length === 0 || listings.includes(0)) return null;
    return {
      walkedAt: Math.max(knownAt, meta.get(SWEEP)?.doneAt ?? 0),
      listedAt: Math.max(...listings),
    };
  }

  async *#sightings(rest: () => Promise<void>): AsyncGenerator<Sighting> {
    const { scenes, of: { index } } = this.#store();
    for (let after: { sceneId: string; path: string } | null = null;;) {
      const page = scenes.files(after, PAGE);
      for (const { sceneId, ...file } of page) {
        const isShared = scenes.alike(sceneId, file).length > 0;
        const rows = isShared
          ? []
          : index.find([file]).filter((row) =>
            isSameFile(file, row) && isSameName(file.path, row.path)
          );
        const pairs = [...new Map(rows.map(({ path }) => [pathKey(path), path])).values()];
        yield { path: file.path, durationMs: file.durationMs, pairs };
      }
      const last = page.at(-1);
      if (page.length < PAGE || last === undefined) return;
      after = last;
      await rest();
    }
  }

  #filesOfTarget(): FilesOfTarget {
    const { of: { index } } = this.#store();
    return {
      has: (path) => index.hasPath(path),
      named: (path) => index.near([{ path, size: 0, durationMs: null }]),
    };
  }

  #store() {
    const { store, target } = this.parts;
    return { meta: store.meta, scenes: store.scenes, of: store.of(target.id) };
  }
}
