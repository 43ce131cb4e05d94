import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Scene } from "../../../src/core/sync/scene.ts";
import { loopEnd, Rig } from "../rig.ts";
import { TARGET } from "../../one_target.ts";

const MINUTE_MS = 60_000;

/** Single answers of Plex to an edit, and what becomes of the job. */
const ANSWERS: { status: number; outcomes: Record<string, number>; type: string }[] = [
  { status: 400, outcomes: { dead: 1 }, type: "PlexPermanentError" },
  { status: 403, outcomes: { dead: 1 }, type: "PlexPermanentError" },
];
for (const { status, outcomes, type } of ANSWERS) {
  Deno.test(`an edit that Plex answers with ${status} always ends as ${type}`, async () => {
    await using rig = await Rig.open({ settings: { maxRetries: 1 } });
    rig.enqueue(["1"]);
    rig.plex.setFaults([{ path: ".", method: "PUT", status }]);
    await rig.until(() => rig.store.jobs.count() === 0);
    assertEquals(rig.outcomes(), outcomes);
    assertEquals(rig.store.deadLetters.byType(), { [type]: 1 });
  });
}

for (const status of [409, 500, 502, 503, 504]) {
  Deno.test(`an edit that Plex answers with ${status} waits for Plex, no attempt spent`, async () => {
    await using rig = await Rig.open();
    rig.enqueue(["1"]);
    rig.plex.setFaults([{ path: ".", method: "PUT", status }]);
    rig.runtime.after(10 * MINUTE_MS, () => rig.plex.setFaults([]));
    await rig.until(() => rig.store.jobs.count() === 0);
    assertEquals(rig.outcomes(), { written: 1 });
  });
}

Deno.test("a name that DNS does not know is an outage, told with the address to check", async () => {
  await using rig = await Rig.open({
    fetch: () => Promise.reject(new TypeError("dns error: failed to lookup address information")),
  });
  rig.enqueue(["1"]);
  assertEquals(await rig.once(), "server down");
  assertEquals(rig.store.jobs.get("1", TARGET)?.retry_count, 0);
});

Deno.test("an answer that drips in slowly is waited for as long as it goes on", async () => {
  await using rig = await Rig.open({
    fetch: async (input, init) => {
      const answer = await fetch(input, init);
      if (answer.body === null) return answer;
      const bytes = new Uint8Array(await answer.arrayBuffer());
      let at = 0;
      const drip = new ReadableStream<Uint8Array>({
        async pull(controller) {
          await new Promise((resolve) => setTimeout(resolve, 1));
          if (at >= bytes.length) controller.close();
          else controller.enqueue(bytes.slice(at, at += Math.ceil(bytes.length / 5)));
        },
      });
      const { status, headers } = answer;
      return new Response(status === 204 || status === 304 ? null : drip, { status, headers });
    },
  });
  rig.enqueue(["1"]);
  await rig.once();
  assertEquals(rig.outcomes(), { written: 1 });
});

Deno.test("a Stash that is too slow is an outage of Stash, no attempt spent", async () => {
  await using rig = await Rig.open();
  rig.enqueue(["1"]);
  rig.stash.setFaults([{ path: ".", hang: true }]);
  rig.context.stash = {
    ...rig.context.stash,
    // The time-out itself is the client's; here it is what follows from it.
    scenes: (ids) => rig.impatientStash().scenes(ids),
  };
  assertEquals(await rig.once(), "server down");
  assertEquals([rig.store.jobs.get("1", TARGET)?.retry_count, rig.gates.stash.isDown], [0, true]);
});

Deno.test("an item that came back under a new ratingKey is found by its file", async () => {
  await using rig = await Rig.open({ library: { scenes: 3 } });
  rig.enqueue();
  await rig.once();
  const { path, size, duration } = rig.stash.scenes()[0]!.files[0]!;
  const old = rig.plex.items().find((item) => item.files.includes(path))!.ratingKey;
  await rig.plex.removeFile(path);
  const trash = `${rig.plex.url}/library/sections/1/emptyTrash?X-Plex-Token=${rig.plex.token}`;
  await (await fetch(trash, { method: "PUT" })).body?.cancel();
  await rig.plex.addFiles([{ path, size, durationMs: Math.round(duration * 1000) }]);
  rig.enqueue(["1"]);
  await rig.until(() => rig.store.jobs.count() === 0, 60 * MINUTE_MS);
  const item = rig.plex.items().find((item) => item.files.includes(path))!;
  assert(item.ratingKey !== old, "the simulated Plex gave a new key");
  assertEquals(item.title, rig.stash.scenes()[0]!.title);
  assertEquals(rig.store.of(TARGET).written.ofScene("1")[0]?.item, item.ratingKey);
  assertEquals(rig.store.deadLetters.count(), 0);
});

