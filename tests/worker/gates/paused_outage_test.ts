/** A pause and an outage in each order, with a new start in between or without. */
import { assertEquals } from "@std/assert";
import { PAUSED_AT } from "../../../src/core/meta_keys.ts";
import { Rig } from "../rig.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const SCENES = 6;
/** A breaker that opened asks again after 95 s at the latest; then all goes on. */
const BACK_WITHIN_MS = 3 * MINUTE_MS;

type Server = "plex" | "stash";
type Step = "pause" | "resume" | "down" | "up" | "restart";

const ORDERS: readonly (readonly Step[])[] = [
  ["pause", "down", "resume", "up"],
  ["pause", "down", "up", "resume"],
  ["down", "pause", "up", "resume"],
  ["down", "pause", "resume", "up"],
  ["down", "up", "pause", "resume"],
  ["pause", "resume", "down", "up"],
];

/** Each order as it is, and with a new start after each of its steps. */
const CASES = ORDERS.flatMap((order) => [
  order,
  ...order.map((_, at) => order.toSpliced(at + 1, 0, "restart")),
]);

function take(step: Step, server: Server, rig: Rig): void {
  switch (step) {
    case "pause":
      return rig.store.meta.set(PAUSED_AT, rig.runtime.now());
    case "resume":
      return void rig.store.meta.remove(PAUSED_AT);
    case "down":
      return rig[server].setFaults([{ path: ".", status: 503 }]);
    case "up":
      return rig[server].setFaults([]);
    case "restart":
      return rig.start();
  }
}

for (const server of ["plex", "stash"] as const) {
  for (const steps of CASES) {
    Deno.test(`all is written soon after ${steps.join(", ")} of ${server}, and nothing before it may be`, async () => {
      await using rig = await Rig.open({ library: { scenes: SCENES } });
      let isPaused = false;
      let isDown = false;
      for (const step of steps) {
        take(step, server, rig);
        if (step === "pause" || step === "resume") isPaused = step === "pause";
        if (step === "down" || step === "up") isDown = step === "down";
        const writes = rig.writes().length;
        const before = rig.outcomes();
        rig.enqueue();
        const end = rig.runtime.now() + 5 * MINUTE_MS;
        await rig.until(() => rig.runtime.now() >= end);
        if (isPaused || isDown) assertEquals(rig.outcomes(), before, `while ${step}`);
        if (isPaused) assertEquals(rig.writes().length, writes, "no write while it is paused");
      }
      await rig.until(() => rig.store.jobs.count() === 0, BACK_WITHIN_MS);
      const { written = 0, unchanged: _, ...others } = rig.outcomes();
      assertEquals([written, others], [SCENES, {}]);
      assertEquals(rig.store.deadLetters.count(), 0);
    });
  }

  Deno.test(`three answers of 503 of ${server} delay the work by no more than its probes`, async () => {
    await using rig = await Rig.open({ library: { scenes: SCENES } });
    rig[server].setFaults([{ path: ".", status: 503, times: 3 }]);
    rig.enqueue();
    const start = rig.runtime.now();
    await rig.until(() => rig.store.jobs.count() === 0, BACK_WITHIN_MS);
    assertEquals(rig.outcomes(), { written: SCENES });
    assertEquals(
      rig.runtime.now() - start < 100 * SECOND_MS,
      true,
      "a look after 5, 15, 35 and 95 s",
    );
  });
}
