import { assert, assertEquals } from "@std/assert";
import { IndexListener } from "../../src/intake/index_listener.ts";
import { followNotifications } from "../../src/target/plex/notifications/notifications.ts";
import { PlexNews } from "../../src/target/plex/notifications/news.ts";
import type { News } from "../../src/target/target.ts";
import { clientOf } from "../target/plex/plex_fixture.ts";
import { ManualClock } from "../target/plex/notification_clock.ts";
import { startSimPlex } from "../sim/plex/server.ts";
import { madeWaiting, sceneFile } from "../store/samples.ts";
import { openTestStore, TempFolder } from "../store/temp_store.ts";
import { TARGET } from "../one_target.ts";

/** How long the listener sleeps at most. */
const STEP_MS = 1_000;

/** A listener between fakes: the test says whether jobs wait and what the target tells. */
class Bench implements AsyncDisposable {
  readonly clock = new ManualClock();
  readonly lines: string[] = [];
  readonly listener: IndexListener;
  waiting = false;
  connections = 0;
  open = 0;
  refreshes = 0;
  failRefresh = false;
  failStore = false;
  tell!: (news: News) => void;
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;

  constructor() {
    this.listener = new IndexListener({
      title: "Plex",
      listen: (tell, signal) => this.#listen(tell, signal),
      jobs: { nextWaitingAt: () => this.#nextWaitingAt() },
      refresh: () => {
        this.refreshes++;
        return this.failRefresh ? Promise.reject(new Error("no answer")) : Promise.resolve();
      },
      log: { debug: (message) => void this.lines.push(message) },
      runtime: this.clock,
    });
    this.#done = this.listener.run(this.#stop.signal);
  }

  /** Lets time pass in the steps in which the listener sleeps. */
  async pass(seconds: number): Promise<void> {
    for (let passed = 0; passed < seconds; passed++) {
      await this.clock.asleep(STEP_MS);
      this.clock.pass(STEP_MS);
    }
    await this.clock.asleep(STEP_MS);
  }

  async [Symbol.asyncDispose]() {
    this.#stop.abort();
    await this.#done;
    assertEquals(this.open, 0, "a connection outlived the listener");
  }

  #nextWaitingAt(): number | null {
    if (this.failStore) throw new Error("disk I/O error");
    return this.waiting ? this.clock.now() : null;
  }

  #listen(tell: (news: News) => void, signal: AbortSignal): Promise<void> {
    this.connections++;
    this.open++;
    this.tell = tell;
    tell({ kind: "connected", by: "websocket" });
    tell({ kind: "files" });
    return new Promise((resolve) => {
      signal.addEventListener("abort", () => {
        this.open--;
        resolve();
      });
    });
  }
}

const SECTION = {
  section: "1",
  title: "Scenes",
  item_type: "movie" as const,
  cursor: 0,
  refreshed_at: 0,
  listed_at: 0,
};

Deno.test("IndexListener holds no connection while nothing waits", async () => {
  await using bench = new Bench();
  await bench.pass(600);
  assertEquals([bench.connections, bench.refreshes], [0, 0]);
});

Deno.test("IndexListener connects when a job waits, and refreshes once for what it missed", async () => {
  await using bench = new Bench();
  await bench.pass(5);
  bench.waiting = true;
  await bench.pass(60);
  assertEquals([bench.connections, bench.refreshes], [1, 1]);
});

Deno.test("IndexListener refreshes again after each reconnect", async () => {
  await using bench = new Bench();
  bench.waiting = true;
  await bench.pass(60);
  const lost = { reason: "closed the connection", retryMs: 1_000, by: "websocket" };
  bench.tell({ kind: "disconnected", ...lost });
  await bench.pass(5);
  assertEquals(bench.refreshes, 1);
  bench.tell({ kind: "connected", by: "event stream" });
  bench.tell({ kind: "files" });
  await bench.clock.asleep(STEP_MS);
  assertEquals(bench.refreshes, 2, "at once");
});

Deno.test("IndexListener refreshes once for news that come while it refreshes", async () => {
  await using bench = new Bench();
  bench.waiting = true;
  await bench.pass(60);
  for (let n = 0; n < 3; n++) bench.tell({ kind: "files" });
  await bench.pass(10);
  assertEquals(bench.refreshes, 2);
});

