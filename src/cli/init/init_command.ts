import { type Finding, fine } from "../../app/checks/finding.ts";
import {
  type Installation,
  openServerSettings,
  openSettings,
  type Settings,
} from "../../app/installation.ts";
import { pathRulesText } from "../../app/checks/path_rules_report.ts";
import { planTotalsText } from "../../app/scenes/plan_totals.ts";
import {
  checkSetup,
  namesValue,
  openTrial,
  trialOf,
  withAnswer,
} from "../../app/settings/setup.ts";
import { aroundSetup, setupFile } from "../../app/settings/setup_file.ts";
import { entryOf } from "../../config/schema.ts";
import type { TomlValue } from "../../config/toml_edit.ts";
import { UserError } from "../../core/failures/errors.ts";
import { DECLINED } from "../terminal/ask_first.ts";
import { type CheckRow, checkRowOf, checkText } from "../reports/check_rows.ts";
import type { Command, Invocation } from "../frame/command.ts";
import { InitDialog } from "./init_dialog.ts";
import { draftOf, type Found, type SetUp } from "./init_draft.ts";
import { addExtras, type Extras, type FirstSync, planFirstSync } from "./init_extras.ts";
import { findOut } from "./init_unattended.ts";
import { keepSettings, promptOf } from "./keep_settings.ts";
import { print } from "../terminal/output.ts";
import type { Prompt } from "../terminal/prompt.ts";

export const command: Command = {
  usage: "init [flags]",
  summary: "Find Stash and Plex, write the config file, and show what the first sync would do",
  flags: [
    { name: "stash-url", value: "URL", meaning: "address of Stash" },
    { name: "stash-api-key-file", value: "FILE", meaning: "file that holds the API key of Stash" },
    { name: "plex-url", value: "URL", meaning: "address of Plex" },
    { name: "plex-token-file", value: "FILE", meaning: "file that holds the token of Plex" },
    { name: "plex-library", value: "NAME,…", meaning: "libraries to sync, or all" },
    { name: "plugin", meaning: "also install the plugin into Stash" },
    { name: "service", value: "WHOSE", meaning: "also install the service: system or user" },
    { name: "plan", meaning: "also show what the first sync would change" },
    { name: "yes", meaning: "ask nothing, and change a config file that is there" },
    { name: "exec", value: "FILE", meaning: "the executable that plugin and service start" },
    { name: "plugins-dir", value: "DIR", meaning: "Stash's plugins folder, where it is not found" },
    { name: "unit-dir", value: "DIR", meaning: "where the service's unit is written instead" },
  ],
  examples: [
    { line: "plexsync init", tells: "asks for what it does not know" },
    {
      line: "plexsync init --plex-url http://plex:32400 --plex-token-file token",
      tells: "asks for Stash alone; with --stash-url and its key for nothing",
    },
  ],
  notes: [
    "Asks on a terminal, and only for what no flag, variable of the environment or config file " +
    "says. Nothing is written before both servers were tried, and nothing at all to Stash or Plex.",
    "All else in a config file that is there stays. The file is for its owner's eyes only. " +
    "Secrets are taken from files, from the environment (PLEXSYNC_PLEX_TOKEN) or by a question.",
  ],
  run,
};

/** As `--json` has it. Names are stable. */
interface Report extends Pick<Extras, "plugin" | "service">, FirstSync {
  path: string;
  /** Keys of the settings that were written; none when all stood there already. */
  changed: string[];
  checks: CheckRow[];
  /** Commands. */
  next: string[];
}

async function run(invocation: Invocation): Promise<number> {
  const whose = invocation.values.service;
  if (whose !== undefined && whose !== "system" && whose !== "user") {
    throw new UserError(`--service must be system or user: it is "${whose}"`, "usage");
  }
  const file = setupFile(invocation.around);
  using settings = openSettings(aroundSetup(invocation.around, file), { need: "offline" });
  using trial = await openTrial(settings);
  const setUp: SetUp = { invocation, settings, trial, draft: draftOf(invocation, settings), file };
  const prompt = promptOf(invocation);
  const found = prompt === null ? await findOut(setUp) : await askAll(setUp, prompt);
  const checks = await check(tried(setUp, found));
  const changed = keepSettings(invocation, file, wantedSettings(setUp, found), prompt);
  if (changed === null) return DECLINED;
  return await finish(setUp, prompt, { checks, changed, signedIn: found.signedIn });
}

