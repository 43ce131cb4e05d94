import { VERSION } from "../../core/version.ts";
import { GLOBAL_FLAGS } from "../frame/arguments.ts";
import { CHAPTERS } from "./chapters.ts";
import type { Command, Flag } from "../frame/command.ts";
import { EXIT_CODES } from "../frame/exit_code.ts";
import { usagesOf } from "../frame/usage.ts";

/** The page plexsync(1), in the language of man. */
export function manPage(commands: Readonly<Record<string, Command>>): string {
  return [
    title("plexsync"),
    section("NAME", "plexsync \\- keeps Plex's metadata equal to what was curated in Stash\n"),
    section("SYNOPSIS", ".B plexsync\n.I COMMAND\n[flags]\n"),
    section(
      "COMMANDS",
      items(Object.entries(commands).map(([name, { summary }]) => [name, summary])) +
        paragraph("plexsync man COMMAND prints the page of one."),
    ),
    section("FLAGS OF EVERY COMMAND", flagItems(GLOBAL_FLAGS)),
    section(
      "CHAPTERS",
      paragraph("plexsync help CHAPTER prints one of these:") + items(Object.entries(CHAPTERS)),
    ),
    section("EXIT STATUS", items(Object.entries(EXIT_CODES))),
    section(
      "FILES",
      items([
        ["~/.local/share/plexsync/plexsync.toml", "settings of one user"],
        ["/etc/plexsync/plexsync.toml", "settings of the machine"],
        ["~/.local/share/plexsync/plexsync.db", "all state"],
      ]),
    ),
  ].join("");
}

/** The page of one command, plexsync-NAME(1). */
export function manPageOf(name: string, command: Command): string {
  const { summary, actions = {}, flags = [], notes = [], examples } = command;
  const shown = Object.entries(actions).map(([action, { summary }]) =>
    [action === "" ? "(nothing)" : action, summary] as const
  );
  return [
    title(`plexsync-${name}`),
    section("NAME", `plexsync\\-${escape(name)} \\- ${escape(summary)}\n`),
    section(
      "SYNOPSIS",
      usagesOf(command).map((usage) => `.B plexsync ${escape(usage)}\n`).join(".br\n"),
    ),
    shown.length === 0 ? "" : section("ACTIONS", items(shown)),
    flags.length === 0 ? "" : section("FLAGS", flagItems(flags)),
    section("EXAMPLES", items(examples.map(({ line, tells }) => [line, tells]))),
    notes.length === 0 ? "" : section("NOTES", notes.map(paragraph).join("")),
    section("SEE ALSO", ".BR plexsync (1)\n"),
  ].join("");
}

function title(name: string): string {
  // Without hyphens of its own: names and flags have theirs.
  return `.TH ${escape(name.toUpperCase())} 1 "" "plexsync ${VERSION}" "plexsync"\n.nh\n`;
}

function section(name: string, text: string): string {
  return `.SH ${name}\n${text}`;
}

function items(rows: readonly (readonly [string, string])[]): string {
  return rows.map(([name, meaning]) => `.TP\n.B ${escape(name)}\n${escape(meaning)}\n`).join("");
}

function flagItems(flags: readonly Flag[]): string {
  return items(flags.map(({ name, value, meaning }) => [
    `--${name}${value === undefined ? "" : ` ${value}`}`,
    meaning,
  ]));
}

function paragraph(text: string): string {
  return `.PP\n${escape(text)}\n`;
}

/** As it stands: a line's first dot or quote, backslashes and minus signs mean something else. */
function escape(text: string): string {
  return text.replaceAll("\\", "\\e").replaceAll("-", "\\-").replaceAll("…", "...")
    .replace(/^(?=[.'])/, "\\&").replaceAll('"', "\\(dq");
}
