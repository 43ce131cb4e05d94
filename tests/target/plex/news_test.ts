import { assertEquals } from "@std/assert";
import type { Notification } from "../../../src/target/plex/notifications/notifications.ts";
import { PlexNews } from "../../../src/target/plex/notifications/news.ts";
import type { News } from "../../../src/target/target.ts";
import type { TimelineEvent } from "../../../src/target/plex/notifications/plex_event.ts";
import { ManualClock } from "./notification_clock.ts";

/** How long it sleeps at most. */
const STEP_MS = 1_000;

/** Plex's notifications by hand, and what news they come to. */
class Bench implements AsyncDisposable {
  readonly clock = new ManualClock();
  /** Kinds of news, in order. */
  readonly told: News["kind"][] = [];
  readonly news: PlexNews;
  notify!: (notification: Notification) => void;
  #isOpen = true;
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;

  constructor() {
    this.news = new PlexNews({
      follow: (tell, signal) => {
        this.notify = tell;
        tell({ kind: "connected", transport: "websocket" });
        return new Promise((resolve) => {
          signal.addEventListener("abort", () => {
            this.#isOpen = false;
            resolve();
          });
        });
      },
      isOurs: (id) => id === "1",
      runtime: this.clock,
    });
    this.#done = this.news.listen(({ kind }) => void this.told.push(kind), this.#stop.signal);
  }

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
    assertEquals(this.#isOpen, false, "a connection outlived its listener");
  }
}

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

Deno.test("PlexNews tells of files at once after a connect, and of nothing else by itself", async () => {
  await using bench = new Bench();
  assertEquals(bench.told, ["connected", "files"]);
  await bench.pass(60);
  bench.notify({ kind: "disconnected", transport: "websocket", reason: "is gone", retryMs: 1 });
  await bench.pass(5);
  bench.notify({ kind: "connected", transport: "event stream" });
  assertEquals(bench.told, ["connected", "files", "disconnected", "connected", "files"]);
});

Deno.test("PlexNews tells when Plex has finished an item of a synced section", async () => {
  await using bench = new Bench();
  await bench.pass(60);
  bench.notify(finished({ sectionId: "2" }));
  await bench.pass(10);
  assertEquals(bench.told, ["connected", "files"]);
  bench.notify(finished());
  await bench.pass(10);
  assertEquals(bench.told, ["connected", "files", "files"]);
});

Deno.test("PlexNews takes no own write for news", async () => {
  await using bench = new Bench();
  await bench.pass(60);
  bench.news.wrote("100");
  bench.notify(finished());
  await bench.pass(30);
  assertEquals(bench.told, ["connected", "files"]);
});
