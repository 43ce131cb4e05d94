import { enqueueScenes } from "../app/enqueue.ts";
import { openInstallation, openSettings } from "../app/installation.ts";
import { lockHolder } from "../app/lock.ts";
import { waitUntilDone } from "../app/queue_wait.ts";
import { UserError } from "../core/errors.ts";
import type { Command, Invocation } from "./command.ts";
import { print } from "./output.ts";
import { Progress } from "./progress.ts";
import { readScope, SCOPE_FLAGS } from "./scope.ts";

export const command: Command = {
  usage: "sync (--all | --recent 24h | --scene ID,…) [--dry-run] [--wait]",
  summary: "Put scenes into the queue",
  flags: [
    ...SCOPE_FLAGS,
    { name: "dry-run", meaning: "only show what would change (same as plan)" },
    { name: "wait", meaning: "return when the daemon has worked through the queue" },
  ],
  notes: ["The daemon (plexsync run) does the work; this command only queues it."],
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
    const plan = await import("./plan_command.ts");
    return await plan.command.run(invocation);
  }
  const scope = readScope(invocation);
  const need = scope.kind === "scenes" ? "offline" : "stash";
  using settings = openSettings(around, { need });
  using installation = await openInstallation(settings);
  const { added, merged } = await shown(
    invocation,
    "Queued",
    (progress) => enqueueScenes(scope, installation, { progress }),
  );
  const daemon = lockHolder(settings.files.lock);
  if (switches.has("wait")) {
    if (daemon === null) {
      throw new UserError("Cannot wait: no daemon runs", "failed", "Start it with: plexsync run");
    }
    await shown(invocation, "Done", (progress) => waitUntilDone(installation, { progress }));
  }
  const queued = added + merged;
  print(invocation, { queued, added, merged, daemon: daemon?.pid ?? null }, () => {
    const there = merged > 0 ? ` (${merged} were there already)` : "";
    const hint = daemon === null ? "No daemon runs: start it with plexsync run\n" : "";
    return `Queued ${queued} scenes${there}\n${hint}`;
  });
  return 0;
}

/** Long work whose progress is shown, until it fails or is through. */
async function shown<T>(
  invocation: Invocation,
  what: string,
  work: (progress: (done: number, total: number | null) => void) => Promise<T>,
): Promise<T> {
  const progress = new Progress(invocation, what);
  const result = await work((done, total) => progress.show(done, total));
  progress.end();
  return result;
}
