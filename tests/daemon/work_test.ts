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
    });
  const { signal } = new AbortController();
  assertEquals(await pass("nothing due").run(signal), { kind: "server down" });
  assertEquals(await pass("needs attention").run(signal), { kind: "needs attention" });
});
