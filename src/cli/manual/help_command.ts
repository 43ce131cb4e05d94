import { UserError } from "../../core/failures/errors.ts";
import { near } from "../../core/text/nearest.ts";
import { CHAPTERS, readChapter } from "./chapters.ts";
import type { Command, Invocation } from "../frame/command.ts";
import { loadCommands } from "../frame/commands.ts";
import { helpOf, overview, WIDTH } from "./help_text.ts";
import { markdownText } from "./markdown_text.ts";
import { print } from "../terminal/output.ts";

export const command: Command = {
  usage: "help [COMMAND | CHAPTER]",
  summary: "List the commands, tell what one takes, or print a chapter of the documentation",
  words: "[TOPIC]",
  examples: [
    { line: "plexsync help dead", tells: "what the command dead takes" },
    { line: "plexsync help troubleshooting", tells: "what to do, by what you see" },
  ],
  notes: [`The chapters are ${Object.keys(CHAPTERS).join(", ")}.`],
  run,
};

/** The list of commands, or what there is to tell of one topic: a command, a chapter, or both. */
async function run(invocation: Invocation): Promise<number> {
  const [topic] = invocation.words;
  const commands = await loadCommands();
  if (topic === undefined) {
    print(invocation, { commands: Object.keys(commands), chapters: Object.keys(CHAPTERS) }, () => {
      return overview(commands);
    });
    return 0;
  }
  const parts = [
    ...(Object.hasOwn(commands, topic) ? [helpOf(commands[topic]!)] : []),
    ...(Object.hasOwn(CHAPTERS, topic) ? [markdownText(readChapter(topic), WIDTH)] : []),
  ];
  if (parts.length === 0) {
    const meant = near(topic, [...Object.keys(commands), ...Object.keys(CHAPTERS)]);
    throw new UserError(
      `No help on "${topic}"`,
      "usage",
      meant === undefined
        ? "plexsync help lists commands and chapters"
        : `The nearest is ${meant}; plexsync help lists commands and chapters`,
    );
  }
  print(invocation, { topic, text: parts.join("\n") }, () => parts.join("\n"));
  return 0;
}
