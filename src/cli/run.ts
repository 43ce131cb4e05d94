import { UserError } from "../core/errors.ts";
import { parseDuration } from "../core/duration.ts";
import { runDaemon } from "../daemon/daemon.ts";
import type { Command, Invocation } from "./command.ts";
import { openSession, openStoreOf } from "./session.ts";

export const command: Command = {
  usage: "run [--once] [--idle-exit 10m]",
  summary: "Work through the queue and watch Stash for changes",
  flags: [
    { name: "once", meaning: "end when nothing is due" },
    { name: "idle-exit", value: "TIME", meaning: "end after this long without work" },
  ],
  notes: [
    "SIGINT and SIGTERM end it once the batch in hand is settled; a second one ends it at once.",
    "With --once the exit code is 1 when a server is down or a person is needed.",
  ],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const { world, values, switches } = invocation;
  const idleExitMs = idleExit(values["idle-exit"]);
  const session = openSession(invocation, "daemon", ["idle-exit"]);
  const { config, files, log } = session;
  try {
    if (!config.enabled) {
      log.info("enabled = false: nothing is done", { event: "disabled" });
      return 0;
    }
    const store = await openStoreOf(session, invocation);
    const stop = new AbortController();
    const unlisten = world.onSignal((signal) => {
      // The second one means it: whatever is leased comes back at the next start.
      if (stop.signal.aborted) world.exit(signal === "SIGINT" ? 130 : 143);
      log.info(`${signal}: the batch in hand is settled first`, { event: "stopping", signal });
      stop.abort();
    });
    try {
      const parts = { config, files, store, log, runtime: world.runtime, pid: world.pid };
      const ended = await runDaemon(parts, stop.signal, { once: switches.has("once"), idleExitMs });
      return ended === "needs attention" || ended === "server down" ? 1 : 0;
    } finally {
      unlisten();
      store.close();
    }
  } finally {
    session.close();
  }
}

function idleExit(text: string | undefined): number | null {
  if (text === undefined) return null;
  const ms = parseDuration(text);
  if (ms === undefined) {
    throw new UserError(`--idle-exit must be a time such as 10m: it is "${text}"`, 2);
  }
  return ms;
}