Deno.test("IndexListener disconnects when nothing has waited for 3 min, and not before", async () => {
  await using bench = new Bench();
  bench.waiting = true;
  await bench.pass(60);
  bench.waiting = false;
  bench.tell({ kind: "files" });
  await bench.pass(170);
  assertEquals([bench.open, bench.refreshes], [1, 1], "nothing to refresh for");
  await bench.pass(20);
  assertEquals(bench.open, 0);
  bench.waiting = true;
  await bench.pass(10);
  assertEquals([bench.open, bench.connections], [1, 2]);
});

Deno.test("IndexListener goes on after a refresh or a store that failed", async () => {
  await using bench = new Bench();
  bench.waiting = true;
  bench.failRefresh = true;
  await bench.pass(10);
  bench.failRefresh = false;
  bench.failStore = true;
  await bench.pass(10);
  assertEquals(bench.open, 0);
  bench.failStore = false;
  await bench.pass(10);
  assertEquals([bench.open, bench.refreshes], [1, 2]);
  assert(bench.lines.some((line) => line.includes("no answer")), bench.lines.join("\n"));
});

Deno.test("IndexListener says an outage once", async () => {
  await using bench = new Bench();
  bench.waiting = true;
  await bench.pass(5);
  for (let n = 0; n < 20; n++) {
    const reason = "cannot be reached (ECONNREFUSED)";
    bench.tell({ kind: "disconnected", by: "websocket", reason, retryMs: 30_000 });
  }
  assertEquals(bench.lines, [
    "Plex tells of new files by websocket",
    "No notifications by websocket: Plex cannot be reached (ECONNREFUSED)",
  ]);
});

Deno.test("a waiting job is woken by Plex's own notification, long before its time", async () => {
  const plex = await startSimPlex({
    sections: [{ key: "1", title: "Scenes", type: "movie", locations: ["/data/scenes"] }],
  });
  const clock = new ManualClock();
  using folder = new TempFolder();
  const store = await openTestStore(folder.file("plexsync.db"), "builtin");
  const client = clientOf(plex, { token: plex.token });
  const stop = new AbortController();
  try {
    store.of(TARGET).index.putSection(SECTION);
    const hour = clock.now() + 3_600_000;
    madeWaiting(store, "1", hour, sceneFile("/data/scenes/new.mp4"));
    madeWaiting(store, "2", hour, sceneFile("/data/scenes/other.mp4"));
    const finished = Promise.withResolvers<void>();
    const refreshedFirst = Promise.withResolvers<void>();
    const found = Promise.withResolvers<void>();
    const news = new PlexNews({
      follow: (tell, signal) =>
        followNotifications(
          {
            url: plex.url,
            token: plex.token,
            clientIdentifier: "install-1",
            version: "1.2.3",
            fetch,
            runtime: clock,
          },
          (notification) => {
            tell(notification);
            if (notification.kind === "timeline" && notification.state === 5) finished.resolve();
          },
          signal,
        ),
      isOurs: (id) => id === "1",
      runtime: clock,
    });
    const listener = new IndexListener({
      title: "Plex",
      listen: (tell, signal) => news.listen(tell, signal),
      jobs: store.jobs,
      async refresh() {
        for await (const page of client.delta("1", 1, 0)) {
          store.of(TARGET).index.put(page.files, clock.now());
        }
        if (store.jobs.wake(clock.now(), 0, TARGET).found > 0) found.resolve();
        refreshedFirst.resolve();
      },
      log: { debug() {} },
      runtime: clock,
    });
    const running = listener.run(stop.signal);
    await refreshedFirst.promise;
    await plex.addFiles([{ path: "/data/scenes/new.mp4" }]);
    await finished.promise;
    await clock.asleep(STEP_MS);
    clock.pass(5_000);
    await found.promise;
    assertEquals(store.queue.list(10).map((job) => [job.scene_id, job.state]), [
      ["1", "ready"],
      ["2", "waiting"],
    ]);
    stop.abort();
    await running;
  } finally {
    stop.abort();
    store.close();
    await plex.close();
  }
});
