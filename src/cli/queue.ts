import { UserError } from "../core/errors.ts";
import type { JobState } from "../core/job.ts";
import type { Command, Invocation } from "./command.ts";
import { instant, print, table } from "./output.ts";
import { existingStoreOf, openSession } from "./session.ts";

const STATES: readonly string[] = ["ready", "running", "waiting"];
const DEFAULT_LIMIT = 1_000;

export const command: Command = {
  usage: "queue list [--state STATE] [--limit N]",
  summary: "Show the jobs that are due, running, or waiting for Plex",
  flags: [
    { name: "state", value: "STATE", meaning: "only ready, running or waiting" },
    { name: "limit", value: "N", meaning: `at most so many (default ${DEFAULT_LIMIT})` },
  ],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const [action = "list", ...rest] = invocation.words;
  if (action !== "list" || rest.length > 0) {
    throw new UserError(
      `Unknown: queue ${invocation.words.join(" ")}`,
      2,
      "Usage: plexsync queue list",
    );
  }
  const { state } = invocation.values;
  if (state !== undefined && !STATES.includes(state)) {
    throw new UserError(`--state must be ready, running or waiting: it is "${state}"`, 2);
  }
  const limit = readLimit(invocation.values.limit, DEFAULT_LIMIT);
  const session = openSession(invocation, "offline", ["state", "limit"]);
  const store = await existingStoreOf(session, invocation);
  try {
    const jobs = store?.jobs.list(limit, state as JobState | undefined) ?? [];
    print(invocation, jobs, () =>
      table(
        ["SCENE", "STATE", "REASON", "TRIES", "DUE", "LAST ERROR"],
        jobs.map((job) => [
          job.scene_id,
          job.state,
          job.reason,
          String(job.retry_count),
          instant(job.next_retry_at),
          job.last_error_type === null ? "" : `${job.last_error_type}: ${job.last_error_message}`,
        ]),
      ) || "The queue is empty\n");
    return 0;
  } finally {
    store?.close();
    session.close();
  }
}

/** @throws {UserError} not a whole number of at least 1 */
export function readLimit(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (!/^[1-9]\d{0,8}$/.test(text)) {
    throw new UserError(`--limit must be a number of at least 1: it is "${text}"`, 2);
  }
  return Number(text);
}
