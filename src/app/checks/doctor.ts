import { formatDuration, MINUTE_MS } from "../../core/time/duration.ts";
import { UserError } from "../../core/failures/errors.ts";
import type { Problem } from "../../core/failures/problems.ts";
import type { Runtime } from "../../core/runtime.ts";
import { VERSION } from "../../core/version.ts";
import { checkOnline } from "./config_check.ts";
import { ask, type Finding, fine, wrong } from "./finding.ts";
import { checkSetup } from "./setup_check.ts";
import { checkFolder } from "./folder_check.ts";
import {
  type Installation,
  openServerSettings,
  openToAsk,
  type Settings,
  type Surroundings,
} from "../installation.ts";
import { lockHolder } from "../data/lock.ts";
import { readManifestVersion } from "../install/plugin_install.ts";
import { findPluginsFolder } from "../install/plugins_folder.ts";
import { refuseOpenListener } from "../settings/listen_token.ts";
import { redactorOf } from "../redactor.ts";

/** Clocks that differ by more make times in logs hard to compare; cursors go by the server's own. */
const CLOCKS_DIFFER_MS = MINUTE_MS;

/** All that was looked at, and what it was looked at in; null where not even the settings can be read. */
export interface Examination {
  findings: Finding[];
  settings: Settings | null;
}

/**
 * Looks at everything that can be wrong with an installation, and changes nothing; never rejects
 * for what is wrong. The settings come first: without them nothing else can be found.
 */
export async function examine(around: Surroundings): Promise<Examination> {
  const opened = await openAll(around);
  if (opened.settings === null) return { findings: opened.findings, settings: null };
  const { settings } = opened;
  const findings = [
    ...opened.findings,
    ...await checkFolder(settings.files, settings.nativeLibrary),
    checkDaemon(settings),
  ];
  if (!findings.some(isDatabaseFault)) findings.push(...await examineWork(settings));
  findings.push(await checkPlugin(settings, around));
  return { findings: redactorOf(settings)(findings), settings };
}

/** The settings, even where a server's are missing: the rest can be looked at all the same. */
async function openAll(
  around: Surroundings,
): Promise<{ findings: Finding[]; settings: Settings | null }> {
  const check = "settings";
  const findings: Finding[] = [];
  for (const need of ["daemon", "offline"] as const) {
    try {
      const settings = await openServerSettings(around, { need, quiet: true });
      const { loaded, unread } = settings;
      if (need === "daemon") {
        findings.push(
          await ask(check, "settings_wrong", () => {
            refuseOpenListener(loaded.config);
            return Promise.resolve(`read from ${loaded.file ?? "environment and flags"}`);
          }),
        );
      }
      if (unread !== null) {
        const summary = `Those on Stash's page are not used: ${unread.message}`;
        findings.push(wrong(check, "warning", "settings_wrong", summary, unread.hint));
      }
      return { findings, settings };
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      const hint = error.hint ?? "plexsync help settings explains each";
      // What the second attempt complains of is among what the first one did.
      if (findings.length === 0) {
        findings.push(wrong(check, "error", "settings_wrong", error.message, hint));
      }
    }
  }
  return { findings, settings: null };
}

function isDatabaseFault(finding: Finding): boolean {
  return !finding.ok && finding.check === "database" && finding.problem.severity === "error";
}

function checkDaemon({ files, runtime }: Settings): Finding {
  const check = "daemon";
  const holder = lockHolder(files.lock);
  if (holder === null) {
    return wrong(check, "error", "daemon_stopped", "It does not run", "Start it: plexsync run");
  }
  return fine(check, `runs for ${formatDuration(runtime.now() - holder.since)}, pid ${holder.pid}`);
}

/** What the database and the servers tell. */
async function examineWork(settings: Settings): Promise<Finding[]> {
  using installation = await openToAsk(settings);
  const { config } = settings;
  const findings = [fine("driver", installation.store.driver)];
  if (config.plexUrl !== "" && config.stashUrl !== "") {
    // Only of servers that answer: that they do not is said already.
    const clocks: Finding[] = [];
    const online = await checkOnline(installation, (server, now) => {
      clocks.push(clockFinding(server, now, installation.runtime));
    });
    findings.push(...online, ...clocks);
    // Only servers that answer can tell where the files are.
    if (online.every(({ ok }) => ok)) findings.push(...await checkSetup(installation));
  }
  if (!installation.empty) findings.push(...checkQueue(installation));
  return findings;
}

function clockFinding(name: string, now: number | null, runtime: Pick<Runtime, "now">): Finding {
  const check = `${name}'s clock`;
  if (now === null) return fine(check, "not told");
  const ahead = now - runtime.now();
  if (Math.abs(ahead) < CLOCKS_DIFFER_MS) return fine(check, "as here");
  const how = `${formatDuration(Math.abs(ahead))} ${ahead > 0 ? "ahead" : "behind"}`;
  const hint = "Let both machines set their clocks by NTP";
  return wrong(check, "warning", "clock_differs", `It is ${how} of the one here`, hint);
}

function checkQueue({ store }: Installation): Finding[] {
  const letters = store.deadLetters.count();
  const waiting = store.jobs.counts().find(({ state }) => state === "waiting")?.count ?? 0;
  return [
    letters === 0 ? fine("dead letters", "none") : wrong(
      "dead letters",
      "warning",
      "dead_letters",
      `${letters} ${letters === 1 ? "job was" : "jobs were"} given up`,
      "plexsync dead list tells which and why",
    ),
    waiting === 0 ? fine("not in Plex", "no scene waits") : wrong(
      "not in Plex",
      "warning",
      "waiting",
      `${waiting} ${
        waiting === 1 ? "scene waits" : "scenes wait"
      } for a file that Plex does not have`,
      "plexsync status names them",
    ),
  ];
}

/** Whether Stash calls us when something changes. Without it changes come by polling, a bit later. */
async function checkPlugin(settings: Settings, { world }: Surroundings): Promise<Finding> {
  const check = "Stash plugin";
  return await ask(check, "plugin_unknown", async () => {
    const folder = await findPluginsFolder(settings, undefined, world.env);
    const version = readManifestVersion(folder);
    if (version === VERSION) return `installed in ${folder.path}`;
    throw new Error(
      version === null
        ? `There is none in ${folder.path}: changes come by polling only`
        : `It was written by plexsync ${version}, this is ${VERSION}`,
    );
  }).then(softened);
}

/** One can do without the plugin, and it may be on a machine that is not looked at here. */
function softened(finding: Finding): Finding {
  if (finding.ok) return finding;
  const hint = "plexsync install stash-plugin writes it; --plugins-dir names Stash's folder";
  const problem: Problem = { ...finding.problem, severity: "warning", hint };
  return { ...finding, problem };
}
