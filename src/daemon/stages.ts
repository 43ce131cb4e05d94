import { STASH } from "../core/jobs/course.ts";
import type { Fetch } from "../core/http/bounded_fetch.ts";
import { SECOND_MS } from "../core/time/duration.ts";
import type { Attempt } from "../core/jobs/job.ts";
import { IndexListener } from "../intake/index_listener.ts";
import { ScanRequests } from "../intake/scan_requests.ts";
import { pathLearning, plexOf, stashOf, workContext } from "../app/connections/servers.ts";
import { Gate } from "../worker/gates/gate.ts";
import { isFileHopedFor } from "../worker/index/healing.ts";
import { Gates } from "../worker/gates/gates.ts";
import type { Reporter } from "../worker/outcome_log.ts";
import { type RunOptions, Worker } from "../worker/worker.ts";
import type { Backups } from "./backups.ts";
import type { DatabaseFiles } from "./database_files.ts";
import { journalUpkeep } from "./journal_upkeep.ts";
import type { DaemonParts } from "./parts.ts";
import { StashFanout } from "./stash_fanout.ts";
import { Notifier } from "./notifier.ts";
import { needsOf } from "../app/checks/needs.ts";
import { IntakeFaults } from "./intake_faults.ts";
import { isRebuildWanted } from "./rebuild.ts";
import { PathLearner } from "./path_learner.ts";
import { ReconcileSchedule } from "./reconcile_schedule.ts";
import { onStop, type Service, type Stage } from "./service.ts";
import { type SettingsChanged, SettingsGuard } from "./settings_guard.ts";
import { StashPoll } from "./stash_poll.ts";
import { Summaries } from "./summaries.ts";
import { StashSweep } from "./stash_sweep.ts";
import { type DatabaseLost, Upkeep } from "./upkeep.ts";
import { SinglePass, Work, type WorkEnded } from "./work.ts";
import { WriteWatch } from "./write_watch.ts";

/** Why the daemon ends by itself. */
export type DaemonEnd = WorkEnded | DatabaseLost | SettingsChanged;

/** A request under way does not hold up the end of the work: it is cut with the connections. */
const INTAKE_PATIENCE_MS = SECOND_MS;
/** The batch in hand has 20 s, and settling it waits for a database that is locked. */
const WORK_PATIENCE_MS = 60 * SECOND_MS;
/** Who asks by HTTP gets the answer to what was asked. */
const BASE_PATIENCE_MS = 5 * SECOND_MS;

/**
 * All services of the daemon. Each word stands for one thing:
 *
 *   poll       Stash is asked for new time stamps, every `poll_interval`
 *   fan-out    the scenes of one renamed performer, studio or tag are queued
 *   sweep      all scenes are compared with what was synced, slowly, every `sweep_interval`
 *   walk       pages of all scenes of Stash in the order of their ids: what sweep, reconciliation
 *              and bulk commands go by
 *   refresh    the index takes over what the target has: a full listing, or the changes since
 *   recheck    jobs that wait for a file are compared with the index
 *   learning   the files that both sides have are counted, where no rules for paths are given
 *   scan       a server's own search for new files; Plex is asked for it, Stash's is waited for
 *   reconcile  Plex is compared with Stash, and what differs is queued
 *   watch      the settings are read again when a server refuses them, or a person asks for it
 *   write watch  what other processes put into the database is heard of
 *   upkeep     the database's file is checked, and backed up; the journal is kept within bounds
 *
 * They are stopped from the last stage to the first: what brings new work, then the work itself,
 * then what serves it, then what sums it up.
 */
