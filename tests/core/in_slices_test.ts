import { assertEquals } from "@std/assert";
import { inSlices } from "../../src/core/in_slices.ts";

for (const [count, want] of [[0, []], [3, [3]], [4, [3, 1]], [7, [3, 3, 1]]] as const) {
  Deno.test(`inSlices() does ${count} by three, with a rest between two slices`, async () => {
    const seen: string[] = [];
    const all = Array.from({ length: count }, (_, at) => at);
    const sleep = (ms: number) => (seen.push(`rest ${ms}`), Promise.resolve());
    const met: number[] = [];
    await inSlices(all, 3, { sleep }, (slice) => {
      seen.push(`${slice.length}`);
      met.push(...slice);
    });
    assertEquals(seen, want.flatMap((n, at) => at === 0 ? [`${n}`] : ["rest 0", `${n}`]));
    assertEquals(met, all);
  });
}
