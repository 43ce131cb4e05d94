import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { NO_EDIT } from "../../src/core/sync/item.ts";
import type { Fitted } from "../../src/core/sync/ways.ts";
import { loopEnd, Rig } from "./rig.ts";
import { TARGET } from "../one_target.ts";

const HOUR_MS = 60 * 60_000;
/** By the owner's word a path is right whatever is known of the file. */
const SAME_PATHS = { pathMap: [{ stash: "/data", plex: "/data" }] };

Deno.test("a fresh library is written once, and a second pass writes nothing", async () => {
  await using rig = await Rig.open();
  rig.enqueue();
  assertEquals(await rig.once(), "nothing due");
  assertEquals(rig.outcomes(), { written: 20 });
  assertEquals(rig.plex.requests().filter(({ method }) => method === "PUT").length, 20);
  rig.plex.clearRequests();
  rig.enqueue();
  await rig.once();
  assertEquals(rig.writes(), []);
  assertEquals(rig.outcomes(), { unchanged: 20, written: 20 });
});

Deno.test("a restart in between forgets nothing that matters: still nothing to write", async () => {
  await using rig = await Rig.open();
  rig.enqueue();
  await rig.once();
  rig.start();
  rig.plex.clearRequests();
  rig.enqueue();
  await rig.once();
  assertEquals(rig.writes(), []);
});

Deno.test("a batch costs one read of the scenes and two of the items, its images a third", async () => {
  await using rig = await Rig.open();
  rig.enqueue();
  await rig.once();
  const reads = rig.plex.requests().filter(({ path }) =>
    /^\/library\/metadata\/[\d,]+$/.test(path)
  );
  assertEquals(reads.length, 3);
  const graphql = rig.stash.requests().filter(({ path }) => path.endsWith("/graphql"));
  assertEquals(graphql.length, 1);
});

Deno.test("a scene that is gone in Stash leaves the queue without a fuss", async () => {
  await using rig = await Rig.open();
  rig.enqueue(["3", "999"]);
  rig.stash.destroy(["3"]);
  await rig.once();
  assertEquals(rig.outcomes(), { gone: 2 });
  assertEquals(rig.store.jobs.count() + rig.store.deadLetters.count(), 0);
});

Deno.test("a scene without metadata is skipped, so that identification never wipes Plex", async () => {
  await using rig = await Rig.open();
  const [id] = rig.stash.upsert([{
    title: "Only a title",
    files: [{ path: "/data/scenes/bare.mp4", size: 5, duration: 5 }],
  }]);
  rig.enqueue([id!]);
  await rig.once();
  assertEquals(rig.outcomes(), { skipped: 1 });
});

Deno.test("sync_master off writes nothing", async () => {
  await using rig = await Rig.open({ settings: { syncMaster: false } });
  rig.enqueue();
  await rig.once();
  assertEquals([rig.outcomes(), rig.writes()], [{ skipped: 20 }, []]);
});

Deno.test("promise 4: a one-hour outage of Plex costs no attempt, no job, and two lines", async () => {
  await using rig = await Rig.open({ library: { scenes: 200 } });
  rig.enqueue();
  rig.plex.setFaults([{ path: ".", status: 503 }]);
  rig.runtime.after(HOUR_MS, () => rig.plex.setFaults([]));
  await rig.until(() => rig.store.jobs.count() === 0);
  assertEquals(rig.outcomes(), { written: 200 });
  assertEquals(rig.store.deadLetters.count(), 0);
  assertEquals(rig.store.totals.read().jobs_failed, 0);
  assertEquals(rig.errors().length, 1, rig.errors().join("\n"));
  assertStringIncludes(rig.errors()[0]!, "Plex is down");
  assertEquals(rig.lines.filter(({ fields }) => fields.event === "outage_end").length, 1);
});

Deno.test("an outage is recorded with start, end and cause", async () => {
  await using rig = await Rig.open();
  rig.enqueue();
  const start = rig.runtime.now();
  rig.plex.setFaults([{ path: ".", status: 503 }]);
  rig.runtime.after(HOUR_MS, () => rig.plex.setFaults([]));
  await rig.until(() => rig.store.jobs.count() === 0);
  const [outage, ...more] = rig.store.outages.recent(10);
  assertEquals([more.length, outage?.server, outage?.started_at], [0, "plex", start]);
  const lasted = outage!.ended_at! - start;
  assert(lasted >= HOUR_MS && lasted < HOUR_MS + 2 * 60_000, String(lasted));
  assertStringIncludes(outage!.cause, "503");
});

