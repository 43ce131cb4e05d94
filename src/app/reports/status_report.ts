import { CLOSED } from "../../core/jobs/breaker.ts";
import { STASH } from "../../core/jobs/course.ts";
import type { Config } from "../../config/config.ts";
import {
  attentionOf,
  breakerOf,
  FULL_SYNC_AGREED_AT,
  PAUSED_AT,
  unreadSectionsOf,
} from "../../core/meta_keys.ts";
import { nextReconcileAt } from "../../core/reconcile/reconcile_due.ts";
import {
  libraryUnread,
  type Problem,
  problemLine,
  problemsOf,
  type ServerState,
} from "../../core/failures/problems.ts";
import { readFigures, readQueue } from "../../store/figures/read_figures.ts";
import { outcomeJson } from "../scenes/outcome_json.ts";
import type { Store } from "../../store/store.ts";
import type { Installation } from "../installation.ts";
import { quietBecause, quietUntil } from "./quiet_hours.ts";
import { pathRulesReport } from "../checks/path_rules_report.ts";
import { unfitSetup } from "../checks/unfit_setup.ts";
import type { TargetSettings } from "../targets.ts";
import { freeBytes } from "../data/disk_room.ts";
import { lockHolder } from "../data/lock.ts";
import { NOT_ASKED, type ServerChecks } from "../checks/server_check.ts";

const OUTCOMES_SHOWN = 10;
const WAITING_SHOWN = 10;
const OUTAGES_SHOWN = 5;

/** The object of `status --json` and of `GET /api/status`. Names are stable. Times are epoch ms in `_at`. */
export type StatusReport = ReturnType<typeof statusReport>["report"];

/**
 * Whether it works, and what stands in the way.
 * @param driver Of the database; null when there is none yet
 */
export function statusReport(
  installation: Omit<Installation, "log">,
  { servers = {}, driver = installation.store.driver }: {
    servers?: ServerChecks | undefined;
    driver?: string | null;
  } = {},
) {
  const { store, config, files, runtime } = installation;
  const now = runtime.now();
  const figures = readFigures(store, null, now);
  const { holder, plex, others, stash, attention, pausedAt, problems } = situationOf(
    installation,
    servers,
    figures.queue,
  );
  const report = {
    working: problems.length === 0,
    problems: problems.map(problemLine),
    daemon: holder === null ? null : { pid: holder.pid, since_at: holder.since },
    attention,
    paused_at: pausedAt,
    quiet_until_at: quietUntil(installation),
    data_dir: files.folder,
    driver,
    plex,
    stash,
    // Only where there are some: whoever has one server need not know of more.
    ...(others.length > 0 ? { other_targets: others } : {}),
    queue: figures.queue,
    queue_oldest_at: figures.queue_oldest_at,
    oldest_at: figures.oldest_at,
    rate_per_minute: figures.rate_per_minute,
    rate_per_minute_5m: figures.rate_per_minute_5m,
    next_due_at: store.jobs.nextDueAt(),
    next_waiting_at: store.jobs.nextWaitingAt(),
    full_sync_agreed_at: store.meta.get(FULL_SYNC_AGREED_AT) ?? null,
    next_reconcile_at: nextReconcileAt(
      config.reconcileInterval,
      store.reconcileRuns.last(config.reconcileScope),
      now,
    ),
    waiting: store.queue.waiting(WAITING_SHOWN).map((job) => ({
      scene_id: job.scene_id,
      path: job.path,
      looks: job.wait_count,
      next_look_at: job.next_retry_at,
    })),
    dead_letters: figures.dead_letters,
    outages: store.outages.recent(OUTAGES_SHOWN),
    index: store.indexedCount(),
    outcomes: store.outcomes.recent(OUTCOMES_SHOWN).map(outcomeJson),
    path_rules: pathRulesReport(store.meta, store.targets, config),
    now_at: now,
  };
  return { report, problems };
}

/**
 * What stands in the way, and what that follows from. Read again and again by whoever waits for the
 * daemon: none of it grows with the library, or with what was done.
 */
