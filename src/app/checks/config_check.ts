import { plural } from "../../core/text/wording.ts";
import { NeedsAttention } from "../../core/failures/errors.ts";
import { hasBlankEdge, titlesText } from "../../core/match/libraries.ts";
import { stashNotReady } from "../../core/failures/problems.ts";
import type { StashClient } from "../../stash/client.ts";
import type { Target } from "../../target/target.ts";
import { chooseSections } from "../../worker/index/section_list.ts";
import { pathRulesReport, pathRulesText } from "./path_rules_report.ts";
import { ask, type Finding } from "./finding.ts";
import type { Installation } from "../installation.ts";
import { askingPlex, askingStash } from "../connections/mistaken.ts";
import { plexOf, stashOf } from "../connections/servers.ts";
import type { TargetSettings } from "../targets.ts";

/** Hears what time it is at a server that answered, epoch ms; null where it does not say. */
export type HearClock = (server: string, now: number | null) => void;

/** Asks all servers whether the settings are right; one check after the other, none rejects. */
export async function checkOnline(
  installation: Installation,
  hearClock: HearClock = () => {},
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const settings of installation.targets) {
    findings.push(...await checkTarget(settings, installation, hearClock));
  }
  return [...findings, await checkStash(installation, hearClock)];
}

/** Asks Stash alone. */
export async function checkStash(
  installation: Installation,
  hearClock: HearClock = () => {},
): Promise<Finding> {
  const { config, stop } = installation;
  const stash = stashOf(config, stop);
  return await ask(
    "Stash",
    "stash_unreachable",
    () => askingStash(() => stashState(stash, config.stashUrl, hearClock), installation),
  );
}

/** Asks one target alone. */
export async function checkTarget(
  settings: TargetSettings,
  installation: Installation,
  hearClock: HearClock = () => {},
): Promise<Finding[]> {
  const { key, title, url, libraries: wanted } = settings;
  const { store, config } = installation;
  const target = plexOf(settings, installation);
  const identity = async () => {
    const { version, now } = await target.identity();
    hearClock(title, now);
    return `version ${version} at ${url}`;
  };
  return [
    await ask(
      title,
      `${key}_unreachable`,
      () => askingPlex(identity, { key, url }, installation),
    ),
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
  const { sections: all } = await target.sections();
  const chosen = chooseSections(all, wanted, target);
  const blank = chosen.some(hasBlankEdge) ? "; mind the blanks at the edges" : "";
  return titlesText(chosen) + blank;
}

async function stashState(stash: StashClient, url: string, hearClock: HearClock): Promise<string> {
  const { version, now } = await stash.version();
  hearClock("Stash", now);
  const { status } = await stash.systemStatus();
  if (status !== "OK") throw new NeedsAttention(stashNotReady(status));
  return `version ${version || "unknown"} at ${url}, ${plural(await stash.sceneCount(), "scene")}`;
}
