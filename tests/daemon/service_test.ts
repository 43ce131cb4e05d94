import { assertEquals, assertRejects } from "@std/assert";
import { aborted } from "../../src/core/aborted.ts";
import { onStop, runServices, type Service, type Stage } from "../../src/daemon/service.ts";
import { ManualClock } from "../target/plex/notification_clock.ts";

const PATIENCE_MS = 1_000;

/** What services do, as it happens. */
class Bench {
  readonly clock = new ManualClock();
  /** `+a` a began, `-a` it was told to stop, `.a` it ended. */
  readonly seen: string[] = [];
  readonly warnings: string[] = [];
  readonly stop = new AbortController();

  /** Ends when it is told to. */
  obedient(name: string): Service<string> {
    return this.#service(name, (stop) => aborted(stop));
  }

  /** Is through at once, or says why all is. */
  short(name: string, why?: string): Service<string> {
    return this.#service(name, () => Promise.resolve(why));
  }

  failing(name: string): Service<string> {
    return this.#service(name, () => Promise.reject(new Error(`${name} failed`)));
  }

  /** Ends `afterMs` after it was told to; null for never. */
  deaf(name: string, afterMs: number | null): Service<string> {
    return this.#service(name, async (stop) => {
      await aborted(stop);
      await (afterMs === null ? new Promise(() => {}) : this.clock.sleep(afterMs));
    });
  }

  run(...stages: Service<string>[][]): Promise<string | null> {
    const all: Stage<string>[] = stages.map((services) => ({ services, patienceMs: PATIENCE_MS }));
    return runServices(all, this.stop.signal, {
      runtime: { sleep: (ms, signal) => ms === 0 ? turn() : this.clock.sleep(ms, signal) },
      log: { warning: (message) => void this.warnings.push(message) },
    });
  }

  #service(name: string, work: (stop: AbortSignal) => Promise<string | void>): Service<string> {
    return {
      name,
      run: async (stop) => {
        this.seen.push(`+${name}`);
        stop.addEventListener("abort", () => this.seen.push(`-${name}`));
        try {
          return await work(stop);
        } finally {
          this.seen.push(`.${name}`);
        }
      },
    };
  }
}

/** Lets all that is ready happen. */
const turn = () => new Promise<void>((resolve) => setTimeout(resolve));

/** Lets as many stages start as a test has. */
async function started(): Promise<void> {
  for (let stage = 0; stage < 4; stage++) await turn();
}

interface Case {
  what: string;
  stages: (bench: Bench) => Service<string>[][];
  /** Stopped from outside, once all that is ready has happened. */
  stopped?: boolean;
  seen: string;
  end: string | null;
}

const cases: Case[] = [
  {
    what: "starts the stages in order and stops them the other way round",
    stages: (b) => [[b.obedient("a")], [b.obedient("b"), b.obedient("c")], [b.obedient("d")]],
    stopped: true,
    seen: "+a +b +c +d -d .d -b -c .b .c -a .a",
    end: null,
  },
  {
    what: "goes on when one is through without a reason",
    stages: (b) => [[b.obedient("a")], [b.short("b")], [b.obedient("c")]],
    stopped: true,
    seen: "+a +b .b +c -c .c -b -a .a",
    end: null,
  },
  {
    what: "ends when one says why, with its reason",
    stages: (b) => [[b.obedient("a"), b.short("b", "because")]],
    seen: "+a +b .b -a -b .a",
    end: "because",
  },
  {
    what: "starts no stage above one that ended all at once",
    stages: (b) => [[b.obedient("a")], [b.short("b", "because")], [b.obedient("c")]],
    seen: "+a +b .b -b -a .a",
    end: "because",
  },
  {
    what: "takes the first reason of several",
    stages: (b) => [[{
      name: "late",
      run: async (stop) => {
        await aborted(stop);
        return "late";
      },
    }, b.short("a", "first")]],
    seen: "+a .a -a",
    end: "first",
  },
  {
    what: "lets a stage do its last work when those above it have ended",
    stages: (b) => [[onStop("last", () => void b.seen.push("last"))], [b.obedient("a")]],
    stopped: true,
    seen: "+a -a .a last",
    end: null,
  },
];

for (const { what, stages, stopped = false, seen, end } of cases) {
  Deno.test(`runServices() ${what}`, async () => {
    const bench = new Bench();
    const running = bench.run(...stages(bench));
    await started();
    if (stopped) bench.stop.abort();
    assertEquals(await running, end);
    assertEquals(bench.seen.join(" "), seen);
    assertEquals(bench.warnings, []);
  });
}

Deno.test("runServices() starts nothing when it was stopped before", async () => {
  const bench = new Bench();
  bench.stop.abort();
  assertEquals(await bench.run([bench.obedient("a")]), null);
  assertEquals(bench.seen, []);
});

Deno.test("runServices() fails as the service did that failed first, after the others have ended", async () => {
  const bench = new Bench();
  const running = bench.run([bench.obedient("a")], [bench.failing("b")], [bench.obedient("c")]);
  await assertRejects(() => running, Error, "b failed");
  assertEquals(bench.seen.join(" "), "+a +b .b -b -a .a");

  const later = new Bench();
  const failsAtStop: Service<string> = {
    name: "d",
    run: async (stop) => {
      await aborted(stop);
      throw new Error("d failed");
    },
  };
  const failing = later.run([later.obedient("a")], [failsAtStop, later.short("e", "because")]);
  await assertRejects(() => failing, Error, "d failed");
  assertEquals(later.seen.at(-1), ".a");
});

Deno.test("runServices() is not held up for long by a stage that does not end, and waits for it at last", async () => {
  const bench = new Bench();
  const running = bench.run([bench.obedient("a")], [bench.obedient("b")], [bench.deaf("c", 3_000)]);
  await started();
  bench.stop.abort();
  await bench.clock.asleep(PATIENCE_MS);
  assertEquals(bench.seen.join(" "), "+a +b +c -c");
  bench.clock.pass(PATIENCE_MS);
  await bench.clock.asleep(5_000);
  assertEquals(bench.seen.join(" "), "+a +b +c -c -b .b -a .a");
  bench.clock.pass(2_000);
  assertEquals(await running, null);
  assertEquals(bench.seen.at(-1), ".c");
  assertEquals(bench.warnings, []);
});

Deno.test("runServices() leaves behind what never ends, and names it", async () => {
  const bench = new Bench();
  const running = bench.run([bench.obedient("a")], [bench.deaf("b", null), bench.obedient("c")]);
  await started();
  bench.stop.abort();
  await bench.clock.asleep(PATIENCE_MS);
  bench.clock.pass(PATIENCE_MS);
  await bench.clock.asleep(5_000);
  bench.clock.pass(5_000);
  assertEquals(await running, null);
  assertEquals(bench.warnings, ["The b does not stop and is left behind"]);
});