function situationOf(
  installation: Omit<Installation, "log">,
  servers: ServerChecks = {},
  // A long queue takes its time to be counted, which a caller may have done already.
  queue = readQueue(installation.store).queue,
) {
  const { store, config, files, targets } = installation;
  const holder = lockHolder(files.lock);
  const reportOf = (key: string, url: string) => serverReport(store, key, url, servers[key]);
  const [first, ...more] = targets;
  const plex = reportOf(first.key, first.url);
  const others = more.map(({ key, title, url }) => ({ key, title, ...reportOf(key, url) }));
  const stash = reportOf(STASH, config.stashUrl);
  // Left by a daemon that is no more, it may be mended by now.
  const attention = holder === null ? null : attentionNow(store);
  const pausedAt = store.meta.get(PAUSED_AT) ?? null;
  const problems = problemsOf({
    daemonRuns: holder !== null,
    attention,
    pausedAt,
    freeBytes: freeBytes(files.folder),
    servers: [
      { key: first.key, name: first.title, secret: `${first.key}_token`, ...plex },
      ...others.map((each) => ({ name: each.title, secret: `${each.key}_token`, ...each })),
      { key: STASH, name: "Stash", secret: "stash_api_key", ...stash },
    ] satisfies ServerState[],
    queue,
  });
  problems.push(...targets.flatMap((target) => setupProblems(target, store, config)));
  problems.push(...targets.flatMap(({ key, title }) => {
    const unread = store.meta.get(unreadSectionsOf(key));
    return unread === undefined ? [] : [libraryUnread({ id: key, title }, unread)];
  }));
  return { holder, plex, others, stash, attention, pausedAt, problems };
}

/** Why the work rests, by what the daemon noted; one sentence each. */
export function restingBecause(installation: Omit<Installation, "log">): string[] {
  const problems = situationOf(installation).problems
    // Where only some are looked for in vain, the work goes on.
    .filter(({ id }) => !id.endsWith("_paths_partly_unfit") && !id.endsWith("_library_unread"))
    .map(problemLine);
  const quiet = quietBecause(installation);
  return quiet === null ? problems : [...problems, quiet];
}

/**
 * Why no undo is carried out on some targets, one sentence each: neither a pause nor Stash stops it.
 * @param keys Of the targets
 * @param free Bytes left for the database
 */
export function undosRestBecause(
  keys: readonly string[],
  { store, targets, files }: Pick<Installation, "store" | "targets" | "files">,
  // Looked at once: each look may find another number.
  free = freeBytes(files.folder),
): string[] {
  const lines = targets.filter(({ key }) => keys.includes(key)).flatMap(({ key, title, url }) =>
    problemsOf({
      daemonRuns: true,
      attention: store.meta.get(attentionOf(key)) ?? null,
      pausedAt: null,
      freeBytes: free,
      servers: [{ key, name: title, secret: `${key}_token`, ...serverReport(store, key, url) }],
      queue: NO_JOBS,
    }).map(problemLine)
  );
  // A full disk is every target's.
  return [...new Set(lines)];
}

/** They are told where no daemon runs. */
const NO_JOBS = { ready: 0, running: 0, waiting: 0 };

/**
 * What the daemon noted, and what the servers say now. One that answers again is still down for a
 * daemon that has not seen it yet.
 */
export function problemsNow(
  installation: Omit<Installation, "log">,
  servers: ServerChecks,
): Problem[] {
  const { holder, problems } = situationOf(installation);
  // What a daemon noted that is no more may be over by now.
  const noted = holder === null ? [] : problems;
  const asked = situationOf(installation, servers).problems
    // The daemon knows more: since when, and why it rests.
    .filter(({ id }) =>
      !noted.some((each) =>
        each.id === id || each.severity === "error" && serverOf(each) === serverOf({ id })
      )
    );
  return [...noted, ...asked];
}

function serverOf({ id }: Pick<Problem, "id">): string {
  return id.split("_")[0]!;
}

/** What the daemon saw by these very settings. */
function setupProblems(settings: TargetSettings, store: Store, config: Config): Problem[] {
  const kept = unfitSetup(settings, store, config);
  if (kept === null) return [];
  const { summary, hint, severity } = kept;
  return [{
    id: `${settings.key}_paths_${severity === "error" ? "unfit" : "partly_unfit"}`,
    severity,
    summary,
    hint,
    facts: {},
  }];
}

function serverReport(store: Store, server: string, url: string, check = NOT_ASKED) {
  const breaker = store.meta.get(breakerOf(server)) ?? CLOSED;
  return {
    url,
    ...check,
    breaker: breaker.state,
    cause: breaker.cause,
    failing_since_at: breaker.failingSinceAt,
    next_probe_at: breaker.state === "open" ? breaker.nextProbeAt : null,
  };
}

function attentionNow(store: Store): { message: string; hint: string; since_at: number } | null {
  const kept = [...store.targets, STASH].map((server) => store.meta.get(attentionOf(server)))
    .find((each) => each !== undefined);
  return kept === undefined
    ? null
    : { message: kept.message, hint: kept.hint, since_at: kept.since };
}
