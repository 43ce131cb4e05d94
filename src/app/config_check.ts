import { plural } from "../core/wording.ts";
import { NeedsAttention } from "../core/errors.ts";
import { hasBlankEdge, titlesText } from "../core/libraries.ts";
import { stashNotReady } from "../core/problems.ts";
import type { StashClient } from "../stash/client.ts";
import type { Target } from "../target/target.ts";
import { chooseSections } from "../worker/index_keeper.ts";
import { pathRulesReport, pathRulesText } from "./path_rules_report.ts";
import { ask, type Finding } from "./finding.ts";
import type { Installation } from "./installation.ts";
import { plexOf, stashOf } from "./servers.ts";
import type { TargetSettings } from "./targets.ts";

/** Asks all servers whether the settings are right; one check after the other, none rejects. */
export async function checkOnline(installation: Installation): Promise<Finding[]> {
  const { config, targets } = installation;
  const findings: Finding[] = [];
  for (const settings of targets) {
    findings.push(...await checkTarget(settings, plexOf(settings, installation), installation));
  }
  const stash = stashOf(config);
  return [
    ...findings,
    await ask("Stash", "stash_unreachable", () => stashState(stash, config.stashUrl)),
  ];
}

async function checkTarget(
  { key, title, url, libraries: wanted }: TargetSettings,
  target: Target,
  { store, config }: Installation,
): Promise<Finding[]> {
  return [
    await ask(title, `${key}_unreachable`, async () => {
      const { version } = await target.identity();
      return `version ${version} at ${url}`;
    }),
    await ask(`${title} token`, `${key}_refused`, async () => {
      const { name } = await target.checkAccess();
      return `accepted by "${name}"`;
    }),
    await ask(`${title} libraries`, `${key}_faulty`, () => libraries(target, wanted)),
    await ask(
      "Path rules",
      `${key}_faulty`,
      () => Promise.resolve(pathRulesText(pathRulesReport(store.meta, [key], config))),
    ),
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
