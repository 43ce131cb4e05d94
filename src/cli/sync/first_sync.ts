import { type Installation, openInstallation, openServerSettings } from "../../app/installation.ts";
import { agreeToFullSync, isFullSyncAgreed } from "../../app/queue/full_sync.ts";
import { reportPlan } from "../../app/scenes/plan_report.ts";
import { planLines } from "../../app/scenes/plan_totals.ts";
import { plural } from "../../core/text/wording.ts";
import { confirmed } from "../terminal/ask_first.ts";
import type { Flag, Invocation } from "../frame/command.ts";
import { note } from "../terminal/output.ts";
import { Progress } from "../terminal/progress.ts";

export const AGREE_FLAG: Flag = {
  name: "yes",
  meaning: "agree to the first sync of all scenes, without its plan and without being asked",
};

/**
 * Makes sure that all scenes may be queued. The first time of a data directory the totals of the
 * plan are shown, and a person is asked; that is remembered when they agree.
 * @returns false when the person said no
 * @throws {UserError} usage: nobody to ask, and no `--yes`
 * @throws {PlexsyncError} a server did not answer, so that there is no plan
 */
export async function isFirstSyncAgreed(
  invocation: Invocation,
  installation: Installation,
): Promise<boolean> {
  if (isFullSyncAgreed(installation.store)) return true;
  if (!invocation.switches.has("yes")) {
    const scenes = await showPlan(invocation);
    const what = `${plural(scenes, "scene")} will be queued and written as planned; ` +
      `plexsync undo --all takes it back`;
    if (!confirmed(invocation, scenes, what, undefined, "queue them")) return false;
    // To have agreed to nothing says nothing about what comes.
    if (scenes === 0) return true;
  }
  agreeToFullSync(installation);
  return true;
}

/** @returns how many scenes were looked at */
async function showPlan(invocation: Invocation): Promise<number> {
  // The plan needs what the daemon works by: Plex, and the settings in Stash.
  using settings = await openServerSettings(invocation.around, { need: "daemon" });
  using installation = await openInstallation(settings);
  note(invocation, "The first sync of all scenes. Nothing is written before you agree to it.");
  const progress = new Progress(invocation, "Planned");
  const work = { progress: progress.show.bind(progress) };
  const { totals } = await reportPlan({ kind: "all" }, installation, work);
  progress.end();
  for (const line of planLines(totals)) note(invocation, line);
  note(invocation, "plexsync plan --all shows samples of it, and with --full all of it.");
  return totals.scenes;
}