Deno.test("after an outage the queue drains at a rising rate, from 5 jobs per second", async () => {
  await using rig = await Rig.open({ library: { scenes: 300 } });
  rig.enqueue();
  rig.plex.setFaults([{ path: ".", status: 503 }]);
  rig.runtime.after(HOUR_MS, () => rig.plex.setFaults([]));
  await rig.until(() => rig.store.jobs.count() === 0);
  const ended = rig.store.outages.recent(1)[0]!.ended_at!;
  const at = rig.store.outcomes.recent(1_000).map((row) => row.at - ended);
  const within = (from: number, to: number) => at.filter((ms) => ms >= from && ms < to).length;
  const first = within(0, 10_000);
  const later = within(30_000, 40_000);
  assert(first <= 75 && first >= 40, `${first} in the first ten seconds`);
  assert(later > first, `${later} in ten seconds half a minute later`);
});

Deno.test("promise 4: an outage of Stash costs no attempt either, and has its own breaker", async () => {
  await using rig = await Rig.open();
  rig.enqueue();
  rig.stash.setFaults([{ path: ".", status: 502 }]);
  rig.runtime.after(HOUR_MS, () => rig.stash.setFaults([]));
  await rig.until(() => rig.store.jobs.count() === 0);
  assertEquals(rig.outcomes(), { written: 20 });
  assertEquals(rig.errors().length, 1, rig.errors().join("\n"));
  assertEquals(rig.store.outages.recent(9).map((outage) => outage.server), ["stash"]);
});

Deno.test("an outage survives a restart of the daemon: it is not said again", async () => {
  await using rig = await Rig.open();
  rig.enqueue();
  rig.plex.setFaults([{ path: ".", status: 503 }]);
  await rig.until(() => rig.gates.target.isDown);
  rig.start();
  rig.runtime.after(10 * 60_000, () => rig.plex.setFaults([]));
  await rig.until(() => rig.store.jobs.count() === 0);
  assertEquals(rig.errors().length, 1);
  assertEquals(rig.store.outages.recent(9).length, 1);
});

Deno.test("a single pass does not wait for a server that is down", async () => {
  await using rig = await Rig.open();
  rig.enqueue();
  rig.plex.setFaults([{ path: ".", status: 503 }]);
  assertEquals(await rig.once(), "server down");
  assertEquals(rig.store.queue.list(100).map((job) => job.retry_count), Array(20).fill(0));
});

Deno.test("writes that answer 'still starting up' are an outage, though reads work", async () => {
  await using rig = await Rig.open();
  rig.enqueue();
  rig.plex.switches.startingUp = 503;
  rig.runtime.after(HOUR_MS, () => {
    rig.plex.switches.startingUp = 0;
  });
  await rig.until(() => rig.store.jobs.count() === 0);
  assertEquals([rig.outcomes(), rig.store.deadLetters.count()], [{ written: 20 }, 0]);
});

Deno.test("a revoked token pauses all work with one error and a hint, until it is valid again", async () => {
  await using rig = await Rig.open();
  rig.enqueue();
  rig.plex.setToken("another");
  rig.runtime.after(HOUR_MS, () => rig.plex.setToken("sim-plex-token"));
  await rig.until(() => rig.store.jobs.count() === 0);
  assertEquals(rig.outcomes(), { written: 20 });
  assertEquals(rig.errors().length, 1, rig.errors().join("\n"));
  const line = rig.lines.find(({ level }) => level === "error")!;
  assertStringIncludes(String(line.fields.hint), "plex_token");
  const hits = rig.plex.requests().filter(({ status }) => status === 401).length;
  assert(hits <= 2 * 62, `${hits} requests with a bad token in an hour`);
});

Deno.test("a library that Plex does not have needs a person, and names those there are", async () => {
  await using rig = await Rig.open({ libraries: ["Wrong"] });
  rig.enqueue();
  assertEquals(await rig.once(), "needs attention");
  assertStringIncludes(rig.errors()[0]!, '"Wrong"');
  assertEquals(rig.store.jobs.count(), 20);
});

Deno.test("another server behind the URL stops all writes", async () => {
  await using rig = await Rig.open();
  rig.enqueue(["1"]);
  await rig.once();
  rig.plex.clearRequests();
  rig.plex.setServerIdentity("somebody-else");
  rig.start();
  rig.runtime.jump(HOUR_MS);
  rig.enqueue();
  assertEquals(await rig.once(), "needs attention");
  assertEquals(rig.writes(), []);
  assertStringIncludes(rig.errors()[0]!, "another one");
});

