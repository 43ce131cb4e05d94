import {
  type Installation,
  openInstallation,
  openServerSettings,
  openSettings,
  openToAsk,
} from "../../app/installation.ts";
import { lockHolder } from "../../app/data/lock.ts";
import {
  reconcileHistory,
  reconcileNow,
  type ReconcileRequest,
} from "../../app/reconcile/reconciliation.ts";
import { redactorOf } from "../../app/redactor.ts";
import { UserError } from "../../core/failures/errors.ts";
import { QUEUED_CLASSES } from "../../core/reconcile/reconcile_classes.ts";
import { RECONCILE_SCOPES, type ReconcileScope } from "../../core/reconcile/reconcile_report.ts";
import type { ReconcileRun } from "../../store/queue/reconcile_runs.ts";
import { DECLINED } from "../terminal/ask_first.ts";
import type { Command, Invocation } from "../frame/command.ts";
import { readWords } from "../frame/lists.ts";
import { print } from "../terminal/output.ts";
import { Progress } from "../terminal/progress.ts";
import { historyText, runJson, runText } from "./reconcile_text.ts";

export const command: Command = {
  usage: "reconcile",
  summary: "Compare Stash with Plex as a whole and queue what differs",
  flags: [
    { name: "scope", value: "SCOPE", meaning: "all scenes, or those changed within 24h or 7days" },
    { name: "missing", value: "BOOL", meaning: "also queue scenes that Plex does not have" },
    { name: "only", value: "CLASS,…", meaning: "queue only missing, empty, stale or drifted ones" },
    { name: "dry-run", meaning: "only show what would be queued" },
  ],
  notes: [
    "Before a sync --all was agreed to, nothing is queued: it only reports, and exits with 3.",
    "The defaults are those of the schedule: reconcile_scope and reconcile_missing.",
    "missing   the scene has no item in Plex",
    "empty     its item has none of the fields that a sync fills",
    "stale     the scene changed since it was last written, or never was, and Plex differs",
    "drifted   the scene did not change, but Plex no longer has what was written",
    "skipped   cannot be compared, or is not synced",
    "orphaned  an item that was written for a scene that Stash no longer has; with --scope all. " +
    "It is only reported: plexsync never deletes an item, and keeps what it knows of it.",
    "An image counts as drifted when Plex shows another one than the one it was seen to show. " +
    "That the cover changed in Stash is not looked for here.",
  ],
  actions: {
    "": { summary: "compare now, and queue what differs" },
    history: { summary: "the last 50 runs, those of the schedule among them", flags: [] },
  },
  isServed: true,
  examples: [
    {
      line: "plexsync reconcile --scope all --dry-run",
      tells: "what differs, without queueing it",
    },
    { line: "plexsync reconcile --scope 7days", tells: "what changed within 7 days" },
    { line: "plexsync reconcile --scope all --only empty", tells: "items that show nothing yet" },
  ],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const { action, values } = invocation;
  if (action === "history") return await history(invocation);
  const scope = readScope(values.scope);
  const only = readWords("only", values.only, QUEUED_CLASSES);
  const missing = readMissing(values.missing) ?? (only?.includes("missing") || undefined);
  if (only?.includes("missing") && missing === false) {
    throw new UserError("--only missing and --missing false cannot be joined", "usage");
  }
  using settings = await openServerSettings(invocation.around, { need: "daemon" });
  using installation = await openInstallation(settings);
  const { config, files } = settings;
  const request = {
    scope: scope ?? config.reconcileScope,
    only,
    missing: missing ?? config.reconcileMissing,
    dryRun: invocation.switches.has("dry-run"),
  };
  const daemonRuns = lockHolder(files.lock) !== null;
  const done = redactorOf(settings)(await compare(request, installation, invocation));
  print(
    invocation,
    runJson(done),
    (paint) => runText(done, { ...request, daemonRuns }, paint),
  );
  if (done.state !== "done") return 1;
  return done.dry_run && !request.dryRun ? DECLINED : 0;
}

async function compare(
  request: Omit<ReconcileRequest, "origin">,
  installation: Installation,
  invocation: Invocation,
): Promise<ReconcileRun> {
  const { world } = invocation;
  const progress = new Progress(invocation, "Compared");
  const stop = new AbortController();
  const unlisten = world.onSignal((signal) => {
    if (stop.signal.aborted) world.exit(signal === "SIGINT" ? 130 : 143);
    stop.abort();
  });
  try {
    return await reconcileNow(request, installation, {
      stop: stop.signal,
      progress: (scenes, total) => progress.show(scenes, total),
    });
  } finally {
    progress.end();
    unlisten();
  }
}

async function history(invocation: Invocation): Promise<number> {
  using settings = openSettings(invocation.around, { need: "offline" });
  using installation = await openToAsk(settings);
  const runs = redactorOf(settings)(reconcileHistory(installation));
  print(invocation, runs.map(runJson), (paint) => historyText(runs, paint));
  return 0;
}

function readScope(text: string | undefined): ReconcileScope | undefined {
  if (text === undefined) return undefined;
  const scope = RECONCILE_SCOPES.find((one) => one === text.toLowerCase());
  if (scope !== undefined) return scope;
  throw new UserError(`--scope must be one of all, 24h, 7days: it is "${text}"`, "usage");
}

function readMissing(text: string | undefined): boolean | undefined {
  if (text === undefined) return undefined;
  if (text === "true" || text === "false") return text === "true";
  throw new UserError(`--missing must be true or false: it is "${text}"`, "usage");
}
