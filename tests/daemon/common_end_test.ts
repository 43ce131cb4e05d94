import { assertEquals } from "@std/assert";
import { CommonEnd } from "../../src/daemon/common_end.ts";

const ONCE = { once: true, idleExitMs: null };
const AFTER_TEN = { once: false, idleExitMs: 10 };

Deno.test("a single pass is over when both loops have nothing to do, and then for both", () => {
  const end = new CommonEnd(ONCE);
  const [first, second] = [end.join(), end.join()];
  second.busy();
  assertEquals(first.isOver(0, 0), false, "the other works");
  first.busy();
  assertEquals(second.isOver(5, 5), false, "now the first works");
  assertEquals(first.isOver(6, 6), true);
  second.busy();
  assertEquals(first.isOver(6, 7), true, "what was decided stays so");
});

Deno.test("a daemon is idle when the last of its loops was so for long enough", () => {
  const end = new CommonEnd(AFTER_TEN);
  const [first, second] = [end.join(), end.join()];
  assertEquals([first.isOver(0, 50), second.isOver(45, 50)], [false, false]);
  assertEquals([first.isOver(0, 54), first.isOver(0, 55)], [false, true]);
});

Deno.test("nobody waits for a loop that has left", () => {
  const end = new CommonEnd(AFTER_TEN);
  const [first, second] = [end.join(), end.join()];
  second.busy();
  second.left();
  assertEquals([first.isOver(0, 9), first.isOver(0, 10)], [false, true]);
});

Deno.test("a daemon without --idle-exit never ends by itself", () => {
  const loop = new CommonEnd({ once: false, idleExitMs: null }).join();
  assertEquals(loop.isOver(0, Number.MAX_SAFE_INTEGER), false);
});