Deno.test("500 on one item: it is tried again, then a dead letter; the others are done", async () => {
  await using rig = await Rig.open({ settings: { maxRetries: 2 } });
  rig.enqueue();
  rig.plex.setFaults([{ path: "id=4&", method: "PUT", status: 500 }]);
  await rig.until(() => rig.store.jobs.count() === 0);
  const [letter, ...more] = rig.store.deadLetters.recent(9);
  assertEquals([more.length, letter?.error_type, letter?.retry_count], [
    0,
    "PlexTemporaryError",
    2,
  ]);
  assertEquals(rig.outcomes(), { dead: 1, retry: 2, written: 19 });
  assertEquals(rig.store.totals.read().errors_by_type, { PlexTemporaryError: 3 });
});

Deno.test("one item that spoils every read of many does not spoil the others", async () => {
  await using rig = await Rig.open({ settings: { maxRetries: 1 } });
  rig.enqueue();
  rig.plex.setFaults([{
    path: "^/library/metadata/([\\d]+,)*4(,\\d+)*\\?",
    method: "GET",
    status: 500,
  }]);
  await rig.until(() => rig.store.jobs.count() === 0);
  assertEquals(rig.outcomes(), { dead: 1, retry: 1, written: 19 });
});

Deno.test("a refused write (403) is a dead letter at once, with its hint", async () => {
  await using rig = await Rig.open();
  rig.enqueue(["1"]);
  rig.plex.setFaults([{ path: ".", method: "PUT", status: 403 }]);
  await rig.once();
  const [letter] = rig.store.deadLetters.recent(1);
  assertEquals(letter?.error_type, "PlexPermanentError");
  assertStringIncludes(letter!.hint, "owner");
});

Deno.test("a deaf 200 is found out by reading again, and told for what it is", async () => {
  await using rig = await Rig.open({ settings: { maxRetries: 1 } });
  rig.enqueue();
  const path = rig.stash.scenes()[0]!.files[0]!.path;
  const item = rig.plex.items().find(({ files }) => files.includes(path))!.ratingKey;
  rig.plex.setFaults([{ route: "edit", item, status: 200 }]);
  await rig.until(() => rig.store.jobs.count() === 0);
  const [letter] = rig.store.deadLetters.recent(1);
  assertEquals(letter?.error_type, "PlexPermanentError");
  assertStringIncludes(letter!.error_message, "answered 200");
});

Deno.test("an answer that was lost after the write took effect is no second write", async () => {
  await using rig = await Rig.open();
  rig.enqueue(["1"]);
  rig.plex.setFaults([{ path: ".", method: "PUT", close: "headers", applied: true, times: 1 }]);
  await rig.until(() => rig.store.jobs.count() === 0);
  assertEquals(rig.store.totals.read().jobs_failed, 0);
  assertEquals(rig.store.deadLetters.count(), 0);
});

Deno.test("not in Plex: the job waits, costs no attempt, and is found when the file comes", async () => {
  await using rig = await Rig.open({
    library: { scenes: 10, missingPercent: 20 },
    settings: SAME_PATHS,
  });
  rig.enqueue();
  await rig.once();
  const waiting = rig.store.queue.list(10);
  assertEquals(waiting.map((job) => [job.state, job.retry_count]), [["waiting", 0], [
    "waiting",
    0,
  ]]);
  assertEquals(rig.outcomes(), { waiting: 2, written: 8 });
  await rig.plex.addFiles(waiting.map((job) => ({ path: job.path! })));
  await rig.until(() => rig.store.jobs.count() === 0, 2 * 60_000);
  assertEquals(rig.outcomes(), { waiting: 2, written: 10 });
  assertEquals(rig.store.totals.read().jobs_failed, 0);
});

Deno.test("what never comes to Plex is a dead letter after about two and a half hours, not before", async () => {
  await using rig = await Rig.open({ library: { scenes: 10, missingPercent: 50 } });
  rig.enqueue();
  const start = rig.runtime.now();
  rig.plex.clearRequests();
  await rig.until(() => rig.store.jobs.count() === 0);
  const hours = (rig.runtime.now() - start) / HOUR_MS;
  assert(hours > 2 && hours < 3, `${hours} hours`);
  assertEquals(rig.store.deadLetters.byType(), { PlexNotFound: 5 });
  const asked = rig.plex.requests().filter(({ path }) => path.endsWith("/all")).length;
  assert(asked <= 40, `${asked} listings for five waiting jobs`);
});

