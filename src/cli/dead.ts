import { UserError } from "../core/errors.ts";
import type { DeadLetter } from "../core/job.ts";
import type { Store } from "../store/store.ts";
import type { Command, Invocation } from "./command.ts";
import { instant, print, table } from "./output.ts";
import { readLimit } from "./queue.ts";
import { existingStoreOf, openSession } from "./session.ts";

const DEFAULT_LIMIT = 1_000;

export const command: Command = {
  usage: "dead list | dead show ID | dead retry (ID… | --all)",
  summary: "Show the jobs that were given up, with reason and hint, and put them back",
  flags: [
    { name: "all", meaning: "retry all of them" },
    { name: "limit", value: "N", meaning: `list at most so many (default ${DEFAULT_LIMIT})` },
  ],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const [action = "list", ...words] = invocation.words;
  const act = ACTIONS[action];
  if (act === undefined) {
    throw new UserError(`Unknown: dead ${action}`, 2, `Usage: plexsync ${command.usage}`);
  }
  const session = openSession(invocation, "offline", ["limit"]);
  const store = await existingStoreOf(session, invocation);
  try {
    return act(store, words, invocation);
  } finally {
    store?.close();
    session.close();
  }
}

type Action = (store: Store | null, words: string[], invocation: Invocation) => number;

const ACTIONS: Readonly<Record<string, Action>> = {
  list(store, words, invocation) {
    if (words.length > 0) throw new UserError(`Unexpected "${words[0]}"`, 2);
    const letters = store?.deadLetters.recent(readLimit(invocation.values.limit, DEFAULT_LIMIT)) ??
      [];
    print(invocation, letters, () =>
      table(
        ["ID", "SCENE", "TYPE", "FAILED", "PATH", "ERROR"],
        letters.map((letter) => [
          String(letter.id),
          letter.scene_id,
          letter.error_type,
          instant(letter.failed_at),
          letter.path ?? "",
          letter.error_message,
        ]),
      ) || "No dead letters\n");
    return 0;
  },

  show(store, words, invocation) {
    const [id] = readIds(words);
    if (id === undefined || words.length > 1) throw new UserError("dead show takes one ID", 2);
    const letter = store?.deadLetters.byId(id);
    if (letter === undefined) throw notFound([id]);
    print(invocation, letter, () => textOf(letter));
    return 0;
  },

  retry(store, words, invocation) {
    const all = invocation.switches.has("all");
    if (all === words.length > 0) throw new UserError("dead retry takes IDs, or --all", 2);
    const ids = all
      ? store?.deadLetters.recent(Number.MAX_SAFE_INTEGER).map((letter) => letter.id) ?? []
      : readIds(words);
    const found = store?.deadLetters.retry(ids, invocation.world.runtime.now()) ?? [];
    const missing = ids.filter((id) => !found.includes(id));
    print(invocation, { retried: found, missing }, () => `Put back ${found.length} scenes\n`);
    if (missing.length > 0) throw notFound(missing);
    return 0;
  },
};

function readIds(words: readonly string[]): number[] {
  const parts = words.flatMap((word) => word.split(",")).filter((part) => part !== "");
  const wrong = parts.find((part) => !/^[1-9]\d{0,14}$/.test(part));
  if (wrong !== undefined) throw new UserError(`Not the ID of a dead letter: "${wrong}"`, 2);
  return parts.map(Number);
}

function notFound(ids: readonly number[]): UserError {
  return new UserError(`No dead letter ${ids.join(", ")}`, 1, "plexsync dead list shows them");
}

function textOf(letter: DeadLetter): string {
  const job = JSON.parse(letter.job_data) as Record<string, unknown>;
  const candidates = (job.candidates as string[] | undefined) ?? [];
  return table(["", ""], [
    ["Dead letter", `#${letter.id}`],
    ["Scene", letter.scene_id],
    ["Error", `${letter.error_type}: ${letter.error_message}`],
    ["Hint", letter.hint],
    ["Path", letter.path ?? "unknown"],
    ["Failed", instant(letter.failed_at)],
    ["Failed attempts", String(letter.retry_count + 1)],
    ["Queued because of", `${job.reason}, ${instant(Number(job.enqueued_at))}`],
    ...candidates.map((candidate) => ["Candidate", candidate]),
    ...(letter.stack_trace ?? "").split("\n").filter(Boolean).map((line) => ["Stack", line.trim()]),
  ]).replace(/^\s*\n/, "");
}