async function askAll({ settings, trial, draft, file }: SetUp, prompt: Prompt): Promise<Found> {
  prompt.say(`Sets up ${file.path}. Ctrl+C ends this, and nothing is written.`);
  const dialog = new InitDialog(draft, trial, prompt);
  await dialog.stash();
  const all = await dialog.plex();
  const isKnown = settings.loaded.origins.plex_library?.source !== "default";
  const stays = isKnown && await dialog.hasLibraries(all);
  return { library: stays ? null : dialog.libraries(all), signedIn: dialog.signedIn };
}

function tried({ trial, draft }: SetUp, { library }: Found): Installation {
  const { config } = draft;
  return trialOf(trial, library === null ? config : withAnswer(config, "plex_library", library));
}

/** @throws {UserError} a server is not as it has to be */
async function check(installation: Installation): Promise<Finding[]> {
  const findings = await checkSetup(installation);
  const problems = findings.flatMap((finding) => finding.ok ? [] : [finding.problem]);
  if (problems.length === 0) return findings;
  const hints = problems.map(({ hint }) => hint).filter((hint) => hint !== null);
  throw new UserError(
    ["Nothing was written", ...problems.map(({ summary }) => summary)].join("\n"),
    "failed",
    [...new Set(hints)].join("; ") || undefined,
  );
}

/** What has to stand in the file: the answers, and each setting that was given as a flag. */
function wantedSettings(
  { invocation, draft: { config }, settings }: SetUp,
  { library }: Found,
): Record<string, TomlValue> {
  const flags = Object.entries(invocation.around.flags)
    .filter(([flag]) => !/^(config|data-dir|log-.*)$/.test(flag))
    .map(([flag, text]) => [flag.replaceAll("-", "_"), text] as const)
    .map(([key, text]) => [key, flagValue(key, text, settings)] as const);
  return {
    ...Object.fromEntries(flags),
    stash_url: config.stashUrl,
    stash_api_key: config.stashApiKey,
    plex_url: config.plexUrl,
    plex_token: config.plexToken,
    ...(library === null ? {} : { plex_library: library }),
  };
}

/** A flag's text as the file would have it. */
function flagValue(key: string, text: string, { config }: Settings): TomlValue {
  const value = config[entryOf(key).property];
  if (typeof value === "boolean") return value;
  if (key === "plex_library") return namesValue(config.plexLibrary);
  return typeof value === "number" && /^\d{1,15}$/.test(text) ? Number(text) : text;
}

async function finish(
  { invocation, trial, file }: SetUp,
  prompt: Prompt | null,
  { checks, changed, signedIn }: { checks: Finding[]; changed: string[]; signedIn: boolean },
): Promise<number> {
  using settings = await openServerSettings(invocation.around, { need: "daemon" });
  const extras = await addExtras(invocation, settings, prompt);
  const { plugin, service, isApart } = extras;
  const first = await planFirstSync(invocation, settings, prompt, signedIn ? trial : null, isApart);
  const report: Report = {
    path: file.path,
    changed,
    checks: [fine("settings", file.path), ...checks].map(checkRowOf),
    plugin,
    service,
    ...first,
    next: nextSteps(invocation, extras),
  };
  print(invocation, report, () => reportText(report));
  return 0;
}

function nextSteps({ values }: Invocation, { service, whose, isApart }: Extras): string[] {
  const where = ["config", "data-dir"].map((flag) =>
    values[flag] === undefined ? "" : ` --${flag} ${quoted(values[flag])}`
  ).join("");
  const manager = whose === "user" ? "systemctl --user" : "systemctl";
  const start = [`${manager} daemon-reload`, `${manager} enable --now plexsync`];
  // The service is asked then, and has to run for that.
  if (isApart) return [...start, "plexsync plan --all", "plexsync sync --all"];
  return [
    `plexsync plan --all${where}`,
    `plexsync sync --all${where}`,
    ...(service === null ? [`plexsync run${where}`] : start),
  ];
}

/** A path that a shell takes for one word. */
function quoted(path: string): string {
  return /^[\w./@:+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

function reportText({ checks, plugin, service, path_rules, plan, next }: Report): string {
  const placed = [
    ...(plugin === null
      ? []
      : [`Plugin: ${plugin} (in Stash: Settings > Plugins > Reload plugins)`]),
    ...(service === null ? [] : [`Service: ${service}`]),
  ];
  const planned = plan === null || path_rules === null ? [] : [
    "",
    "The first sync:",
    planTotalsText(plan).trimEnd(),
    `Paths: ${pathRulesText(path_rules)}`,
  ];
  return checks.map(checkText).join("") +
    [...placed, ...planned, "", "Next:", ...next.map((line) => `  ${line}`)].join("\n") + "\n";
}