Deno.test("a job that waits keeps its plan over restarts, though Plex has a file of that name", async () => {
  await using rig = await Rig.open({ library: { scenes: 1 } });
  const folder = rig.stash.scenes()[0]!.files[0]!.path.replace(/[^/]*$/, "");
  await rig.plex.addFiles([{ path: `${folder}other/late.mp4`, size: 77, durationMs: 9_000 }]);
  const file = { path: `${folder}late.mp4`, size: 7_000_001, duration: 61.5 };
  const [id] = rig.stash.upsert([{ title: "Late", details: "Of late.", files: [file] }]);
  rig.enqueue([id!]);
  await rig.once();
  const job = rig.store.jobs.get(id!, TARGET)!;
  assertEquals(job.state, "waiting");
  for (let restart = 0; restart < 3; restart++) {
    rig.runtime.jump(5_000);
    rig.start();
    await rig.once();
    assertEquals(rig.store.jobs.get(id!, TARGET), job);
  }
  // What comes while no process runs is seen by the next one all the same.
  await rig.plex.addFiles([{ path: file.path, size: file.size, durationMs: 61_500 }]);
  rig.start();
  rig.runtime.jump(30_000);
  await rig.once();
  assertEquals(rig.outcomes().written, 1);
});

Deno.test("a file that is another one in each answer of Plex does not keep its scene for ever", async () => {
  let item = "";
  // In the listing it has size and duration, by itself it has none.
  const faceless: typeof fetch = async (input, init) => {
    const answer = await fetch(input, init);
    const { pathname } = new URL(String(input));
    if (!/^\/library\/metadata\/[\d,]+$/.test(pathname) || !pathname.includes(item)) return answer;
    const text = await answer.text();
    return new Response(text.replace(/"(size|duration)":\d+/g, '"$1":1e999'), answer);
  };
  await using rig = await Rig.open({ library: { scenes: 2 }, fetch: faceless });
  item = rig.itemOf("1").ratingKey;
  rig.enqueue(["1"]);
  await rig.until(() => rig.store.jobs.count() === 0, 3 * HOUR_MS);
  assertEquals(rig.store.deadLetters.byType(), { PlexNotFound: 1 });
});

Deno.test("skip_not_found ends a job that Plex does not have, without waiting", async () => {
  await using rig = await Rig.open({
    library: { scenes: 10, missingPercent: 20 },
    settings: { skipNotFound: true },
  });
  rig.enqueue();
  await rig.once();
  assertEquals(rig.outcomes(), { skipped: 2, written: 8 });
});

Deno.test("an ambiguous match is a dead letter that names the candidates", async () => {
  await using rig = await Rig.open({ library: { scenes: 5, ambiguous: 1 } });
  rig.enqueue();
  await rig.once();
  const [letter] = rig.store.deadLetters.recent(1);
  assertEquals(letter?.error_type, "AmbiguousMatch");
  assertEquals(JSON.parse(letter!.job_data).candidates.length, 2);
});

Deno.test("without strict matching the best candidate is taken, with low confidence", async () => {
  await using rig = await Rig.open({
    library: { scenes: 5, ambiguous: 1 },
    settings: { strictMatching: false },
  });
  rig.enqueue();
  await rig.once();
  assertEquals(rig.outcomes(), { written: 5 });
  assertEquals(rig.store.totals.read().low_confidence_matches, 1);
});

for (const days of [1, -1]) {
  Deno.test(`a clock that jumps ${days} day neither strands nor doubles a job`, async () => {
    await using rig = await Rig.open({
      library: { scenes: 10, missingPercent: 20 },
      settings: SAME_PATHS,
    });
    rig.enqueue();
    rig.plex.setFaults([{ path: "id=2&", method: "PUT", status: 500, times: 1 }]);
    await rig.once();
    const waiting = rig.store.queue.list(10, { states: ["waiting"] });
    assertEquals([waiting.length, rig.store.queue.list(10, { states: ["ready"] }).length], [2, 1]);
    rig.runtime.jump(days * 24 * HOUR_MS);
    await rig.plex.addFiles(waiting.map((job) => ({ path: job.path! })));
    await rig.until(() => rig.store.jobs.count() === 0, 30 * 60_000);
    assertEquals(rig.outcomes(), { retry: 1, waiting: 2, written: 10 });
  });
}

