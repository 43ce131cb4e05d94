import { openSettings, openToAsk } from "../../app/installation.ts";
import { redactorOf } from "../../app/redactor.ts";
import type { Action, Command, Invocation } from "../frame/command.ts";
import { YES_FLAG } from "../terminal/ask_first.ts";
import { discard, purge, retry } from "./dead_change.ts";
import { exportLetters } from "./dead_export.ts";
import { list } from "./dead_list.ts";
import { type DeadAction, SELECTION_FLAGS } from "./dead_selection.ts";
import { show } from "./dead_show.ts";
import { LIMIT_FLAG } from "../frame/limit.ts";

const SELECTION = SELECTION_FLAGS.map(({ name }) => name);

const ACTIONS: Readonly<Record<string, Action & { act: DeadAction }>> = {
  list: {
    act: list,
    summary: "what was given up, why, and what to do about it; newest first",
    flags: [...SELECTION, "limit"],
  },
  show: { act: show, words: "ID", summary: "all that is known of one", flags: [] },
  retry: {
    act: retry,
    words: "[ID…]",
    summary: "put the scenes back into the queue, with fresh attempts",
    flags: SELECTION,
  },
  discard: {
    act: discard,
    words: "[ID…]",
    summary: "forget these",
    flags: [...SELECTION, "yes"],
  },
  purge: { act: purge, summary: "forget all that fit", flags: [...SELECTION, "yes"] },
  export: {
    act: exportLetters,
    words: "[ID…]",
    summary: "write them as a JSON array",
    flags: [...SELECTION, "output"],
  },
};

export const command: Command = {
  usage: "dead",
  summary: "Show the jobs that were given up, with reason and hint; put them back or remove them",
  flags: [
    ...SELECTION_FLAGS,
    LIMIT_FLAG,
    {
      name: "output",
      value: "FILE",
      meaning: "export into this file, for its owner's eyes only",
      isFile: true,
    },
    YES_FLAG,
  ],
  actions: ACTIONS,
  usualAction: "list",
  isServed: true,
  examples: [
    { line: "plexsync dead list --since 24h", tells: "what was given up since yesterday" },
    { line: "plexsync dead show 3", tells: "number 3, with its attempts" },
    { line: "plexsync dead retry --type PlexNotFound", tells: "try those again that had no file" },
    { line: "plexsync dead discard 3 4 --yes", tells: "forget two, without being asked" },
    { line: "plexsync dead export --output letters.json", tells: "all of them, for a report" },
  ],
  notes: [
    "IDs are numbers as dead list shows them: 3 4 or 3,4. retry and discard take IDs, --all, " +
    "--outage or filters; purge takes no IDs; list and export take all without.",
    "Filters join: --type PlexNotFound --since 24h means both.",
  ],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  using settings = openSettings(invocation.around, { need: "offline" });
  using installation = await openToAsk(settings);
  const { act } = ACTIONS[invocation.action]!;
  return act({
    installation,
    words: invocation.words,
    invocation,
    redact: redactorOf(settings),
  });
}
