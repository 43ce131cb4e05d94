import { assert, assertEquals } from "@std/assert";
import { type CorpusFigures, runCorpus } from "./corpus_run.ts";

/** `CORPUS=20000,1 deno task test tests/e2e/corpus_test.ts`: another number of scenes, and seed. */
const [scenes = 0, seed = 0] = (Deno.env.get("CORPUS") ?? "700,5").split(",").map(Number);

for (const isMapped of [true, false]) {
  const how = isMapped ? "its path map" : "no path map";
  Deno.test(`of a library that looks alike nothing is on a wrong item, and wrong ones heal: ${how}`, async () => {
    const say = (line: string) => console.error(`${how}: ${line}`);
    const { failures, ...figures }: CorpusFigures = await runCorpus({
      scenes,
      seed,
      isMapped,
      say,
    });
    say(JSON.stringify(figures));
    assertEquals(failures.slice(0, 20), []);
    assert(figures.misled > 0);
  });
}
