import { UserError } from "../core/errors.ts";
import { parseDuration } from "../core/duration.ts";
import { type DaemonEnded, runDaemon } from "../daemon/daemon.ts";
import type { Command, Invocation } from "./command.ts";
import { refuseNetworkFolder } from "../app/network_fs.ts";
import { ensureDataDir } from "../app/data_folder.ts";
import type { Log } from "../log/logger.ts";
import { PluginTasks } from "./plugin_daemon_tasks.ts";
import { confirmSettingsOf, openRunSession } from "./run_session.ts";
import { sayUnread, type ServerSession } from "./server_session.ts";

export const command: Command = {
  usage: "run [--once] [--idle-exit 10m]",
  summary: "Work through the queue and watch Stash for changes",
  flags: [
    { name: "once", meaning: "end when nothing is due" },
    { name: "idle-exit", value: "TIME", meaning: "end after this long without work" },
    { name: "accept-new-plex", meaning: "take the Plex server at plex_url for the new right one" },
    { name: "force-network-fs", meaning: "work with a data directory on a network drive" },
  ],
  notes: [
    "SIGINT and SIGTERM end it once the batch in hand is settled; a second one ends it at once.",
    "With --once the exit code is 1 when a server is down or a person is needed.",
    "A damaged database is set aside at the start, and the newest good backup takes its place.",
  ],
  run,
};

const OWN_FLAGS = ["idle-exit"];

const FAILED: readonly DaemonEnded[] = ["needs attention", "server down", "database lost"];

async function run(invocation: Invocation): Promise<number> {
  const { world, values } = invocation;
  const idleExitMs = idleExit(values["idle-exit"]);
  const stop = new AbortController();
  let say: Log["info"] = () => {};
  const unlisten = world.onSignal((signal) => {
    // The second one means it: whatever is leased comes back at the next start.
    if (stop.signal.aborted) world.exit(signal === "SIGINT" ? 130 : 143);
    say(`${signal}: the batch in hand is settled first`, { event: "stopping", signal });
    stop.abort();
  });
  try {
    for (;;) {
      const session = await openRunSession(invocation, OWN_FLAGS, {
        listener: !invocation.switches.has("once"),
        wait: !invocation.switches.has("once"),
      }, stop.signal);
      if (session === null) return 0;
      try {
        say = session.log.info;
        const ended = await live(session, invocation, stop.signal, idleExitMs);
        if (ended !== "settings changed") return FAILED.includes(ended) ? 1 : 0;
      } finally {
        session.close();
      }
    }
  } finally {
    unlisten();
  }
}

async function live(
  session: ServerSession,
  { world, switches }: Invocation,
  stop: AbortSignal,
  idleExitMs: number | null,
): Promise<DaemonEnded> {
  const { config, files, log, unread } = session;
  if (!config.enabled) {
    log.info("enabled = false: nothing is done", { event: "disabled" });
    return "nothing due";
  }
  ensureDataDir(files.folder);
  refuseNetworkFolder(files.folder, switches.has("force-network-fs"), log);
  if (unread !== null) sayUnread(session, unread);
  return await runDaemon(
    {
      config,
      files,
      log,
      runtime: world.runtime,
      pid: world.pid,
      nativeLibrary: world.env.DENO_SQLITE_PATH,
      acceptNewPlex: switches.has("accept-new-plex"),
      confirmSettings: confirmSettingsOf(session),
      tasks: (store) => new PluginTasks(session, world, store),
    },
    stop,
    { once: switches.has("once"), idleExitMs },
  );
}

function idleExit(text: string | undefined): number | null {
  if (text === undefined) return null;
  const ms = parseDuration(text);
  if (ms === undefined) {
    throw new UserError(`--idle-exit must be a time such as 10m: it is "${text}"`, 2);
  }
  return ms;
}
