import { assert, assertEquals } from "@std/assert";
import { type JobEvent, Jobs } from "./jobs.ts";

Deno.test("updates of a job come seldom, and the last event says how it ended", async () => {
  const over = Promise.withResolvers<void>();
  const jobs: Jobs = new Jobs(() => "now", () => {
    if (jobs.find("1")?.endTime) over.resolve();
  });
  const events: JobEvent["jobsSubscribe"][] = [];
  const listener = jobs.feed.listen();
  const heard = (async () => {
    for await (const { jobsSubscribe } of listener) events.push(jobsSubscribe);
  })();
  let late = (_: number) => {};
  jobs.add("Busy...", async ({ progress, subTask }) => {
    late = progress;
    for (let step = 1; step <= 1000; step++) progress(step / 1000);
    await subTask("part", () => Promise.resolve());
  });
  await over.promise;
  late(0.1); // what a stopped job left behind may still speak: nobody hears it
  await jobs.close();
  await heard;
  const told = events.map(({ type, job }) => `${type} ${job.status} ${job.progress}`);
  assertEquals(told.slice(0, 2), ["ADD READY null", "UPDATE RUNNING null"]);
  assertEquals(told.at(-1), "REMOVE FINISHED 1");
  // One for each 100 ms that this took; a thousand without the limit.
  assert(told.length < 20, `${told.length} events`);
});
