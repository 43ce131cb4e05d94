import { ensureDataDir } from "../../app/data/data_folder.ts";
import { openDaemonSettings, sayUnread, type Settings } from "../../app/installation.ts";
import { refuseNetworkFolder } from "../../app/data/network_fs.ts";
import { confirmSettings } from "../../app/settings/stash_settings.ts";
import { collectStats } from "../../app/reports/stats_report.ts";
import { parseDuration } from "../../core/time/duration.ts";
import { UserError } from "../../core/failures/errors.ts";
import { type DaemonEnded, runDaemon } from "../../daemon/daemon.ts";
import type { DaemonParts } from "../../daemon/parts.ts";
import type { Log } from "../../log/logger.ts";
import type { Command, Invocation } from "../frame/command.ts";
import { print } from "../terminal/output.ts";
import { ProcessListening } from "./process_listening.ts";
import { servicesOf } from "./run_services.ts";
import { SettingsRenewal } from "./settings_renewal.ts";

export const command: Command = {
  usage: "run [--once] [--idle-exit 10m]",
  summary: "Work through the queue and watch Stash for changes",
  flags: [
    { name: "once", meaning: "end when nothing is due" },
    { name: "idle-exit", value: "TIME", meaning: "end after this long without work" },
    { name: "accept-new-plex", meaning: "take the Plex server at plex_url for the new right one" },
    { name: "force-network-fs", meaning: "work with a data directory on a network drive" },
  ],
  examples: [
    { line: "plexsync run", tells: "until Ctrl+C or SIGTERM" },
    { line: "plexsync run --once --json", tells: "work off what is due, then say what was done" },
  ],
  notes: [
    "SIGINT and SIGTERM end it once the batch in hand is settled; a second one ends it at once.",
    "With --once the exit code is 1 when a server is down, work is paused, or a person is needed.",
    "With --json what was done is printed at the end; logs stay on stderr.",
    "SIGHUP reads the settings again, and goes on with what has changed.",
    "A damaged database is set aside at the start, and the newest good backup takes its place.",
  ],
  run,
};

const EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
const FAILED: readonly DaemonEnded[] = [
  "needs attention",
  "server down",
  "paused",
  "database lost",
];

async function run(invocation: Invocation): Promise<number> {
  const { around, world, values, switches } = invocation;
  const idleExitMs = idleExit(values["idle-exit"]);
  const once = switches.has("once");
  const startedAt = world.runtime.now();
  const stop = new AbortController();
  let say: Log["info"] = () => {};
  const end = (signal: keyof typeof EXIT_CODES) => {
    // The second one means it: whatever is leased comes back at the next start.
    if (stop.signal.aborted) world.exit(EXIT_CODES[signal]);
    say(`${signal}: the batch in hand is settled first`, { event: "stopping", signal });
    stop.abort();
  };
  const unlisten = world.onSignal(end);
  const listening = new ProcessListening(invocation, stop.signal);
  const renewal = once ? null : new SettingsRenewal(around);
  // A single pass ends soon anyway: it goes on with the settings that it began with.
  const unhang = world.onHangup((isOver) => isOver ? end("SIGHUP") : renewal?.ask());
  try {
    for (let isFirst = true;; isFirst = false) {
      const options = { listener: !once, wait: !once };
      using settings = renewal?.open() ?? await openDaemonSettings(around, options, stop.signal);
      if (settings === null) return 0;
      say = settings.log.info;
      let ended: DaemonEnded;
      try {
        const settingsWatch = renewal?.watch(settings);
        const acceptNewPlex = isFirst && switches.has("accept-new-plex");
        const parts = { ...settings, settingsWatch, acceptNewPlex };
        ended = await live(parts, invocation, listening, stop.signal, idleExitMs);
      } catch (thrown) {
        if (renewal?.goBack(thrown, settings) !== true) throw thrown;
        continue;
      }
      if (ended === "settings changed") continue;
      if (invocation.json) print(invocation, await done(settings, ended, startedAt), () => "");
      return FAILED.includes(ended) ? 1 : 0;
    }
  } finally {
    // The log of the last settings is closed.
    say = () => {};
    await listening.close();
    unlisten();
    unhang();
  }
}

/** What the run came to, as `--json` has it. Names are stable. Times are epoch ms in `_at`. */
async function done(settings: Settings, ended: DaemonEnded, startedAt: number) {
  const now = settings.runtime.now();
  // What ends in the millisecond of the start is of this run too.
  const { queue, dead_letters, ...stats } = await collectStats(settings, now - startedAt + 1);
  return {
    ended: ended.replaceAll(" ", "_"),
    started_at: startedAt,
    ended_at: now,
    jobs_processed: stats.jobs_processed,
    jobs_succeeded: stats.jobs_succeeded,
    jobs_failed: stats.jobs_failed,
    jobs_to_dlq: stats.jobs_to_dlq,
    errors_by_type: stats.errors_by_type,
    queue,
    dead_letters,
  };
}

async function live(
  settings: Settings & Pick<DaemonParts, "settingsWatch" | "acceptNewPlex">,
  invocation: Invocation,
  listening: ProcessListening,
  stop: AbortSignal,
  idleExitMs: number | null,
): Promise<DaemonEnded> {
  const { config, files, log, unread } = settings;
  const { switches } = invocation;
  if (!config.enabled) {
    log.info("enabled = false: nothing is done", { event: "disabled" });
    return "nothing due";
  }
  const loose = ensureDataDir(files.folder);
  if (loose !== null) log.warning(loose, { event: "data_dir_open" });
  refuseNetworkFolder(files.folder, switches.has("force-network-fs"), log);
  if (unread !== null) sayUnread(settings, unread);
  const once = switches.has("once");
  return await runDaemon(
    {
      ...settings,
      confirmSettings: unread === null ? undefined : () => confirmSettings(config),
      services: once ? undefined : await servicesOf(settings, listening, invocation.world, stop),
    },
    stop,
    { once, idleExitMs },
  );
}

function idleExit(text: string | undefined): number | null {
  if (text === undefined) return null;
  const ms = parseDuration(text);
  if (ms === undefined) {
    throw new UserError(`--idle-exit must be a time such as 10m: it is "${text}"`, "usage");
  }
  return ms;
}
