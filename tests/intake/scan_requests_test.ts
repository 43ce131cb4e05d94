import { assert, assertEquals } from "@std/assert";
import { ScanRequests } from "../../src/intake/scan_requests.ts";
import { ManualClock } from "../target/plex/notification_clock.ts";
import { targetOf } from "../target/plex/plex_fixture.ts";
import { type SimPlex, startSimPlex } from "../sim/plex/server.ts";
import { dead, done, sceneFile, waiting } from "../store/samples.ts";

const REFRESH = "/library/sections/1/refresh";

/** Scan requests to a simulated Plex; the test says what begins to wait. */
class Bench implements AsyncDisposable {
  readonly clock = new ManualClock();
  readonly lines: string[] = [];
  readonly requests: ScanRequests;
  stillWaiting = true;
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;

  private constructor(readonly plex: SimPlex) {
    this.requests = new ScanRequests({
      target: targetOf(plex, { token: plex.token }),
      jobs: { nextWaitingAt: () => this.stillWaiting ? this.clock.now() : null },
      index: {
        sections: () => [{
          section: "1",
          title: "",
          item_type: "movie",
          cursor: 0,
          refreshed_at: 0,
          listed_at: 0,
        }],
      },
      log: { debug: (message) => void this.lines.push(message) },
      runtime: this.clock,
    });
    this.#done = this.requests.run(this.#stop.signal);
  }

  static async open(): Promise<Bench> {
    return new Bench(
      await startSimPlex({
        sections: [
          { key: "1", title: "Scenes", type: "movie", locations: ["/data/scenes"] },
          { key: "2", title: "Not synced", type: "movie", locations: ["/data/other"] },
        ],
      }),
    );
  }

  /** Jobs with these files begin to wait. */
  begin(...paths: string[]): void {
    this.requests.settled(paths.map((path) => ({ disposition: waiting(0, sceneFile(path)) })));
  }

  /** Lets time pass in the steps in which the requests sleep; what they ask is answered first. */
  async pass(seconds: number): Promise<void> {
    for (let passed = 0; passed < seconds; passed += 5) {
      await this.clock.asleep(5_000);
      this.clock.pass(5_000);
    }
    await this.clock.asleep(5_000);
  }

  scans(): (string | null)[] {
    const refreshes = this.plex.requests().filter(({ path }) => path === REFRESH);
    return refreshes.map((request) => request.param("path"));
  }

  async [Symbol.asyncDispose]() {
    this.#stop.abort();
    await this.#done;
    await this.plex.close();
  }
}

Deno.test("ScanRequests asks for one scan of a folder, 30 s after its first file", async () => {
  await using bench = await Bench.open();
  bench.begin("/data/scenes/a/1.mp4");
  await bench.pass(25);
  bench.begin("/data/scenes/a/2.mp4", "/data/scenes/a/3.mp4");
  assertEquals(bench.plex.requests(), []);
  await bench.pass(300);
  assertEquals(bench.scans(), ["/data/scenes/a"]);
});

Deno.test("ScanRequests brings a file to Plex that nobody else would have told it of", async () => {
  await using bench = await Bench.open();
  bench.plex.addUnscannedFiles([{ path: "/data/scenes/a & b/1.mp4" }]);
  bench.begin("/data/scenes/a & b/1.mp4");
  await bench.pass(30);
  // Scans run one after the other, so this one ends after the one that was asked for.
  await bench.plex.addFiles([{ path: "/data/scenes/z.mp4" }]);
  const files = bench.plex.items().flatMap((item) => item.files);
  assertEquals(files, ["/data/scenes/a & b/1.mp4", "/data/scenes/z.mp4"]);
});

Deno.test("ScanRequests asks for the root when files wait in more than 50 folders", async () => {
  await using bench = await Bench.open();
  bench.begin(...Array.from({ length: 51 }, (_, n) => `/data/scenes/${n}/x.mp4`));
  await bench.pass(60);
  assertEquals(bench.scans(), ["/data/scenes"]);
});

Deno.test("ScanRequests asks for nothing when no job begins to wait, or none waits any more", async () => {
  await using bench = await Bench.open();
  bench.requests.settled([{ disposition: done("written") }, { disposition: dead }]);
  bench.begin("/data/scenes/a/1.mp4");
  bench.stillWaiting = false;
  await bench.pass(120);
  assertEquals(bench.plex.requests(), []);
});

Deno.test("ScanRequests says once that a folder is in no synced library, and does not ask", async () => {
  await using bench = await Bench.open();
  for (let n = 0; n < 3; n++) {
    bench.begin("/elsewhere/1.mp4", "/data/other/2.mp4");
    await bench.pass(60);
  }
  assertEquals(bench.lines, [
    "No synced library of Plex holds /elsewhere: it is not scanned",
    "No synced library of Plex holds /data/other: it is not scanned",
  ]);
  assert(!bench.plex.requests().some(({ path }) => path.endsWith("/refresh")));
});

Deno.test("ScanRequests asks again a minute after a request that failed", async () => {
  await using bench = await Bench.open();
  bench.plex.setFaults([{ path: REFRESH, status: 503, times: 1 }]);
  bench.begin("/data/scenes/a/1.mp4");
  await bench.pass(85);
  assertEquals(bench.scans().length, 1);
  await bench.pass(10);
  assertEquals(bench.scans(), ["/data/scenes/a", "/data/scenes/a"]);
});

Deno.test("ScanRequests keeps its folders while Plex does not tell its libraries", async () => {
  await using bench = await Bench.open();
  bench.plex.setFaults([{ path: "^/library/sections$", status: 503, times: 1 }]);
  bench.begin("/data/scenes/a/1.mp4");
  await bench.pass(25);
  bench.clock.pass(5_000);
  await bench.clock.asleep(60_000);
  bench.clock.pass(60_000);
  await bench.clock.asleep(5_000);
  assertEquals(bench.scans(), ["/data/scenes/a"]);
});
