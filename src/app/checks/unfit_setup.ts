import type { Config } from "../../config/config.ts";
import { setupSettings } from "../../core/match/setup.ts";
import { setupOf, type UnfitSetup } from "../../core/meta_keys.ts";
import type { Store } from "../../store/store.ts";
import type { TargetSettings } from "../targets.ts";

/** Why the daemon could not find scenes by these very settings; null for nothing seen. */
export function unfitSetup(
  { key, libraries }: Pick<TargetSettings, "key" | "libraries">,
  { meta }: Pick<Store, "meta">,
  { pathMap }: Pick<Config, "pathMap">,
): UnfitSetup | null {
  const kept = meta.get(setupOf(key));
  return kept?.settings === setupSettings(pathMap, libraries) ? kept : null;
}
