import { plural } from "../core/wording.ts";
import { NeedsAttention } from "../core/errors.ts";
import { hasBlankEdge, titlesText } from "../core/libraries.ts";
import { stashNotReady } from "../core/problems.ts";
import type { StashClient } from "../stash/client.ts";
import type { Target } from "../target/target.ts";
import { chooseSections } from "../worker/index_keeper.ts";
import { ask, type Finding } from "./finding.ts";
import type { Installation } from "./installation.ts";
import { plexOf, stashOf } from "./servers.ts";

/** Asks both servers whether the settings are right; one check after the other, none rejects. */
export async function checkOnline({ config, store, runtime }: Installation): Promise<Finding[]> {
  const plex = plexOf(config, store, runtime);
  const stash = stashOf(config);
  return [
    await ask("Plex", "plex_unreachable", async () => {
      const { version } = await plex.identity();
      return `version ${version} at ${config.plexUrl}`;
    }),
    await ask("Plex token", "plex_refused", async () => {
      const { name } = await plex.checkAccess();
      return `accepted by "${name}"`;
    }),
    await ask("Plex libraries", "plex_faulty", () => libraries(plex, config.plexLibrary)),
    await ask("Stash", "stash_unreachable", () => stashState(stash, config.stashUrl)),
  ];
}

async function libraries(target: Target, wanted: readonly string[]): Promise<string> {
  const all = await target.sections();
  const chosen = chooseSections(all, wanted, target);
  const blank = chosen.some(hasBlankEdge) ? "; mind the blanks at the edges" : "";
  return titlesText(chosen) + blank;
}

async function stashState(stash: StashClient, url: string): Promise<string> {
  const { version } = await stash.version();
  const { status } = await stash.systemStatus();
  if (status !== "OK") throw new NeedsAttention(stashNotReady(status));
  return `version ${version || "unknown"} at ${url}, ${plural(await stash.sceneCount(), "scene")}`;
}
