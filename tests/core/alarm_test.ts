import { assertEquals } from "@std/assert";
import { Alarm } from "../../src/core/alarm.ts";

/** A sleep that ends by abort only, and counts how often it began and ended. */
function endless() {
  const seen = { begun: 0, ended: 0 };
  const sleep = (_ms: number, signal?: AbortSignal) => {
    seen.begun++;
    return new Promise<void>((resolve) => {
      signal?.addEventListener("abort", () => {
        seen.ended++;
        resolve();
      });
    });
  };
  return { seen, sleep };
}

Deno.test("Alarm ends the sleep under way", async () => {
  const { seen, sleep } = endless();
  const alarm = new Alarm();
  const slept = alarm.sleep({ sleep }, 1, new AbortController().signal);
  alarm.ring();
  await slept;
  assertEquals(seen, { begun: 1, ended: 1 });
});

Deno.test("Alarm that rang before the sleep lets it be left out, once", async () => {
  const { seen, sleep } = endless();
  const alarm = new Alarm();
  const stop = new AbortController();
  alarm.ring();
  alarm.ring();
  await alarm.sleep({ sleep }, 1, stop.signal);
  assertEquals(seen.begun, 0);
  const slept = alarm.sleep({ sleep }, 1, stop.signal);
  assertEquals(seen, { begun: 1, ended: 0 });
  stop.abort();
  await slept;
  assertEquals(seen, { begun: 1, ended: 1 });
});

Deno.test("Alarm sleeps to the end when nothing happens, and not at all after a stop", async () => {
  const waits: number[] = [];
  const sleep = (ms: number) => {
    waits.push(ms);
    return Promise.resolve();
  };
  const alarm = new Alarm();
  await alarm.sleep({ sleep }, 200, new AbortController().signal);
  await alarm.sleep({ sleep }, 200, AbortSignal.abort());
  assertEquals(waits, [200]);
});