Deno.test("an item in the trash is no loss: its scene is synced or waits for the file", async () => {
  await using rig = await Rig.open({ library: { scenes: 3 } });
  const path = rig.stash.scenes()[0]!.files[0]!.path;
  await rig.plex.removeFile(path);
  rig.enqueue();
  await rig.once();
  const { written = 0, waiting = 0 } = rig.outcomes();
  assertEquals([written + waiting, rig.store.deadLetters.count()], [3, 0]);
});

Deno.test("a scene that the watcher heard of and Stash does not know is told once, known ones never", async () => {
  await using rig = await Rig.open({ library: { scenes: 3 } });
  rig.enqueue();
  await rig.once();
  rig.stash.destroy(["2"]);
  rig.store.jobs.enqueue(["2"], "watch", rig.runtime.now());
  rig.store.jobs.enqueue(["998"], "hook", rig.runtime.now());
  await rig.once();
  const told = () =>
    rig.lines.filter(({ fields }) => fields.event === "watch_unknown").map(({ message }) =>
      message
    );
  assertEquals(told(), []);
  for (const id of ["1000000001", "1000000003", "1000000001"]) {
    rig.store.jobs.enqueue([id], "watch", rig.runtime.now());
    await rig.once();
  }
  assertEquals(told().length, 1);
  assertStringIncludes(told()[0]!, "scene 1000000001");
  assertEquals([rig.store.jobs.count(), rig.store.deadLetters.count()], [0, 0]);
});

Deno.test("a scene that is deleted while its item is written leaves no work behind", async () => {
  await using rig = await Rig.open();
  rig.enqueue(["1"]);
  const { target } = rig.context;
  rig.context.target = {
    ...target,
    write: async (...args) => {
      const sent = await target.write(...args);
      rig.stash.destroy(["1"]);
      rig.store.jobs.enqueue(["1"], "hook", rig.runtime.now());
      return sent;
    },
  };
  await rig.until(() => rig.store.jobs.count() === 0);
  assertEquals(rig.store.deadLetters.count(), 0);
  assertEquals(rig.store.of(TARGET).written.hashes(0, 1).size, 0);
});

Deno.test("a stop before any request gives its jobs back, and the next start does the rest", async () => {
  await using rig = await Rig.open({ library: { scenes: 4 } });
  const stashes = rig.context.stash;
  const { target } = rig.context;
  for (let nth = 1;; nth++) {
    const stop = new AbortController();
    let calls = 0;
    const counted = <T extends object>(port: T): T =>
      new Proxy(port, {
        get(target, name) {
          const value = Reflect.get(target, name);
          if (typeof value !== "function") return value;
          return (...args: unknown[]) => {
            if (++calls === nth) stop.abort();
            return value.apply(target, args);
          };
        },
      });
    rig.stash.upsert(["1", "2", "3", "4"].map((id) => ({ id, title: `Round ${nth} of ${id}` })));
    rig.context.stash = counted(stashes);
    rig.context.target = counted(target);
    rig.enqueue();
    // In real time: the grace must not run out before the requests have come back.
    rig.context.runtime = {
      ...rig.runtime,
      sleep: (ms, signal) => ms === 0 ? Promise.resolve() : untilAborted(signal),
    };
    const ended = rig.worker.run(stop.signal, loopEnd(true));
    assertStringIncludes("stopped, nothing due", await ended);
    assertEquals(rig.store.queue.list(9, { states: ["running"] }), [], `stop at request ${nth}`);
    rig.context.stash = stashes;
    rig.context.target = target;
    rig.context.runtime = rig.runtime;
    await rig.once();
    const titles = rig.plex.items().map((item) => item.title).sort();
    assertEquals(titles, ["1", "2", "3", "4"].map((id) => `Round ${nth} of ${id}`));
    assertEquals([rig.store.jobs.count(), rig.store.totals.read().jobs_failed], [0, 0]);
    if (calls < nth) break;
  }
});

Deno.test("a scene that Stash always answers with an error fails alone, with its own attempts", async () => {
  await using rig = await Rig.open({ settings: { maxRetries: 1 } });
  rig.enqueue();
  const { stash } = rig.context;
  rig.context.stash = {
    ...stash,
    scenes: async (ids: string[]): Promise<Map<string, Scene>> => {
      if (!ids.includes("4")) return await stash.scenes(ids);
      rig.stash.setFaults([{
        path: "graphql",
        body: JSON.stringify({ errors: [{ message: "resolver failed" }], data: null }),
        content_type: "application/json",
        times: 1,
      }]);
      return await stash.scenes(ids);
    },
  };
  await rig.until(() => rig.store.jobs.count() === 0);
  assertEquals(rig.outcomes(), { dead: 1, retry: 1, written: 19 });
  assertEquals(rig.store.deadLetters.recent(1)[0]?.scene_id, "4");
});

function untilAborted(signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) resolve();
    else signal?.addEventListener("abort", () => resolve(), { once: true });
  });
}
