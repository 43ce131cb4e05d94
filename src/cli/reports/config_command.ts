import { checkOnline } from "../../app/checks/config_check.ts";
import { checkSetup } from "../../app/checks/setup_check.ts";
import { type Finding, fine } from "../../app/checks/finding.ts";
import { openInstallation, openServerSettings } from "../../app/installation.ts";
import { describeConfig } from "../../config/show.ts";
import { checkRowOf, checkText } from "./check_rows.ts";
import { refuseOpenListener } from "../../app/settings/listen_token.ts";
import type { Command, Invocation } from "../frame/command.ts";
import { print, table } from "../terminal/output.ts";

export const command: Command = {
  usage: "config",
  summary: "Show the settings in force and where each comes from, or check them",
  flags: [{ name: "online", meaning: "also ask both servers, for the libraries and the token" }],
  actions: {
    show: { summary: "each setting, its value and where it comes from", flags: [] },
    check: { summary: "whether the settings are whole and right", flags: ["online"] },
  },
  usualAction: "show",
  isServed: true,
  examples: [
    { line: "plexsync config check --online", tells: "are both servers and the library found?" },
    { line: "plexsync config show --json", tells: "the settings for a program" },
  ],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  return invocation.action === "show" ? await show(invocation) : await check(invocation);
}

async function show(invocation: Invocation): Promise<number> {
  using settings = await openServerSettings(invocation.around, { need: "offline" });
  const rows = describeConfig(settings.loaded);
  print(invocation, rows, (paint) => {
    const file = settings.loaded.file ?? "none";
    return `Config file: ${file}\nData directory: ${settings.files.folder}\n\n` +
      table(
        ["KEY", "VALUE", "FROM"],
        rows.map(({ key, value, origin }) => [key, value, origin]),
        paint,
      );
  });
  return 0;
}

async function check(invocation: Invocation): Promise<number> {
  using settings = await openServerSettings(invocation.around, { need: "daemon" });
  refuseOpenListener(settings.loaded.config);
  const from = settings.loaded.file ?? "environment and flags";
  const findings: Finding[] = [fine("settings", `read from ${from}`)];
  if (invocation.switches.has("online")) {
    using installation = await openInstallation(settings);
    findings.push(...await checkOnline(installation));
    // Only servers that answer can tell where the files are.
    if (findings.every(({ ok }) => ok)) findings.push(...await checkSetup(installation));
  }
  const rows = findings.map(checkRowOf);
  print(invocation, rows, () => rows.map(checkText).join(""));
  return rows.every(({ ok }) => ok) ? 0 : 1;
}
