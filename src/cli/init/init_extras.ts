import type { Installation, Settings } from "../../app/installation.ts";
import { type PathRulesReport, pathRulesReport } from "../../app/checks/path_rules_report.ts";
import { isFolder } from "../../app/data/file_kind.ts";
import { reportPlan } from "../../app/scenes/plan_report.ts";
import type { PlanTotals } from "../../app/scenes/plan_totals.ts";
import { openSetup, openTrial } from "../../app/settings/setup.ts";
import { keysOf } from "../../app/targets.ts";
import { UserError } from "../../core/failures/errors.ts";
import type { Invocation } from "../frame/command.ts";
import { placePlugin } from "../install/install_stash_plugin.ts";
import { placeUnit } from "../install/install_systemd.ts";
import { Progress } from "../terminal/progress.ts";
import type { Prompt } from "../terminal/prompt.ts";

/** What can be done beside the config file, asked or by flags. */
export interface Extras {
  /** Paths of what was written; null for what was not. */
  plugin: string | null;
  service: string | null;
  whose: "system" | "user" | null;
  /** The service keeps its data where only it looks: nothing of it is the caller's. */
  isApart: boolean;
}

const PLUGIN = "Install the plugin into Stash, so that changes come at once?";

/**
 * Installs the plugin and the service, if that is wanted.
 * @param prompt null where nobody is asked
 * @throws {UserError} what a flag wanted cannot be
 */
export async function addExtras(
  invocation: Invocation,
  settings: Settings,
  prompt: Prompt | null,
): Promise<Extras> {
  const { switches, values } = invocation;
  // From its source nothing can be started.
  const canAsk = prompt !== null && (values.exec !== undefined || Deno.build.standalone);
  const plugin = switches.has("plugin") || (canAsk && prompt.yes(PLUGIN, false))
    ? await placed(prompt, () => placePlugin(invocation, settings))
    : null;
  const named = values.service;
  const whose = named === "system" || named === "user" ? named : usualService(invocation);
  const question = `Install a service of systemd (${whose}), so that plexsync always runs?`;
  const service = named !== undefined || (canAsk && whose !== null && prompt.yes(question, false))
    ? await placed(prompt, () => {
      const own = whose === "user" ? new Set([...switches, "user"]) : switches;
      return Promise.resolve(placeUnit({ ...invocation, switches: own }, settings));
    })
    : null;
  const isApart = service !== null && whose === "system" && values["data-dir"] === undefined;
  return { plugin, service, whose, isApart };
}

/** In a dialogue what fails is said, and does not take the rest with it. */
async function placed(
  prompt: Prompt | null,
  place: () => Promise<{ path: string }>,
): Promise<string | null> {
  try {
    return (await place()).path;
  } catch (thrown) {
    if (prompt === null || !(thrown instanceof UserError)) throw thrown;
    prompt.say(`  ${thrown.message}`);
    if (thrown.hint !== undefined) prompt.say(`  hint: ${thrown.hint}`);
    return null;
  }
}

/** Whose service would run here; null where there is no systemd. */
function usualService({ world: { env } }: Invocation): "system" | "user" | null {
  if (!isFolder("/run/systemd/system")) return null;
  return env.USER === "root" || env.HOME === "/root" ? "system" : "user";
}

/** What the first sync would do, and by which rules for paths. */
export interface FirstSync {
  plan: PlanTotals | null;
  path_rules: PathRulesReport | null;
}

/**
 * Plans the first sync, if that is wanted.
 * @param trial Its id is kept where Plex knows the token by it
 * @param isApart Another installation than the caller's will sync: of the plan nothing is left here
 */
export async function planFirstSync(
  invocation: Invocation,
  settings: Settings,
  prompt: Prompt | null,
  trial: Installation | null,
  isApart: boolean,
): Promise<FirstSync> {
  const isWanted = invocation.switches.has("plan") ||
    prompt?.yes("Show what the first sync would change? Nothing is written", true) === true;
  const isKept = trial !== null && !isApart;
  if (!isWanted && !isKept) return { plan: null, path_rules: null };
  using installation = isApart ? await openTrial(settings) : await openSetup(settings, trial);
  if (!isWanted) return { plan: null, path_rules: null };
  const plan = await planAll(invocation, installation);
  const { store: { meta }, targets, config } = installation;
  return { plan, path_rules: pathRulesReport(meta, keysOf(targets), config) };
}

async function planAll(invocation: Invocation, installation: Installation): Promise<PlanTotals> {
  const progress = new Progress(invocation, "Planned");
  const work = { progress: progress.show.bind(progress) };
  const { totals } = await reportPlan({ kind: "all" }, installation, work);
  progress.end();
  return totals;
}
