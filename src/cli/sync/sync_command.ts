import { enqueueScenes } from "../../app/queue/enqueue.ts";
import { type Installation, openInstallation, openSettings } from "../../app/installation.ts";
import { lockHolder } from "../../app/data/lock.ts";
import { redactorOf } from "../../app/redactor.ts";
import { type End, endsOf, markEnds, type SceneEnd } from "../../app/queue/scene_ends.ts";
import { UserError } from "../../core/failures/errors.ts";
import { escapeLine } from "../../core/text/escape.ts";
import { countsText, plural } from "../../core/text/wording.ts";
import { DECLINED } from "../terminal/ask_first.ts";
import type { Command, Invocation } from "../frame/command.ts";
import { AGREE_FLAG, isFirstSyncAgreed } from "./first_sync.ts";
import { note, print } from "../terminal/output.ts";
import { Progress } from "../terminal/progress.ts";
import { readScope, SCOPE_FLAGS } from "../frame/scope.ts";

export const command: Command = {
  usage: "sync (--all | --recent 24h | --scene ID,…) [--dry-run] [--wait] [--force]",
  summary: "Put scenes into the queue",
  flags: [
    ...SCOPE_FLAGS,
    { name: "dry-run", meaning: "only show what would change (same as plan)" },
    { name: "full", meaning: "with --dry-run: show every scene that would change" },
    { name: "wait", meaning: "wait for the daemon, and tell the end of each scene" },
    { name: "force", meaning: "write also what an undo took back" },
    AGREE_FLAG,
  ],
  notes: [
    "The first sync --all of a data directory shows the totals of its plan and asks; off a " +
    "terminal it needs --yes. Once agreed to, it is not asked again.",
    "The daemon (plexsync run) does the work; this command only queues it.",
    "With --wait the exit code is 1 when a scene became a dead letter, 3 when none did but some " +
    "wait for Plex or are left in the queue, else 0. It waits for retries, not for Plex's next scan.",
  ],
  isServed: true,
  examples: [
    { line: "plexsync sync --all", tells: "the first sync" },
    {
      line: "plexsync sync --recent 24h --wait",
      tells: "what changed since yesterday, to its end",
    },
    { line: "plexsync sync --scene 12,34", tells: "two scenes" },
  ],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const { around, switches } = invocation;
  if (switches.has("dry-run")) {
    const plan: typeof import("./plan_command.ts") = await import("./plan_command.ts" as string);
    return await plan.command.run(invocation);
  }
  const scope = readScope(invocation);
  using settings = openSettings(around, { need: "stash" });
  using installation = await openInstallation(settings);
  if (scope.kind === "all" && !await isFirstSyncAgreed(invocation, installation)) {
    const nothing = { queued: 0, added: 0, merged: 0, daemon: daemonOf(installation) };
    print(invocation, nothing, () => "Queued nothing\n");
    return DECLINED;
  }
  const mark = markEnds(installation);
  const ids: string[] = [];
  const progress = new Progress(invocation, "Queued");
  const { added, merged } = await enqueueScenes(scope, installation, {
    progress: (done, total) => progress.show(done, total),
    queued: (page) => ids.push(...page),
    force: switches.has("force"),
  });
  progress.end();
  const daemon = daemonOf(installation);
  const report = { queued: added + merged, added, merged, daemon };
  const there = merged > 0
    ? ` (${merged} of them ${merged === 1 ? "was" : "were"} there already)`
    : "";
  const queued = `Queued ${plural(report.queued, "scene")}${there}\n`;
  if (!switches.has("wait")) {
    const hint = daemon === null ? "No daemon runs: start it with plexsync run\n" : "";
    print(invocation, report, () => queued + hint);
    return 0;
  }
  if (daemon === null) {
    throw new UserError("Cannot wait: no daemon runs", "failed", "Start it with: plexsync run");
  }
  if (!invocation.json) invocation.world.stdout(queued);
  const ends = await waitForEnds(ids, mark, installation, invocation);
  const totals = countEnds(ends);
  print(
    invocation,
    { ...report, totals, scenes: ends },
    () => `${plural(ends.length, "scene")}: ${countsText(totals)}\n`,
  );
  return exitCodeOf(totals);
}

/** Its process id; null when none runs. */
function daemonOf({ files }: Installation): number | null {
  return lockHolder(files.lock)?.pid ?? null;
}

/** All ends; without --json each is printed when it is known. */
async function waitForEnds(
  ids: readonly string[],
  mark: number,
  installation: Installation,
  invocation: Invocation,
): Promise<SceneEnd[]> {
  const redact = redactorOf(installation);
  const progress = new Progress(invocation, "Done");
  const ends: SceneEnd[] = [];
  const resting = (problems: string[]) => {
    progress.end();
    for (const problem of problems) note(invocation, redact(problem));
  };
  for await (const found of endsOf(ids, mark, installation, resting)) {
    const end = redact(found);
    ends.push(end);
    if (!invocation.json) {
      progress.end();
      invocation.world.stdout(textOf(end));
    }
    progress.show(ends.length, ids.length);
  }
  progress.end();
  return ends;
}

function textOf({ scene_id, end, reason, hint, changed_fields, undone_fields }: SceneEnd): string {
  const fields = changed_fields.length === 0 ? "" : `: ${changed_fields.join(", ")}`;
  const why = reason === null ? fields : `: ${reason}`;
  const undone = undone_fields.length === 0 ? "" : `; undone by you: ${undone_fields.join(", ")}`;
  const what = escapeLine(`Scene ${scene_id}: ${end}${why}${undone}`);
  return `${what}\n${hint === null ? "" : `  hint: ${escapeLine(hint)}\n`}`;
}

type Totals = Partial<Record<End, number>>;

function countEnds(ends: readonly SceneEnd[]): Totals {
  const totals: Totals = {};
  for (const { end } of ends) totals[end] = (totals[end] ?? 0) + 1;
  return totals;
}

function exitCodeOf({ dead = 0, waiting = 0, queued = 0, removed = 0 }: Totals): number {
  if (dead > 0) return 1;
  return waiting + queued + removed > 0 ? 3 : 0;
}
