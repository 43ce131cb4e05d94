import type { Command, Invocation } from "../frame/command.ts";
import { exitCodeOf } from "../frame/exit_code.ts";

export const command: Command = {
  usage: "plugin",
  summary: "Called by Stash: takes a hook or runs a task, as the document on stdin says",
  examples: [
    { line: "plexsync plugin --data-dir /var/lib/plexsync", tells: "as the manifest calls it" },
  ],
  notes: [
    "plexsync install stash-plugin writes the manifest that makes Stash call it.",
    'The answer is one JSON object on stdout: {"output": …} or {"error": …}.',
  ],
  run,
};

async function run({ around, faces }: Invocation): Promise<number> {
  const { answerStash } = await faces.plugin();
  return await answerStash(around, exitCodeOf);
}
