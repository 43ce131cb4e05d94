import { UserError } from "../../core/failures/errors.ts";
import { near } from "../../core/text/nearest.ts";
import type { Command, Invocation } from "../frame/command.ts";
import { loadCommands } from "../frame/commands.ts";
import { SHELLS } from "./completion_scripts.ts";

const NAMES = Object.keys(SHELLS);

export const command: Command = {
  usage: `completions (${NAMES.join(" | ")})`,
  summary: "Print a script by which a shell completes commands and flags",
  words: "SHELL",
  examples: [
    {
      line: "plexsync completions bash",
      tells: "into ~/.local/share/bash-completion/completions/plexsync",
    },
    { line: "plexsync completions zsh", tells: "as _plexsync into a folder of $fpath" },
    { line: "plexsync completions fish", tells: "into ~/.config/fish/completions/plexsync.fish" },
  ],
  run,
};

async function run({ words, world }: Invocation): Promise<number> {
  const shell = words[0]!;
  const script = Object.hasOwn(SHELLS, shell) ? SHELLS[shell] : undefined;
  if (script === undefined) {
    const meant = near(shell, NAMES);
    throw new UserError(
      `Cannot complete in "${shell}"`,
      "usage",
      meant === undefined ? `It must be one of ${NAMES.join(", ")}` : `The nearest is ${meant}`,
    );
  }
  world.stdout(script(await loadCommands()));
  return 0;
}
