import type { Config } from "../../config/config.ts";
import { learnedOf } from "../../core/meta_keys.ts";
import type { PathRule } from "../../core/match/path.ts";
import { countedText, ruleText } from "../../core/match/learned_rules.ts";
import type { Store } from "../../store/store.ts";

/** A rule for paths; the counts are those of learned rules, null for the owner's. */
export interface RuleReport extends PathRule {
  /** Files of scenes below its folder, and how many of them are where it says. */
  files: number | null;
  found: number | null;
}

/** By what the paths of Stash are brought to those of Plex. Names are stable: `status` has them. */
export interface PathRulesReport {
  source: "given" | "learned" | "none";
  rules: RuleReport[];
  /** Files of scenes that were looked at for rules; null while none were. */
  looked_at: number | null;
}

/** @param targets Keys of those that are meant */
export function pathRulesReport(
  meta: Store["meta"],
  targets: readonly string[],
  { pathMap }: Pick<Config, "pathMap">,
): PathRulesReport {
  if (pathMap !== null) {
    const rules = pathMap.map((rule) => ({ ...rule, files: null, found: null }));
    return { source: rules.length > 0 ? "given" : "none", rules, looked_at: null };
  }
  const learned = targets.map((target) => meta.get(learnedOf(target)))
    .filter((each) => each !== undefined);
  const rules = learned.flatMap(({ rules }) => rules)
    .map(({ stash, plex, files, found }) => ({ stash, plex, files, found }));
  return {
    source: rules.length > 0 ? "learned" : "none",
    rules,
    looked_at: learned.length === 0 ? null : Math.max(...learned.map(({ files }) => files)),
  };
}

/** The same for people, in one line. */
export function pathRulesText({ source, rules, looked_at }: PathRulesReport): string {
  if (source === "given") return `path_map: ${rules.map(ruleText).join(", ")}`;
  if (source === "learned") {
    return `learned: ${
      rules.map((rule) => `${ruleText(rule)} (${countedText(rule.found!, rule.files!)})`)
        .join(", ")
    }`;
  }
  return looked_at === null
    ? "none: paths are the same in both, or rules are still to be learned"
    : `none was learned from ${looked_at} files: each is found by its own path, name, size and length`;
}
