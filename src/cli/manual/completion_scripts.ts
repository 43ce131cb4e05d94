import { GLOBAL_FLAGS, SETTING_FLAGS } from "../frame/arguments.ts";
import { CHAPTERS } from "./chapters.ts";
import type { Command, Flag } from "../frame/command.ts";

type Commands = Readonly<Record<string, Command>>;

/** A word that can be completed, and what it means. */
type Offer = readonly [word: string, meaning: string];

/** Which words may stand behind a command's name; by the name. */
function wordsOf(name: string, { actions }: Command, commands: Commands): Offer[] {
  if (name === "help") return [...summaries(commands), ...Object.entries(CHAPTERS)];
  if (name === "man") return summaries(commands);
  if (name === "completions") return Object.keys(SHELLS).map((shell) => [shell, ""]);
  return Object.entries(actions ?? {}).filter(([action]) => action !== "")
    .map(([action, { summary }]) => [action, summary]);
}

function summaries(commands: Commands): Offer[] {
  return Object.entries(commands).map(([name, { summary }]) => [name, summary]);
}

/** The flags of one command. Those that are settings are offered where the daemon is started. */
function flagsOf(name: string, { flags = [] }: Command): Flag[] {
  const settings = name === "run" ? SETTING_FLAGS : [];
  return [
    ...flags,
    ...GLOBAL_FLAGS,
    ...settings.filter((each) => !GLOBAL_FLAGS.some((flag) => flag.name === each))
      .map((each) => ({ name: each, value: "VALUE", meaning: "setting" })),
  ];
}

/** What the value of a flag is: a file, a folder, one of some words, or anything. */
function valueOf({ name, value }: Flag): "none" | "file" | "folder" | "any" | readonly string[] {
  if (value === undefined) return "none";
  if (value === "FILE") return "file";
  if (value === "DIR") return "folder";
  return CHOICES[name] ?? "any";
}

const CHOICES: Readonly<Record<string, readonly string[]>> = {
  "log-format": ["text", "json"],
  "log-target": ["auto", "stash", "journal", "console", "file"],
  "log-level": ["trace", "debug", "info", "warning", "error"],
};

/** The script that completes calls of plexsync in a shell, by the shell's name. */
export const SHELLS: Readonly<Record<string, (commands: Commands) => string>> = { bash, zsh, fish };

/** All flags that take a value, by how their value is completed. */
function flagsByValue(commands: Commands): Map<string, Flag[]> {
  const all = [
    ...GLOBAL_FLAGS,
    ...Object.entries(commands).flatMap(([name, command]) => flagsOf(name, command)),
  ];
  const byName = new Map(all.map((flag) => [flag.name, flag]));
  const taking = [...byName.values()].filter((flag) => flag.value !== undefined);
  return Map.groupBy(taking, (flag) => [valueOf(flag)].flat().join(" "));
}

/** The shells' `case` for the value of the flag before the cursor. */
function valueCases(commands: Commands, say: (kind: string) => string): string {
  return [...flagsByValue(commands)].map(([kind, flags]) =>
    `    ${flags.map(({ name }) => `--${name}`).join("|")}) ${say(kind)}; return ;;\n`
  ).join("");
}

/** Finds the command and the action before the cursor, in bash and in zsh. */
function finder(commands: Commands, words: string, from: number, to: string): string {
  const taking = [...flagsByValue(commands).values()].flat().map(({ name }) => `--${name}`);
  return `  local command="" action="" before="" word i
  for ((i = ${from}; i < ${to}; i++)); do
    word="\${${words}[i]}"
    case " ${taking.join(" ")} " in *" $before "*) before=""; continue ;; esac
    before="$word"
    case "$word" in
      -*) ;;
      *) if [[ -z "$command" ]]; then command="$word"; elif [[ -z "$action" ]]; then action="$word"; fi ;;
    esac
  done
`;
}

