import { openSettings, openToAsk } from "../app/installation.ts";
import { redactorOf } from "../app/redactor.ts";
import { UserError } from "../core/errors.ts";
import type { Command, Invocation } from "./command.ts";
import { YES_FLAG } from "./ask_first.ts";
import { discard, purge, retry } from "./dead_change.ts";
import { exportLetters } from "./dead_export.ts";
import { list } from "./dead_list.ts";
import { type DeadAction, SELECTION_FLAGS } from "./dead_selection.ts";
import { show } from "./dead_show.ts";
import { LIMIT_FLAG } from "./limit.ts";

/** What can be done, and the flags beside the selection that each takes. */
const ACTIONS: Readonly<Record<string, { act: DeadAction; own: readonly string[] }>> = {
  list: { act: list, own: ["limit"] },
  show: { act: show, own: [] },
  retry: { act: retry, own: [] },
  discard: { act: discard, own: ["yes"] },
  purge: { act: purge, own: ["yes"] },
  export: { act: exportLetters, own: ["output"] },
};

export const command: Command = {
  usage:
    "dead list | dead show ID | dead (retry | discard | purge | export) (ID… | --all | FILTER)",
  summary: "Show the jobs that were given up, with reason and hint; put them back or remove them",
  flags: [
    ...SELECTION_FLAGS,
    LIMIT_FLAG,
    { name: "output", value: "FILE", meaning: "export into this file, for its owner's eyes only" },
    YES_FLAG,
  ],
  notes: [
    "Filters join: --type PlexNotFound --since 24h means both. list and export take all without.",
    "retry puts scenes back into the queue with fresh attempts; discard and purge forget them.",
    "IDs are numbers as dead list shows them: 3 4 or 3,4. purge takes filters only.",
  ],
  takesWords: true,
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const [name = "list", ...words] = invocation.words;
  const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
  if (action === undefined) {
    throw new UserError(`Unknown: dead ${name}`, "usage", `Usage: plexsync ${command.usage}`);
  }
  const { values, switches } = invocation;
  for (const flag of ["limit", "output", "yes"]) {
    if ((flag in values || switches.has(flag)) && !action.own.includes(flag)) {
      throw new UserError(`--${flag} is not for dead ${name}`, "usage");
    }
  }
  using settings = openSettings(invocation.around, { need: "offline" });
  using installation = await openToAsk(settings);
  return action.act({ installation, words, invocation, redact: redactorOf(settings) });
}
