import { UserError } from "../../core/failures/errors.ts";
import { near } from "../../core/text/nearest.ts";
import type { Command, Invocation } from "../frame/command.ts";
import { loadCommands } from "../frame/commands.ts";
import { manPage, manPageOf } from "./man_page.ts";

export const command: Command = {
  usage: "man [COMMAND]",
  summary: "Print a manual page, for man",
  words: "[COMMAND]",
  examples: [
    { line: "plexsync man | man -l -", tells: "read it" },
    { line: "plexsync man queue", tells: "the page of one command" },
  ],
  run,
};

async function run({ words: [name], world }: Invocation): Promise<number> {
  const commands = await loadCommands();
  if (name === undefined) world.stdout(manPage(commands));
  else if (Object.hasOwn(commands, name)) world.stdout(manPageOf(name, commands[name]!));
  else {
    const meant = near(name, Object.keys(commands));
    throw new UserError(
      `There is no command "${name}"`,
      "usage",
      meant === undefined ? "plexsync --help lists the commands" : `The nearest is ${meant}`,
    );
  }
  return 0;
}
