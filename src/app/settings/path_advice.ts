import { describeOrigin } from "../../config/origin.ts";
import { configFileIn } from "../../config/toml_file.ts";
import { UserError } from "../../core/failures/errors.ts";
import { pathMapText } from "../../core/match/setup.ts";
import type { UnfitSetup } from "../../core/meta_keys.ts";
import { unfitSetup } from "../checks/unfit_setup.ts";
import type { Installation, Settings } from "../installation.ts";
import { writeSetup } from "./setup_file.ts";

/** A `path_map` by which scenes would be found that are not by the one in force. */
export interface PathAdvice extends Pick<UnfitSetup, "summary" | "hint"> {
  rules: NonNullable<UnfitSetup["rules"]>;
}

/** What the files that were not found speak for; null for nothing. */
export function pathAdvice(
  { targets, store, config }: Pick<Installation, "targets" | "store" | "config">,
): PathAdvice | null {
  for (const target of targets) {
    const found = unfitSetup(target, store, config);
    if (found === null || found.rules === null) continue;
    const { summary, hint, rules } = found;
    return { summary, hint, rules };
  }
  return null;
}

/**
 * Puts the rules into the config file. They hold when the settings are read again.
 * @throws {UserError} they would not hold from there, or the file cannot be written
 */
export function usePathAdvice(
  { rules }: Pick<PathAdvice, "rules">,
  { loaded, files }: Pick<Settings, "loaded" | "files">,
): void {
  const origin = loaded.origins.path_map;
  if (origin?.source === "flag" || origin?.source === "environment") {
    throw new UserError(
      `Cannot set path_map in the config file: ${describeOrigin(origin)} goes before it`,
      "failed",
      `Set it there, to what ${pathMapText(rules)} means`,
    );
  }
  const { file } = loaded;
  const path = file ?? configFileIn(files.folder);
  writeSetup(
    { path, exists: file !== undefined },
    { path_map: rules.map(({ stash, plex }) => ({ stash, plex })) },
  );
}
