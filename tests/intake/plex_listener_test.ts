import { assert, assertEquals } from "@std/assert";
import type { TimelineEvent } from "../../src/core/plex_event.ts";
import {
  PlexListener,
  type PlexListenerPorts,
  tellingWrites,
} from "../../src/intake/plex_listener.ts";
import {
  followNotifications,
  type Notification,
} from "../../src/plex/notifications/notifications.ts";
import { clientOf } from "../plex/plex_fixture.ts";
import { ManualClock } from "../plex/notification_clock.ts";
import { startSimPlex } from "../sim/plex/server.ts";
import { madeWaiting, sceneFile } from "../store/samples.ts";
import { openTestStore, TempFolder } from "../store/temp_store.ts";

/** How long the listener sleeps at most. */
const STEP_MS = 1_000;

/** A listener between fakes: the test says whether jobs wait and what Plex tells. */
class Bench implements AsyncDisposable {
  readonly clock = new ManualClock();
  readonly lines: string[] = [];
  readonly listener: PlexListener;
  waiting = false;
  connections = 0;
  open = 0;
  looks = 0;
  failLook = false;
  failStore = false;
  tell!: (notification: Notification) => void;
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;

  constructor() {
    const ports: PlexListenerPorts = {
      follow: (tell, signal) => this.#follow(tell, signal),
      jobs: { nextWaitingAt: () => this.#nextWaitingAt() },
      index: { sections: () => [SECTION] },
      look: () => {
        this.looks++;
        return this.failLook ? Promise.reject(new Error("no answer")) : Promise.resolve();
      },
      log: { debug: (message) => void this.lines.push(message) },
      runtime: this.clock,
    };
    this.listener = new PlexListener(ports);
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

  #follow(tell: (notification: Notification) => void, signal: AbortSignal): Promise<void> {
    this.connections++;
    this.open++;
    this.tell = tell;
    tell({ kind: "connected", transport: "websocket" });
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
  swept_at: 0,
};

function finished(more: Partial<TimelineEvent> = {}): TimelineEvent {
  return {
    kind: "timeline",
    identifier: "com.plexapp.plugins.library",
    sectionId: "1",
    itemId: "100",
    state: 5,
    metadataState: "",
    mediaState: "",
    ...more,
  };
}

Deno.test("PlexListener holds no connection while nothing waits", async () => {
  await using bench = new Bench();
  await bench.pass(600);
  assertEquals([bench.connections, bench.looks], [0, 0]);
});

Deno.test("PlexListener connects when a job waits, and looks once for what it missed", async () => {
  await using bench = new Bench();
  await bench.pass(5);
  bench.waiting = true;
  await bench.pass(60);
  assertEquals([bench.connections, bench.looks], [1, 1]);
});

Deno.test("PlexListener looks again after each reconnect", async () => {
  await using bench = new Bench();
  bench.waiting = true;
  await bench.pass(60);
  const lost = { reason: "closed the connection", retryMs: 1_000, transport: "websocket" } as const;
  bench.tell({ kind: "disconnected", ...lost });
  await bench.pass(5);
  assertEquals(bench.looks, 1);
  bench.tell({ kind: "connected", transport: "event stream" });
  await bench.clock.asleep(STEP_MS);
  assertEquals(bench.looks, 2, "at once");
});

Deno.test("PlexListener looks when Plex has finished an item of a synced section", async () => {
  await using bench = new Bench();
  bench.waiting = true;
  await bench.pass(60);
  bench.tell(finished({ sectionId: "2" }));
  await bench.pass(10);
  assertEquals(bench.looks, 1);
  bench.tell(finished());
  await bench.pass(10);
  assertEquals(bench.looks, 2);
});

Deno.test("PlexListener does not look for its own writes", async () => {
  await using bench = new Bench();
  bench.waiting = true;
  await bench.pass(60);
  bench.listener.wrote("100");
  bench.tell(finished());
  await bench.pass(30);
  assertEquals(bench.looks, 1);
});

Deno.test("PlexListener disconnects when nothing has waited for 3 min, and not before", async () => {
  await using bench = new Bench();
  bench.waiting = true;
  await bench.pass(60);
  bench.waiting = false;
  bench.tell(finished());
  await bench.pass(170);
  assertEquals([bench.open, bench.looks], [1, 1], "nothing to look for");
  await bench.pass(20);
  assertEquals(bench.open, 0);
  bench.waiting = true;
  await bench.pass(10);
  assertEquals([bench.open, bench.connections], [1, 2]);
});

Deno.test("PlexListener goes on after a look or a store that failed", async () => {
  await using bench = new Bench();
  bench.waiting = true;
  bench.failLook = true;
  await bench.pass(10);
  bench.failLook = false;
  bench.failStore = true;
  await bench.pass(10);
  assertEquals(bench.open, 0);
  bench.failStore = false;
  await bench.pass(10);
  assertEquals([bench.open, bench.looks], [1, 2]);
  assert(bench.lines.some((line) => line.includes("no answer")), bench.lines.join("\n"));
});

Deno.test("PlexListener says an outage once", async () => {
  await using bench = new Bench();
  bench.waiting = true;
  await bench.pass(5);
  for (let n = 0; n < 20; n++) {
    const reason = "cannot be reached (ECONNREFUSED)";
    bench.tell({ kind: "disconnected", transport: "websocket", reason, retryMs: 30_000 });
  }
  assertEquals(bench.lines, [
    "Plex tells of new files by websocket",
    "No notifications by websocket: Plex cannot be reached (ECONNREFUSED)",
  ]);
});

Deno.test("tellingWrites() tells of an item before it is written to", async () => {
  const order: string[] = [];
  const plex = clientOf({ url: "http://127.0.0.1:1" });
  const telling = tellingWrites({
    ...plex,
    edit: ({ ratingKey }) => Promise.resolve(void order.push(`edit ${ratingKey}`)),
    uploadImage: (ratingKey) => Promise.resolve(void order.push(`upload ${ratingKey}`)),
  }, (ratingKey) => order.push(`wrote ${ratingKey}`));
  await telling.edit({ ratingKey: "7", sectionId: "1", typeNumber: 1 }, {} as never);
  await telling.uploadImage("8", "poster", new Uint8Array(), "image/png");
  assertEquals(order, ["wrote 7", "edit 7", "wrote 8", "upload 8"]);
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
    store.index.putSection(SECTION);
    const hour = clock.now() + 3_600_000;
    madeWaiting(store, "1", hour, sceneFile("/data/scenes/new.mp4"));
    madeWaiting(store, "2", hour, sceneFile("/data/scenes/other.mp4"));
    const finished = Promise.withResolvers<void>();
    const lookedFirst = Promise.withResolvers<void>();
    const found = Promise.withResolvers<void>();
    const listener = new PlexListener({
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
      jobs: store.jobs,
      index: store.index,
      async look() {
        for await (const page of client.delta("1", 1, 0)) store.index.put(page.files, clock.now());
        if (store.jobs.wake(clock.now(), 0).found > 0) found.resolve();
        lookedFirst.resolve();
      },
      log: { debug() {} },
      runtime: clock,
    });
    const running = listener.run(stop.signal);
    await lookedFirst.promise;
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
