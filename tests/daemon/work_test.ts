import { assertEquals, assertRejects } from "@std/assert";
import { aborted } from "../../src/core/aborted.ts";
import { SinglePass, Work, type Working } from "../../src/daemon/work.ts";
import type { Ended } from "../../src/worker/worker.ts";

const ONCE = { once: true, idleExitMs: null };

const through = (ended: Ended): Working => ({ run: () => Promise.resolve(ended) });

const cases: { ends: Ended[]; want: Ended | undefined }[] = [
  { ends: ["stopped"], want: undefined },
  { ends: ["nothing due"], want: "nothing due" },
  { ends: ["nothing due", "server down"], want: "server down" },
  { ends: ["needs attention", "server down", "nothing due"], want: "needs attention" },
  { ends: ["idle", "stopped"], want: "idle" },
];

for (const { ends, want } of cases) {
  Deno.test(`Work ends as "${want}" when its workers end as ${JSON.stringify(ends)}`, async () => {
    const work = new Work(ends.map(through), ONCE);
    assertEquals((await work.run(new AbortController().signal))?.kind, want);
  });
}

Deno.test("Work waits for all of its workers, and stops them when one fails", async () => {
  let settled = false;
  const settling: Working = {
    async run(stop) {
      await aborted(stop);
      await new Promise((resolve) => setTimeout(resolve));
      settled = true;
      return "stopped";
    },
  };
  const failing: Working = { run: () => Promise.reject(new Error("disk I/O error")) };
  const work = new Work([settling, failing], ONCE);
  await assertRejects(() => work.run(new AbortController().signal), Error, "disk I/O error");
  assertEquals(settled, true);
});

Deno.test("SinglePass works after what was accepted is in the queue", async () => {
  const order: string[] = [];
  const pass = new SinglePass({
    prepare: () => Promise.resolve(void order.push("prepare")),
    work: {
      run: () => {
        order.push("work");
        return Promise.resolve({ kind: "nothing due" } as const);
      },
    },
    isOwed: () => false,
    backupEnded: () => Promise.resolve(),
  });
  assertEquals(await pass.run(new AbortController().signal), { kind: "nothing due" });
  assertEquals(order, ["prepare", "work"]);
});

Deno.test("SinglePass does not call a queue empty that lacks what Stash did not tell", async () => {
  const pass = (ended: "nothing due" | "needs attention") =>
    new SinglePass({
      prepare: () => Promise.resolve(),
      work: { run: () => Promise.resolve({ kind: ended }) },
      isOwed: () => true,
      backupEnded: () => Promise.resolve(),
    });
  const { signal } = new AbortController();
  assertEquals(await pass("nothing due").run(signal), { kind: "server down" });
  assertEquals(await pass("needs attention").run(signal), { kind: "needs attention" });
});

Deno.test("SinglePass ends after the backup under way, unless it is stopped", async () => {
  const backup = Promise.withResolvers<void>();
  const pass = new SinglePass({
    prepare: () => Promise.resolve(),
    work: { run: () => Promise.resolve({ kind: "nothing due" }) },
    isOwed: () => false,
    backupEnded: () => backup.promise,
  });
  let ended = 0;
  const run = async (stop: AbortSignal) => {
    await pass.run(stop);
    ended++;
  };
  const stop = new AbortController();
  const stopped = run(stop.signal);
  const through = run(new AbortController().signal);
  await new Promise((resolve) => setTimeout(resolve));
  assertEquals(ended, 0);
  stop.abort();
  await stopped;
  assertEquals(ended, 1);
  backup.resolve();
  await through;
});