function bash(commands: Commands): string {
  const list = (offers: readonly Offer[]) => offers.map(([word]) => word).join(" ");
  const values = valueCases(commands, (kind) => {
    if (kind === "file") return 'COMPREPLY=($(compgen -f -- "$cur"))';
    if (kind === "folder") return 'COMPREPLY=($(compgen -d -- "$cur"))';
    return kind === "any" ? "COMPREPLY=()" : `COMPREPLY=($(compgen -W "${kind}" -- "$cur"))`;
  });
  const cases = Object.entries(commands).map(([name, command]) => {
    const flags = flagsOf(name, command).map((flag) => `--${flag.name}`).join(" ");
    return `    ${name}) flags="${flags}"; [[ -z "$action" ]] && offers="${
      list(wordsOf(name, command, commands))
    }" ;;\n`;
  });
  return `# Completions of plexsync for bash: source this file, or put it into
# ~/.local/share/bash-completion/completions/plexsync
_plexsync() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD - 1]}"
  local flags="${GLOBAL_FLAGS.map(({ name }) => `--${name}`).join(" ")}" offers=""
${finder(commands, "COMP_WORDS", 1, "COMP_CWORD")}  case "$prev" in
${values}  esac
  case "$command" in
    "") flags="$flags --stats"; offers="${list(summaries(commands))}" ;;
${cases.join("")}  esac
  if [[ "$cur" == -* ]]; then offers="$flags"; fi
  COMPREPLY=($(compgen -W "$offers" -- "$cur"))
}
complete -o default -F _plexsync plexsync
`;
}

function zsh(commands: Commands): string {
  // In _describe a colon ends the word.
  const list = (offers: readonly Offer[]) =>
    offers.map(([word, meaning]) => quoted(`${word.replaceAll(":", "\\:")}:${meaning}`)).join(" ");
  const flagList = (flags: readonly Flag[]) =>
    list(flags.map(({ name, meaning }) => [`--${name}`, meaning]));
  const values = valueCases(commands, (kind) => {
    if (kind === "file") return "_files";
    if (kind === "folder") return "_files -/";
    return kind === "any" ? "_message value" : `compadd -- ${kind}`;
  });
  const cases = Object.entries(commands).map(([name, command]) =>
    `    ${name}) flags=(${flagList(flagsOf(name, command))}); [[ -z "$action" ]] && offers=(${
      list(wordsOf(name, command, commands))
    }) ;;\n`
  );
  return `#compdef plexsync
# Completions of plexsync for zsh: put this file as _plexsync into a folder of $fpath, or source it
# after compinit.
_plexsync() {
  local -a flags offers
  local cur="\${words[CURRENT]}" prev="\${words[CURRENT - 1]}"
  flags=(${flagList(GLOBAL_FLAGS)})
${finder(commands, "words", 2, "CURRENT")}  case "$prev" in
${values}  esac
  case "$command" in
    "") offers=(${list(summaries(commands))}) ;;
${cases.join("")}  esac
  if [[ "$cur" == -* ]]; then _describe flag flags; elif (( $#offers )); then _describe word offers; else _files; fi
}
if [[ "\${funcstack[1]}" == _plexsync ]]; then _plexsync "$@"; else compdef _plexsync plexsync; fi
`;
}

function fish(commands: Commands): string {
  const lines = [
    "# Completions of plexsync for fish: put this file into ~/.config/fish/completions/",
    "complete -c plexsync -f",
  ];
  const flag = (when: string, each: Flag) => {
    const value = valueOf(each);
    const takes = value === "none"
      ? ""
      : value === "file" || value === "folder"
      ? " -r -F"
      : value === "any"
      ? " -x"
      : ` -x -a ${quoted(value.join(" "))}`;
    lines.push(
      `complete -c plexsync${when} -l ${each.name}${takes} -d ${fishQuoted(each.meaning)}`,
    );
  };
  for (const each of GLOBAL_FLAGS) flag("", each);
  for (const [name, summary] of summaries(commands)) {
    lines.push(
      `complete -c plexsync -n __fish_use_subcommand -a ${name} -d ${fishQuoted(summary)}`,
    );
  }
  for (const [name, command] of Object.entries(commands)) {
    const seen = `__fish_seen_subcommand_from ${name}`;
    const offers = wordsOf(name, command, commands);
    // Only the word right behind the command is one of these.
    const next = `test (count (commandline -opc)) -eq 2; and ${seen}`;
    for (const [word, meaning] of offers) {
      lines.push(
        `complete -c plexsync -n ${quoted(next)} -a ${word} -d ${fishQuoted(meaning)}`,
      );
    }
    for (const each of flagsOf(name, command)) {
      if (!GLOBAL_FLAGS.includes(each)) flag(` -n ${quoted(seen)}`, each);
    }
  }
  return lines.join("\n") + "\n";
}

/** For bash and zsh: all as it stands. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function fishQuoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
