/** A run of a benchmark that is small enough for a test. */
import type { BenchCase, Outcome } from "../../scripts/bench/case.ts";

export const NEVER = new AbortController().signal;

export async function tiny({ run }: BenchCase): Promise<Outcome> {
  const folder = await Deno.makeTempDir({ prefix: "plexsync-bench-" });
  try {
    return await run("tiny", { seed: 1, folder, stop: NEVER, say: () => {} });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