export function stagesOf(
  parts: DaemonParts,
  upkeep: { database: DatabaseFiles; backups: Backups },
  options: RunOptions,
): Stage<DaemonEnd>[] {
  const { config, store, log, runtime, files, pid } = parts;
  const summaries = new Summaries(
    store,
    log.child("Worker"),
    files.stats,
    config.summaryInterval,
    runtime.now,
  );
  const gateLog = log.child("Gate");
  const gate = new Gate(STASH, "Stash", store, gateLog);
  // No request outlives its purpose.
  const connections = new AbortController();
  const watch = parts.settingsWatch;
  const watchedAs = (server: string) => (fetch: Fetch) => watch?.watched(server, fetch) ?? fetch;
  const guard = parts.confirmSettings === undefined
    ? null
    : new SettingsGuard(parts.confirmSettings);
  const plainStash = stashOf(config, connections.signal, { watched: watchedAs(STASH), log });
  const stash = guard?.guard(plainStash) ?? plainStash;
  const works = parts.targets.map((settings) => {
    const target = plexOf(settings, parts, connections.signal, watchedAs(settings.key));
    const gates = new Gates(gate, new Gate(target.id, target.title, store, gateLog));
    const context = workContext(parts, settings, target, stash, !options.once);
    const targetParts = {
      jobs: { nextWaitingAt: () => store.jobs.nextWaitingAt(target.id) },
      log: log.child(target.title),
      runtime,
    };
    const { keeper } = context;
    const scans = config.triggerPlexScan
      ? new ScanRequests({ ...targetParts, target, index: keeper.index })
      : null;
    const listener = new IndexListener({
      ...targetParts,
      hopes: () => isFileHopedFor(store, target.id),
      title: target.title,
      listen: (tell, signal) => target.listen(tell, signal, (section) => keeper.heardOf(section)),
      async refresh() {
        if (gates.pausedBecause === null) await keeper.refresh(0);
      },
    });
    // A pid alone comes again after a restart of a container; the time does not.
    const owner = `${pid}-${runtime.now()}`;
    const worker = new Worker(context, gates, reporterOf(summaries, scans), owner);
    return { context, gates, worker, scans, listener };
  });
  const workers = works.map(({ worker }) => worker);
  const work = new Work(workers, options);

  const wake = () => workers.forEach((worker) => worker.wake());
  const intakeParts = { config, store, stash, gate, runtime, wake, log: log.child("Watcher") };
  const faults = new IntakeFaults(intakeParts);
  const fanout = new StashFanout({ ...intakeParts, faults });
  const poll = new StashPoll({ ...intakeParts, faults, renamed: () => fanout.ring() });

  const last = [onStop("summaries", () => summaries.end())];
  const keeping = new Upkeep({ ...upkeep, runtime });
  const base: Service<DaemonEnd>[] = [
    onStop("connections", () => connections.abort()),
    keeping,
    journalUpkeep({ config, store, runtime, log: log.child("Journal") }),
  ];
  const sweep = new StashSweep({ ...intakeParts, faults });
  const written = new WriteWatch({
    path: files.database,
    ring() {
      wake();
      fanout.ring();
      sweep.ring();
    },
    runtime,
  });
  const intake: Service<DaemonEnd>[] = guard === null ? [] : [guard];
  if (options.once) {
    const pass = new SinglePass({
      async prepare(stop) {
        await fanout.runOnce(stop);
        await poll.runOnce(stop);
      },
      work,
      isOwed: () => isRebuildWanted(store.meta) || store.fanouts.next() !== undefined,
      backupEnded: () => keeping.backupEnded(),
    });
    return stagesFrom(last, base, [pass], intake);
  }
  if (watch !== undefined) intake.push(watch);
  intake.push(
    poll,
    fanout,
    sweep,
    written,
    new ReconcileSchedule({ config, store, works, stash, runtime, log: log.child("Reconcile") }),
    ...works.map(({ context: { target }, worker }) =>
      new PathLearner({
        learning: pathLearning(parts, target),
        runtime,
        wake: () => worker.wake(),
        log: log.child("Paths"),
      })
    ),
    ...works.map(({ listener }) => listener),
    ...works.map(({ scans }) => scans).filter((scans) => scans !== null),
  );
  // First, so that an address that cannot be used ends the daemon before anything is done.
  const all = {
    get turnedAt() {
      return Math.min(...workers.map(({ turnedAt }) => turnedAt));
    },
    wake,
  };
  if (config.notifyUrl !== null) {
    base.push(
      new Notifier({
        config,
        address: config.notifyUrl,
        store,
        runtime,
        log: log.child("Notify"),
        needs: () => needsOf({ store, config, runtime }),
      }),
    );
  }
  base.unshift(...parts.services?.({ store, targets: parts.targets, worker: all }) ?? []);
  return stagesFrom(last, base, [work], intake);
}

function stagesFrom(
  last: Service<DaemonEnd>[],
  base: Service<DaemonEnd>[],
  work: Service<DaemonEnd>[],
  intake: Service<DaemonEnd>[],
): Stage<DaemonEnd>[] {
  return [
    { services: last, patienceMs: BASE_PATIENCE_MS },
    { services: base, patienceMs: BASE_PATIENCE_MS },
    { services: work, patienceMs: WORK_PATIENCE_MS },
    { services: intake, patienceMs: INTAKE_PATIENCE_MS },
  ];
}

/** Summaries of what was settled, and scans for the jobs that begin to wait. */
function reporterOf(summaries: Summaries, scans: ScanRequests | null): Reporter {
  return {
    settled(attempts: readonly Attempt[]) {
      summaries.settled(attempts);
      scans?.settled(attempts);
    },
    idle: () => summaries.idle(),
  };
}
