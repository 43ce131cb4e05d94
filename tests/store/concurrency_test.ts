import { assertEquals } from "@std/assert";
import { storeChild } from "./children.ts";
import { connect, eachDriver } from "./database/drivers.ts";
import { assertInvariants } from "./invariants.ts";
import { attempt, done, LEASE_MS, T0 } from "./samples.ts";
import { openTestStore, TempFolder } from "./temp_store.ts";
import { TARGET } from "../one_target.ts";

const CHILDREN = 8;
const SCENES = 200;
/** Scenes of one call, as a hook or a page of a walk brings them. */
const STEP = 5;
/** Distance of the children's first scenes: each shares most of its scenes with others. */
const SHIFT = 50;

interface Counts {
  added: number;
  merged: number;
}

/** Reads a child's lines: "ready", then what it did. */
async function* linesOf(child: Deno.ChildProcess): AsyncGenerator<string> {
  let rest = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
}

eachDriver("8 processes open a new file and fill it while it is worked on", async (driver) => {
  using folder = new TempFolder();
  const path = folder.file("plexsync.db");
  const children = Array.from({ length: CHILDREN }, (_, i) => {
    const args = [path, driver, i * SHIFT, SCENES, STEP].map(String);
    return storeChild("enqueue_child.ts", args).spawn();
  });
  const errors = Promise.all(children.map((child) => new Response(child.stderr).text()));
  const lines = children.map(linesOf);
  const ready = await Promise.all(lines.map(async (each) => (await each.next()).value));
  const store = await openTestStore(path, driver);
  await Promise.all(children.map((child) => child.stdin.close()));

  let filling = true;
  const ended = Promise.all(lines.map(async (each) => {
    const { value } = await each.next();
    for await (const _ of each);
    return JSON.parse(value ?? "null") as Counts | null;
  })).finally(() => filling = false);

  let reruns = 0;
  let now = T0;
  const worked: string[] = [];
  while (filling || store.jobs.hasWork(now)) {
    const jobs = store.jobs.claim("parent", now, 50, LEASE_MS, TARGET);
    assertEquals(new Set(jobs.map((job) => job.scene_id)).size, jobs.length);
    // The children have their say while a batch is in work.
    await new Promise((resolve) => setTimeout(resolve, 0));
    const ends = jobs.map((job) => attempt(job, done("written")));
    assertEquals(store.settlement.settle(ends, ++now).late, []);
    const left = jobs.filter((job) => store.jobs.get(job.scene_id, TARGET)?.id === job.id);
    reruns += left.length;
    worked.push(...jobs.map((job) => job.scene_id));
  }

  const counts = await ended;
  const statuses = await Promise.all(children.map((child) => child.status));
  assertEquals(await errors, Array(CHILDREN).fill(""));
  assertEquals(statuses.map((status) => status.code), Array(CHILDREN).fill(0));
  assertEquals(ready, Array(CHILDREN).fill("ready"));
  store.close();

  const accepted = Array.from({ length: (CHILDREN - 1) * SHIFT + SCENES }, (_, i) => `${i}`);
  const added = counts.reduce((sum, each) => sum + each!.added, 0);
  const merged = counts.reduce((sum, each) => sum + each!.merged, 0);
  const database = await connect(path, driver);
  assertInvariants(database, { accepted });
  assertEquals(added + merged, CHILDREN * SCENES);
  // Each job that was added was run to its end once, and once more for each change meanwhile.
  const runs = database.prepare(
    "SELECT count(*) AS n, count(DISTINCT job_id) AS jobs FROM outcomes",
  ).get<{ n: number; jobs: number }>()!;
  assertEquals(runs.jobs, added);
  assertEquals(runs.n, added + reruns);
  assertEquals(new Set(worked).size, accepted.length);
  database.close();
});
