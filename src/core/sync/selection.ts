import type { Scene } from "./scene.ts";

/** The part of the configuration that decides which scenes are synced at all. */
export interface SelectionRules {
  /** Off: nothing is written. */
  syncMaster: boolean;
  /** Only scenes that are organized in Stash. */
  onlyOrganized: boolean;
  /** Names of tags whose scenes are left alone, letter case ignored. */
  ignoreTags: readonly string[];
  /** The same of studios. */
  ignoreStudios: readonly string[];
}

/** Why the settings leave a scene out, in the words that are shown. */
export type LeftOut = "sync_master is off" | "not organized" | "ignored tag" | "ignored studio";

/** Why a scene is not synced; null when it is. What was written for it before is left alone. */
export function leftOutBy(scene: Scene, rules: SelectionRules): LeftOut | null {
  if (!rules.syncMaster) return "sync_master is off";
  if (rules.onlyOrganized && !scene.organized) return "not organized";
  if (scene.tags.some((tag) => isNamed(tag, rules.ignoreTags))) return "ignored tag";
  if (scene.studio !== null && isNamed(scene.studio, rules.ignoreStudios)) return "ignored studio";
  return null;
}

function isNamed(name: string, names: readonly string[]): boolean {
  const key = keyOf(name);
  return names.some((each) => keyOf(each) === key);
}

function keyOf(name: string): string {
  return name.normalize("NFC").trim().toLowerCase();
}
