import { areFilesKnown } from "../../intake/scene_files.ts";
import type { Evidence } from "../../core/match/match.ts";
import type { SceneFile } from "../../core/sync/scene.ts";
import { type Decision, type Matcher, matcherBy } from "../../worker/match/matcher.ts";
import type { Installation } from "../installation.ts";
import { targetNamed } from "../targets.ts";
import { becauseOf } from "./explain.ts";

/** More would not help to choose. */
const MAX_CANDIDATES = 5;

/** A file of an item that is a scene's, or looks as if it might be. */
export interface NearFile {
  item: string;
  path: string;
  /** Bytes; 0 when unknown. */
  size: number;
  duration_ms: number | null;
  /** What it proves; null for nothing. */
  evidence: Evidence | null;
  /** Size and length are known and both differ. */
  contradicted: boolean;
}

/** What the database alone knows of a scene and one target: neither server is asked. */
export interface LocalMatch {
  target: string;
  files: readonly SceneFile[];
  decision: Decision["kind"];
  /** The decision in a sentence. */
  because: string;
  candidates: NearFile[];
}

/** Tells for scene after scene which item is its own, by what is known so far. */
export function localMatcher(
  { store, config, targets }: Pick<Installation, "store" | "config" | "targets">,
): (sceneId: string, target: string) => LocalMatch {
  const matchers = new Map<string, Matcher>();
  const matcherOf = (target: string) => {
    const known = matchers.get(target) ?? matcherBy(config, store, target, areFilesKnown(store));
    matchers.set(target, known);
    return known;
  };
  return (sceneId, target) => {
    const files = store.scenes.filesOf(sceneId);
    const decision = matcherOf(target).decide({ id: sceneId, files }, false);
    const { index } = store.of(target);
    return {
      target,
      files,
      decision: decision.kind,
      because: becauseOf(decision, targetNamed(targets, target).title),
      candidates: decision.candidates.slice(0, MAX_CANDIDATES).map((candidate) => {
        const { item, path, evidence, contradicted } = candidate;
        const file = index.ofItem(item).find((each) => each.path === path);
        const { size = 0, durationMs = null } = file ?? {};
        return { item, path, size, duration_ms: durationMs, evidence, contradicted };
      }),
    };
  };
}
