import type { Runtime } from "./runtime.ts";

/**
 * Does `work` to `size` of them at a time, in order. In between others have their turn: a page of
 * rows that is written in one go holds up whoever asks meanwhile.
 */
export async function inSlices<T>(
  all: readonly T[],
  size: number,
  runtime: Pick<Runtime, "sleep">,
  work: (slice: readonly T[]) => void,
): Promise<void> {
  for (let at = 0; at < all.length; at += size) {
    if (at > 0) await runtime.sleep(0);
    work(all.slice(at, at + size));
  }
}
