import { assertEquals } from "@std/assert";
import { aborted } from "../../src/core/aborted.ts";

Deno.test("aborted() waits for any one of its signals", async () => {
  for (const which of [0, 1]) {
    const controllers = [new AbortController(), new AbortController()];
    let done = false;
    const waiting = aborted(...controllers.map(({ signal }) => signal)).then(() => done = true);
    await Promise.resolve();
    assertEquals(done, false);
    controllers[which]?.abort();
    await waiting;
  }
});

Deno.test("aborted() is through at once when one has aborted", async () => {
  await aborted(new AbortController().signal, AbortSignal.abort());
});