for (const days of [800, -800]) {
  Deno.test(`a clock that is set by ${days} days while a scene is written adds no time to the totals`, async () => {
    await using rig = await Rig.open({ library: { scenes: 4 } });
    const { target } = rig.context;
    rig.context.target = {
      ...target,
      write: async (...args) => {
        const sent = await target.write(...args);
        rig.runtime.jump(days * 24 * HOUR_MS);
        return sent;
      },
    };
    rig.enqueue();
    await rig.once();
    assertEquals(rig.outcomes(), { written: 4 });
    const { total_processing_time: seconds } = rig.store.totals.read();
    assert(seconds! >= 0 && seconds! < 60, `${seconds} s`);
    assertEquals(rig.lines.filter(({ fields }) => fields.event === "slow_step"), []);
  });
}

Deno.test("promise 2: a change that comes while the scene is written is written too", async () => {
  await using rig = await Rig.open();
  rig.enqueue(["1"]);
  const { target } = rig.context;
  let changed = false;
  rig.context.target = {
    ...target,
    write: async (...args) => {
      const sent = await target.write(...args);
      if (changed) return sent;
      changed = true;
      rig.stash.upsert([{ id: "1", title: "Changed meanwhile" }]);
      rig.store.jobs.enqueue(["1"], "watch", rig.runtime.now());
      return sent;
    },
  };
  await rig.once();
  assertEquals(rig.outcomes(), { written: 2 });
  assert(rig.plex.items().some((item) => item.title === "Changed meanwhile"));
});

Deno.test("a stop gives back what was not begun and settles what was", async () => {
  await using rig = await Rig.open();
  rig.enqueue();
  const { target } = rig.context;
  const stop = new AbortController();
  let edits = 0;
  rig.context.target = {
    ...target,
    write: async (...args) => {
      if (++edits === 3) stop.abort();
      return await target.write(...args);
    },
  };
  // The grace is real time here: it must not run out before the requests have come back.
  rig.context.runtime = {
    ...rig.runtime,
    sleep: (ms, signal) => ms === 0 ? Promise.resolve() : untilAborted(signal),
  };
  await rig.worker.run(stop.signal, loopEnd(false));
  assertEquals(rig.store.jobs.counts().map((row) => [row.state, row.count]), [["ready", 17]]);
  assertEquals(rig.outcomes(), { written: 3 });
});

Deno.test("a request that hangs past the stop's grace is left, its job given back", async () => {
  await using rig = await Rig.open();
  rig.enqueue(["1"]);
  const { target } = rig.context;
  const stop = new AbortController();
  const hang = Promise.withResolvers<Fitted>();
  rig.context.target = {
    ...target,
    write: () => {
      stop.abort();
      return hang.promise;
    },
  };
  await rig.worker.run(stop.signal, loopEnd(false));
  assertEquals(rig.store.jobs.get("1", TARGET)?.state, "ready");
  hang.resolve({ edit: NO_EDIT, omitted: [] });
  await new Promise((resolve) => setTimeout(resolve, 50));
});

Deno.test("a full disk is said once; the batch is settled when there is room again", async () => {
  await using rig = await Rig.open();
  rig.enqueue();
  const { settlement } = rig.store;
  let failures = 3;
  // Of the store itself, whose other parts are getters of the same object.
  rig.context.store = Object.create(rig.store, {
    settlement: {
      value: {
        settle: (attempts: Parameters<typeof settlement.settle>[0], now: number) => {
          if (failures-- > 0) throw new Error("database or disk is full");
          return settlement.settle(attempts, now);
        },
      },
    },
  });
  await rig.until(() => rig.store.jobs.count() === 0);
  assertEquals(rig.outcomes(), { written: 20 });
  assertEquals(rig.errors().length, 1);
  assertStringIncludes(rig.errors()[0]!, "database cannot be written");
});

function untilAborted(signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) resolve();
    else signal?.addEventListener("abort", () => resolve(), { once: true });
  });
}

Deno.test("a new Plex that was accepted is written to from scratch", async () => {
  await using rig = await Rig.open();
  rig.enqueue();
  await rig.once();
  rig.plex.setServerIdentity("somebody-else");
  rig.store.of(TARGET).forget();
  rig.start();
  rig.enqueue();
  assertEquals(await rig.once(), "nothing due");
  assertEquals(rig.errors(), []);
  assertEquals(rig.store.jobs.count(), 0);
});
