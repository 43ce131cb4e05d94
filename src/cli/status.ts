import { type Breaker, CLOSED } from "../core/breaker.ts";
import { formatDuration } from "../core/duration.ts";
import { lockHolder } from "../daemon/lock.ts";
import type { Store } from "../store/store.ts";
import type { Command, Invocation } from "./command.ts";
import { instant, print, table } from "./output.ts";
import { existingStoreOf, openSession, type Session } from "./session.ts";
import { queueOf } from "./stats.ts";

export const command: Command = {
  usage: "status",
  summary: "Answer one question: is it working?",
  run,
};

const OUTCOMES_SHOWN = 10;

async function run(invocation: Invocation): Promise<number> {
  const session = openSession(invocation, "offline");
  const store = await existingStoreOf(session, invocation);
  try {
    const status = statusOf(store, session, invocation.world.runtime.now());
    print(invocation, status, () => textOf(status, invocation.world.runtime.now()));
    return 0;
  } finally {
    store?.close();
    session.close();
  }
}

function statusOf(store: Store | null, session: Session, now: number) {
  const holder = lockHolder(session.files.lock);
  const breaker = (server: string) => store?.meta.get<Breaker>(`breaker:${server}`) ?? CLOSED;
  return {
    daemon: holder === null ? null : { pid: holder.pid, since_at: holder.since },
    data_dir: session.files.folder,
    driver: store?.driver ?? null,
    plex: { url: session.config.plexUrl, ...serverOf(breaker("plex")) },
    stash: { url: session.config.stashUrl, ...serverOf(breaker("stash")) },
    queue: queueOf(store),
    oldest_at: Math.min(...store?.jobs.counts().map((row) => row.oldest_at) ?? []) || null,
    next_due_at: store?.jobs.nextDueAt() ?? null,
    next_waiting_at: store?.jobs.nextWaitingAt() ?? null,
    dead_letters: store?.deadLetters.byType() ?? {},
    index: store?.index.count() ?? { items: 0, files: 0 },
    outcomes: store?.outcomes.recent(OUTCOMES_SHOWN) ?? [],
    now_at: now,
  };
}

type Status = ReturnType<typeof statusOf>;

function serverOf({ state, cause, failingSinceAt }: Breaker) {
  return { breaker: state, cause, failing_since_at: failingSinceAt };
}

function textOf(status: Status, now: number): string {
  const { daemon, queue, dead_letters } = status;
  const ago = (at: number | null) =>
    at === null || !Number.isFinite(at) ? "none" : `${formatDuration(Math.max(0, now - at))} ago`;
  const dead = Object.entries(dead_letters).map(([type, n]) => `${n} ${type}`).join(", ");
  const facts = table(["", ""], [
    [
      "Daemon",
      daemon === null
        ? "not running"
        : `running, pid ${daemon.pid}, since ${instant(daemon.since_at)}`,
    ],
    ["Data directory", status.data_dir],
    ["SQLite", status.driver ?? "no database yet"],
    ["Plex", serverText(status.plex)],
    ["Stash", serverText(status.stash)],
    ["Queue", `${queue.ready} ready, ${queue.running} running, ${queue.waiting} waiting for Plex`],
    ["Oldest job", ago(status.oldest_at)],
    ["Waiting until", instant(status.next_waiting_at)],
    ["Dead letters", dead || "none"],
    ["Index", `${status.index.items} items, ${status.index.files} files`],
  ]).replace(/^\s*\n/, "");
  if (status.outcomes.length === 0) return facts;
  const outcomes = table(
    ["WHEN", "SCENE", "OUTCOME", "TIME", "WHAT"],
    status.outcomes.map((row) => [
      instant(row.at),
      row.scene_id,
      row.outcome,
      `${row.duration_ms} ms`,
      row.error_type === null
        ? row.error_message ?? (JSON.parse(row.changed_fields) as string[]).join(", ")
        : `${row.error_type}: ${row.error_message}`,
    ]),
  );
  return `${facts}\n${outcomes}`;
}

function serverText(server: Status["plex"]): string {
  const url = server.url === "" ? "not configured" : server.url;
  if (server.breaker === "closed" && server.cause === null) return url;
  return `${url}: ${server.breaker} since ${instant(server.failing_since_at)}: ${server.cause}`;
}
