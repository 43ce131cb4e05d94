import { VERSION } from "../../core/version.ts";
import { GLOBAL_FLAGS } from "../frame/arguments.ts";
import { CHAPTERS } from "./chapters.ts";
import type { Command, Flag } from "../frame/command.ts";
import { EXIT_CODES } from "../frame/exit_code.ts";
import { usagesOf } from "../frame/usage.ts";
import { pairs, wrap } from "../terminal/wrap.ts";

/** What every terminal has. */
export const WIDTH = 80;

/** What the program is, its commands and where more is told. */
export function overview(commands: Readonly<Record<string, Command>>): string {
  const rows = Object.entries(commands).map(([name, { summary }]) => [name, summary] as const);
  return `plexsync ${VERSION}: keeps Plex's metadata equal to what was curated in Stash

Usage: plexsync COMMAND [flags]

Commands:
${pairs(rows, WIDTH)}

Flags of every command:
${flagLines(GLOBAL_FLAGS)}
Each setting is a flag too, such as --poll-interval 10.

plexsync help COMMAND tells what a command takes, with examples.
plexsync help CHAPTER prints one of these:
  ${wrap(Object.keys(CHAPTERS).join(", "), WIDTH - 2, "  ")}

plexsync --stats is short for plexsync stats.
${wrap(`Exit codes: ${exitCodes()}.`, WIDTH)}
`;
}

function exitCodes(): string {
  return Object.entries(EXIT_CODES).map(([code, meaning]) => `${code} ${meaning}`).join(", ");
}

/** All that a command takes, and examples. */
export function helpOf(command: Command): string {
  const { summary, actions, flags = [], notes = [], examples } = command;
  const sections = [wrap(summary, WIDTH), usageLines(command)];
  if (actions !== undefined) sections.push(actionLines(command));
  if (flags.length > 0) sections.push(`Flags:\n${flagLines(flags)}`);
  sections.push(
    `Flags of every command:\n${flagLines(GLOBAL_FLAGS)}`,
    `Examples:\n${examples.map(exampleLines).join("\n")}`,
  );
  if (notes.length > 0) sections.push(noteLines(notes));
  return sections.join("\n\n") + "\n";
}

function usageLines(command: Command): string {
  const margin = " ".repeat(BEGIN.length);
  return usagesOf(command).map((usage, at) =>
    (at === 0 ? BEGIN : margin.slice("plexsync ".length) + "plexsync ") +
    wrap(usage, WIDTH - BEGIN.length, "  ").replaceAll("\n", `\n${margin}`)
  ).join("\n");
}

const BEGIN = "Usage: plexsync ";

function actionLines({ actions = {}, usualAction }: Command): string {
  return pairs(
    Object.entries(actions).map(([name, { summary }]) => {
      const usual = name === usualAction ? `${summary} (when nothing is named)` : summary;
      return [name === "" ? "(nothing)" : name, usual];
    }),
    WIDTH,
  );
}

function flagLines(flags: readonly Flag[]): string {
  return pairs(
    flags.map(({ name, value, meaning }) => [
      `--${name}${value === undefined ? "" : ` ${value}`}`,
      meaning,
    ]),
    WIDTH,
  );
}

function exampleLines({ line, tells }: Command["examples"][number]): string {
  return `  ${line}\n      ${wrap(tells, WIDTH - 6, "      ")}`;
}

/** Paragraphs, and tables of the rows that follow each other. */
function noteLines(notes: readonly string[]): string {
  const parts: (string | [string, string][])[] = [];
  for (const note of notes) {
    const [, name, meaning] = /^(\S+) {2,}(.+)$/.exec(note) ?? [];
    const last = parts.at(-1);
    if (name === undefined) parts.push(note);
    else if (Array.isArray(last)) last.push([name, meaning!]);
    else parts.push([[name, meaning!]]);
  }
  return parts.map((part) => Array.isArray(part) ? pairs(part, WIDTH) : wrap(part, WIDTH))
    .join("\n");
}
