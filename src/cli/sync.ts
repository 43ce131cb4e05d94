import { UserError } from "../core/errors.ts";
import type { Runtime } from "../core/runtime.ts";
import { enqueueBulk } from "../intake/bulk.ts";
import { Watcher } from "../intake/watcher.ts";
import { stashOf } from "../app/servers.ts";
import { lockHolder } from "../app/lock.ts";
import type { Store } from "../store/store.ts";
import type { Command, Invocation } from "./command.ts";
import { print } from "./output.ts";
import { Progress } from "./progress.ts";
import { readScope, SCOPE_FLAGS, SCOPE_VALUES } from "./scope.ts";
import { openSession, openStoreOf } from "./session.ts";

export const command: Command = {
  usage: "sync (--all | --recent 24h | --scene ID,…) [--dry-run] [--wait]",
  summary: "Put scenes into the queue",
  flags: [
    ...SCOPE_FLAGS,
    { name: "dry-run", meaning: "only show what would change (same as plan)" },
    { name: "wait", meaning: "return when the daemon has worked through the queue" },
  ],
  notes: ["The daemon (plexsync run) does the work; this command only queues it."],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  if (invocation.switches.has("dry-run")) {
    const plan = await import("./plan.ts");
    return await plan.command.run(invocation);
  }
  const scope = readScope(invocation);
  const { world, switches } = invocation;
  const session = openSession(
    invocation,
    scope.kind === "scenes" ? "offline" : "stash",
    SCOPE_VALUES,
  );
  const store = await openStoreOf(session, invocation);
  try {
    const stash = stashOf(session.config);
    if (scope.kind === "all") await beginToWatch(store, stash, world.runtime);
    const progress = new Progress(invocation, "Queued");
    let sum = { added: 0, merged: 0 };
    for await (
      const { added, merged, total } of enqueueBulk(scope, stash, store.jobs, world.runtime)
    ) {
      sum = { added, merged };
      progress.show(added + merged, total);
    }
    progress.end();
    const daemon = lockHolder(session.files.lock);
    if (switches.has("wait")) {
      if (daemon === null) {
        throw new UserError("Cannot wait: no daemon runs", 1, "Start it with: plexsync run");
      }
      await waitUntilDone(store, invocation);
    }
    const queued = sum.added + sum.merged;
    print(invocation, { queued, ...sum, daemon: daemon?.pid ?? null }, () => {
      const there = sum.merged > 0 ? ` (${sum.merged} were there already)` : "";
      const hint = daemon === null ? "No daemon runs: start it with plexsync run\n" : "";
      return `Queued ${queued} scenes${there}\n${hint}`;
    });
    return 0;
  } finally {
    store.close();
    session.close();
  }
}

/** Changes made while all scenes are walked are seen by the daemon that starts afterwards. */
export async function beginToWatch(
  store: Store,
  stash: ReturnType<typeof stashOf>,
  runtime: Runtime,
): Promise<void> {
  const watcher = new Watcher({ stash, store, runtime, waitForScan: false });
  if (watcher.isNew) await watcher.poll();
}

const LOOK_MS = 200;

/** Until nothing is due or running; what waits for Plex, or for its next attempt, waits on. */
async function waitUntilDone(store: Store, invocation: Invocation): Promise<void> {
  const { runtime } = invocation.world;
  const progress = new Progress(invocation, "Done");
  const all = store.jobs.count();
  while (store.jobs.hasWork(runtime.now())) {
    progress.show(Math.max(0, all - store.jobs.count()), all);
    await runtime.sleep(LOOK_MS);
  }
  progress.end();
}
