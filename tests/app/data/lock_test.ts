import { join } from "node:path";
import { takeLock } from "../../../src/app/data/lock.ts";

// A child holds the files of its parent from its making until it runs its program.
Deno.test("a lock that is released is free at once, though children are being started", async () => {
  const folder = await Deno.makeTempDir();
  const threads = [1, 2, 3].map(() =>
    new Worker(new URL("./spawning_thread.ts", import.meta.url), { type: "module" })
  );
  try {
    await Promise.all(threads.map((thread) =>
      new Promise((resolve) => {
        thread.onmessage = resolve;
      })
    ));
    for (let n = 0; n < 2_000; n++) {
      takeLock(join(folder, "lock"), { pid: Deno.pid, since: 0 }).release();
      if (n % 20 === 0) await new Promise((resolve) => setTimeout(resolve));
    }
  } finally {
    for (const thread of threads) thread.terminate();
    await Deno.remove(folder, { recursive: true });
  }
});
