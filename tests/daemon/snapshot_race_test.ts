import { assert, assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { sourceCommand, startProgram } from "../program.ts";
import { openTestStore, TempFolder } from "../store/temp_store.ts";
import { countersIn } from "./samples.ts";

const WRITER = fileURLToPath(import.meta.resolve("./snapshot_writer.ts"));
const WRITERS = ["a", "b"];
const JOBS_EACH = 250;

Deno.test("two processes snapshot one data directory: no reader sees half a file, nor an older one", async () => {
  using folder = new TempFolder();
  const store = await openTestStore(folder.file("plexsync.db"), "builtin");
  store.totals.takeOver(null, 1);
  const writers = await Promise.all(
    WRITERS.map((name) =>
      startProgram([folder.path, name, String(JOBS_EACH)], {}, sourceCommand(WRITER))
    ),
  );
  try {
    let running = true;
    const ended = Promise.all(writers.map(({ result }) => result)).finally(() => running = false);
    let reads = 0;
    let seen = 0;
    const values = new Set<number>();
    while (running) {
      let text: string;
      try {
        text = await Deno.readTextFile(folder.file("stats.json"));
      } catch (error) {
        // Once it is there it never is not: a rename leaves no gap.
        assert(error instanceof Deno.errors.NotFound && seen === 0, String(error));
        continue;
      }
      const { jobs_processed, jobs_succeeded } = JSON.parse(text);
      assert(jobs_processed >= seen, `${jobs_processed} after ${seen}`);
      assertEquals(jobs_succeeded, jobs_processed);
      seen = jobs_processed;
      values.add(seen);
      reads++;
    }
    for (const { code, stderr } of await ended) assertEquals([code, stderr], [0, ""]);
    assert(reads > 100 && values.size > 20, `${reads} reads saw ${values.size} states`);
    const all = store.totals.read();
    assertEquals(all.jobs_processed, WRITERS.length * JOBS_EACH);
    assertEquals(countersIn(folder.file("stats.json")), all);
    assertEquals(folder.names().filter((name) => name.startsWith("stats")), ["stats.json"]);
  } finally {
    store.close();
    await Promise.all(writers.map((writer) => writer[Symbol.asyncDispose]()));
  }
});
