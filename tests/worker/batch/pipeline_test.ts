/** Two batches under way: what one may do while the other is written, and what it may not. */
import { assert, assertEquals } from "@std/assert";
import { setTimeout as later } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { aborted } from "../../../src/core/aborted.ts";
import { PlexsyncError } from "../../../src/core/failures/errors.ts";
import { PAUSED_AT, writtenInBatchOf } from "../../../src/core/meta_keys.ts";
import type { Item } from "../../../src/core/sync/item.ts";
import { BatchProgress } from "../../../src/worker/batch/batch_progress.ts";
import { Healing } from "../../../src/worker/index/healing.ts";
import { file, itemOf, libraryOf, sceneOf } from "../match/matching_cases.ts";
import { TARGET } from "../../one_target.ts";
import { loopEnd, Rig, type RigOptions } from "../rig.ts";
import { ask, NO_IMAGES, request } from "../undo/undo_rig.ts";

const BATCH = 4;
const MINUTE_MS = 60_000;

/**
 * Two batches, written one item after the other, without images. The index is known, and was looked
 * through.
 */
async function open(options: RigOptions = {}): Promise<Rig> {
  const rig = await Rig.open({
    library: { scenes: 2 * BATCH },
    ...options,
    settings: {
      ...NO_IMAGES.settings,
      batchSize: BATCH,
      maxParallelWrites: 1,
      ...options.settings,
    },
  });
  await rig.context.keeper.refresh(0);
  await rig.once();
  return rig;
}

/** Waits for what is to happen, five seconds at most; whether it did is for the caller to see. */
async function until(isSo: () => boolean, maxMs = 5_000): Promise<void> {
  for (let ms = 0; ms < maxMs && !isSo(); ms += 5) await later(5);
}

/** Calls `act` before the nth write, counted from 1, and tells what is under way. */
function beforeWrite(
  { context }: Rig,
  act: (nth: number, item: Item) => void | Promise<void>,
): void {
  const { target } = context;
  let nth = 0;
  context.target = {
    ...target,
    write: async (item, edit) => {
      await act(++nth, item);
      return await target.write(item, edit);
    },
  };
}

/** Ids of scenes that were gathered, batch by batch: Stash and Plex were asked. */
function watchGathering({ context }: Rig): string[][] {
  const asked: string[][] = [];
  const gathered: string[][] = [];
  const { stash, target } = context;
  context.stash = Object.assign(Object.create(stash), {
    scenes: (ids: string[]) => {
      asked.push([...ids]);
      return stash.scenes(ids);
    },
  });
  context.target = {
    ...target,
    read: async (ids) => {
      const items = await target.read(ids);
      gathered.push(...asked.splice(0));
      return items;
    },
  };
  return gathered;
}

function inHand({ store }: Rig): string[] {
  return store.queue.list(100, { states: ["running"] }).map(({ scene_id }) => scene_id).sort();
}

/** How many writes are noted in the journal. */
function writesOf({ store }: Rig): number {
  return store.database.prepare("SELECT count(*) AS n FROM writes").get<{ n: number }>()!.n;
}

/** The scenes in the order in which they were written to. */
function watchWrites(rig: Rig): string[] {
  const titles = new Map(rig.stash.scenes().map(({ id, title }) => [title, id]));
  const order: string[] = [];
  const { target } = rig.context;
  rig.context.target = {
    ...target,
    write: (item, edit) => {
      order.push(titles.get(edit.text.title ?? "") ?? "?");
      return target.write(item, edit);
    },
  };
  return order;
}

/** Works on all, and sees the second batch gathered before the first one's last write is sent. */
async function assertGatheredBeside(rig: Rig): Promise<void> {
  const asked = watchGathering(rig);
  const seen: number[] = [];
  beforeWrite(rig, async (nth) => {
    if (nth !== BATCH) return;
    await until(() => asked.length === 2);
    seen.push(asked.length);
  });
  rig.enqueue();
  await rig.once();
  assertEquals(seen, [2]);
}

Deno.test("the next batch is gathered while this one is written", async () => {
  await using rig = await open();
  await assertGatheredBeside(rig);
  assertEquals(rig.outcomes(), { written: 2 * BATCH });
});

Deno.test("the next batch is written while this one is confirmed and settled", async () => {
  await using rig = await open();
  let writes = 0;
  beforeWrite(rig, (nth) => void (writes = nth));
  const { target } = rig.context;
  let isConfirming = false;
  const seen: number[] = [];
  rig.context.target = {
    ...target,
    read: async (ids) => {
      if (writes >= BATCH && !isConfirming && rig.outcomes().written === undefined) {
        isConfirming = true;
        await until(() => writes > BATCH);
        seen.push(writes);
      }
      return await target.read(ids);
    },
  };
  rig.enqueue();
  await rig.once();
  assert(seen[0]! > BATCH, `${seen}`);
  assertEquals(rig.outcomes(), { written: 2 * BATCH });
});

Deno.test("no more than two batches are in hand, and they end in their order", async () => {
  await using rig = await open({ library: { scenes: 6 * BATCH } });
  const hands: number[] = [];
  beforeWrite(rig, () => void hands.push(inHand(rig).length));
  rig.enqueue();
  await rig.once();
  assert(Math.max(...hands) <= 2 * BATCH, `${hands}`);
  const ended = rig.store.outcomes.recent(100).reverse().map(({ scene_id }) => Number(scene_id));
  assertEquals(ended.length, 6 * BATCH);
  const batches = ended.map((id) => Math.ceil(id / BATCH));
  assertEquals(batches, [...batches].sort((a, b) => a - b));
});

Deno.test("a batch that is through sooner than the one before ends after it", async () => {
  await using rig = await open();
  let writes = 0;
  beforeWrite(rig, (nth) => void (writes = nth));
  const { target } = rig.context;
  let isHeld = false;
  rig.context.target = {
    ...target,
    read: async (ids) => {
      if (!isHeld && writes >= BATCH) {
        isHeld = true;
        await until(() => writes === 2 * BATCH);
        // Time for the other one to be read and settled, if it were.
        await later(100);
      }
      return await target.read(ids);
    },
  };
  rig.enqueue();
  await rig.once();
  assert(isHeld);
  const ended = rig.store.outcomes.recent(100).reverse().map(({ scene_id }) => scene_id);
  assertEquals(ended, ["1", "2", "3", "4", "5", "6", "7", "8"]);
});

Deno.test("a batch that waits for the one before spends no time of its jobs on that", async () => {
  await using rig = await open();
  const asked = watchGathering(rig);
  beforeWrite(rig, async (nth) => {
    await until(() => asked.length === 2);
    if (nth === BATCH) rig.runtime.jump(MINUTE_MS);
  });
  rig.enqueue();
  await rig.once();
  const slow = rig.store.outcomes.recent(100).filter(({ duration_ms }) => duration_ms > 10_000);
  assertEquals(slow.map(({ scene_id }) => scene_id), ["4"]);
});

Deno.test("a batch stops writing when work has to rest for what is known meanwhile", async () => {
  await using rig = await open();
  const settled: unknown[] = [];
  beforeWrite(rig, (nth) => {
    if (nth === BATCH + 1) rig.gates.target.attend("The token is refused", rig.runtime.now());
    // What the batch met shows that it is not so, and the work goes on.
    if (nth === BATCH + 2) settled.push(rig.outcomes());
  });
  rig.enqueue();
  await rig.once();
  assertEquals(settled, [{ written: BATCH + 1 }]);
  assertEquals(rig.outcomes(), { written: 2 * BATCH });
});

Deno.test("a scene that shares an item with one that is written waits until that is settled", async () => {
  await using rig = await open({
    document: libraryOf([
      sceneOf(1, file("/data/S/a.mp4", 1111, 60)),
      sceneOf(2, file("/data/S/b.mp4", 2222, 90)),
    ], [
      itemOf("7", "1", file("/media/S/a.mp4", 1111, 60), file("/media/S/b.mp4", 2222, 90)),
    ]),
    settings: { batchSize: 1, pathMap: [{ stash: "/data", plex: "/media" }] },
  });
  const asked = watchGathering(rig);
  beforeWrite(rig, () => until(() => asked.flat().includes("2")));
  rig.enqueue();
  await rig.once();
  const letters = rig.store.deadLetters.recent(9).map(({ scene_id, error_type }) => [
    scene_id,
    error_type,
  ]);
  assertEquals(letters.sort(), [["1", "SharedItem"], ["2", "SharedItem"]]);
});

Deno.test("two scenes do not leave a collection at once: the last stays in what somebody edited", async () => {
  await using rig = await open({ library: { scenes: 2 }, settings: { batchSize: 1 } });
  rig.stash.upsert(["1", "2"].map((id) => ({ id, studio: "Works" })));
  rig.enqueue();
  await rig.once();
  const list = "/library/sections/1/collections";
  const [works] = (await ask(rig, "GET", list)).Metadata;
  await ask(rig, "PUT", `/library/metadata/${works.ratingKey}?summary.value=Best`);
  rig.stash.upsert(["1", "2"].map((id) => ({ id, studio: "Other" })));
  const asked = watchGathering(rig);
  let looks = 0;
  const { target } = rig.context;
  rig.context.target = {
    ...target,
    cherished: (...args) => {
      looks++;
      return target.cherished(...args);
    },
  };
  // Were the second not put off, it would have counted both members before the first leaves.
  beforeWrite(rig, async (nth) => {
    if (nth > 1) return;
    await until(() => asked.flat().includes("2"));
    await until(() => looks > 1, 100);
  });
  rig.enqueue();
  await rig.once();
  const kept = (await ask(rig, "GET", list)).Metadata
    .find((each: { ratingKey: string }) => each.ratingKey === works.ratingKey);
  assertEquals([kept?.childCount, kept?.summary], [1, "Best"]);
  assertEquals(rig.store.jobs.count(), 0);
});

Deno.test("an outage that shows in one batch costs the gathered one neither a write nor an attempt", async () => {
  const size = 6;
  await using rig = await open({ library: { scenes: 2 * size }, settings: { batchSize: size } });
  const asked = watchGathering(rig);
  rig.enqueue();
  let tried = 0;
  const { target } = rig.context;
  rig.context.target = {
    ...target,
    write: async (item, edit) => {
      tried++;
      await until(() => asked.length === 2);
      rig.plex.setFaults([{ path: "/", status: 503, times: 10_000 }]);
      return await target.write(item, edit);
    },
  };
  await rig.once();
  assertEquals(tried, 5, "as many as show that it is no single item's fault");
  assertEquals(rig.outcomes(), {});
  const jobs = rig.store.queue.list(100, {});
  assertEquals(jobs.map(({ state, retry_count }) => [state, retry_count]), [
    ...Array.from({ length: 2 * size }, () => ["ready", 0]),
  ]);
});

Deno.test("the first batch of a process has the second beside it, the index being unknown", async () => {
  await using rig = await Rig.open({
    library: { scenes: 2 * BATCH },
    settings: { ...NO_IMAGES.settings, batchSize: BATCH, maxParallelWrites: 1 },
  });
  await assertGatheredBeside(rig);
});

Deno.test("a single batch has the index read when it needs it, and not before", async () => {
  await using rig = await Rig.open({ library: { scenes: BATCH }, settings: { batchSize: BATCH } });
  rig.stash.upsert(rig.stash.scenes().map(({ id }) => ({ id, organized: false })));
  rig.context.settings = { ...rig.context.settings, onlyOrganized: true };
  rig.enqueue();
  await rig.once();
  assertEquals(rig.outcomes(), { skipped: BATCH });
  assertEquals(rig.plex.requests().filter(({ path }) => path.includes("/all")), []);
});

Deno.test("whose fault a failure was is known before the next batch is written", async () => {
  await using rig = await open();
  const asked = watchGathering(rig);
  const hands: string[][] = [];
  beforeWrite(rig, async (nth) => {
    if (nth === 1) rig.plex.setFaults([{ path: "id=2&", method: "PUT", status: 500, times: 1 }]);
    if (nth === BATCH) await until(() => asked.length === 2);
    hands.push(inHand(rig));
  });
  rig.enqueue();
  await rig.once();
  // Of the first batch none is in hand any more.
  assertEquals(hands[BATCH], ["5", "6", "7", "8"]);
  assertEquals(rig.outcomes(), { retry: 1, written: 2 * BATCH - 1 });
});

/** What goes before a batch that was gathered, and comes while the one before it is written. */
const COMES: readonly { what: string; come: (rig: Rig) => void; then: readonly string[] }[] = [
  {
    what: "a pause",
    come: ({ store, runtime }) => store.meta.set(PAUSED_AT, runtime.now()),
    then: ["1", "2", "3", "4"],
  },
  {
    what: "the beginning of quiet hours",
    come: ({ context, runtime }) => {
      const minute = new Date(runtime.now()).getHours() * 60 + new Date(runtime.now()).getMinutes();
      const quietHours = { from: (minute + 1380) % 1440, to: (minute + 60) % 1440 };
      context.settings = { ...context.settings, quietHours };
    },
    then: ["1", "2", "3", "4"],
  },
  {
    what: "a change of a single scene",
    come: ({ store, runtime }) => void store.jobs.enqueue(["10"], "hook", runtime.now()),
    then: ["1", "2", "3", "4", "10", "5", "6", "7", "8", "9", "11", "12"],
  },
];

for (const { what, come, then } of COMES) {
  Deno.test(`a batch that was gathered goes back for ${what}`, async () => {
    await using rig = await open({ library: { scenes: 3 * BATCH } });
    const asked = watchGathering(rig);
    const order = watchWrites(rig);
    beforeWrite(rig, async (nth) => {
      if (nth !== BATCH) return;
      await until(() => asked.length === 2);
      come(rig);
    });
    rig.enqueue();
    await rig.once();
    assertEquals(order, then);
    assertEquals(rig.outcomes(), { written: then.length });
    assertEquals(inHand(rig), []);
    for (const { retry_count } of rig.store.queue.list(100, {})) assertEquals(retry_count, 0);
  });
}

Deno.test("what a person wants taken back goes before a batch that was gathered", async () => {
  await using rig = await open();
  rig.enqueue(["1"]);
  await rig.once();
  const asked = watchGathering(rig);
  const order = watchWrites(rig);
  beforeWrite(rig, async (nth) => {
    if (nth !== BATCH - 2) return;
    await until(() => asked.length === 2);
    await request(rig);
  });
  // The first scene needs no write.
  rig.enqueue();
  await rig.once();
  // What was there before has no scene's title.
  assertEquals(order.indexOf("?"), BATCH - 1, `${order}`);
  assertEquals(order.filter((id) => id !== "?"), ["2", "3", "4", "5", "6", "7", "8"]);
});

Deno.test("what a person wants taken back amid the last write comes behind the batch that is noted", async () => {
  await using rig = await open();
  const before = rig.plex.items().map(({ title }) => title);
  const order = watchWrites(rig);
  const noted: number[] = [];
  beforeWrite(rig, async (nth) => {
    if (nth !== BATCH) return;
    await until(() => writesOf(rig) === 2 * BATCH);
    noted.push(writesOf(rig));
    await request(rig);
  });
  rig.enqueue();
  await rig.once();
  assertEquals(noted, [2 * BATCH]);
  assertEquals(order.slice(0, 2 * BATCH), ["1", "2", "3", "4", "5", "6", "7", "8"]);
  assertEquals(rig.plex.items().map(({ title }) => title), before);
});

Deno.test("a batch that is noted is written when it is known why the last write of the one before failed", async () => {
  await using rig = await open();
  const hands: string[][] = [];
  beforeWrite(rig, async (nth) => {
    if (nth > BATCH) hands.push(inHand(rig));
    if (nth !== BATCH) return;
    await until(() => writesOf(rig) === 2 * BATCH);
    throw new PlexsyncError("PlexServerDown", "Plex does not answer");
  });
  rig.enqueue();
  await rig.once();
  assertEquals(hands[0], ["5", "6", "7", "8"]);
  assertEquals(inHand(rig), []);
});

Deno.test("a stop gives back what is gathered, and settles what is written", async () => {
  await using rig = await open();
  const asked = watchGathering(rig);
  const stop = new AbortController();
  beforeWrite(rig, async (nth) => {
    if (nth !== BATCH) return;
    await until(() => asked.length === 2);
    stop.abort();
  });
  // The grace is real time here: it must not run out before the requests have come back.
  rig.context.runtime = {
    ...rig.runtime,
    sleep: (ms, signal) => ms === 0 ? Promise.resolve() : aborted(signal!),
  };
  rig.enqueue();
  await rig.worker.run(stop.signal, loopEnd(false));
  assertEquals(rig.outcomes(), { written: BATCH });
  assertEquals(inHand(rig), []);
  assertEquals(rig.store.jobs.counts().map(({ state, count }) => [state, count]), [[
    "ready",
    BATCH,
  ]]);
});

Deno.test("a write that hangs past the stop's grace keeps no gathered batch either", async () => {
  await using rig = await open();
  const asked = watchGathering(rig);
  const stop = new AbortController();
  const hang = Promise.withResolvers<void>();
  beforeWrite(rig, async (nth) => {
    if (nth !== BATCH) return;
    await until(() => asked.length === 2);
    stop.abort();
    await hang.promise;
  });
  rig.enqueue();
  await rig.worker.run(stop.signal, loopEnd(false));
  assertEquals(rig.store.jobs.counts().map(({ state }) => state), ["ready"]);
  const writes = rig.writes().length;
  hang.resolve();
  await later(50);
  assertEquals(rig.writes().length, writes + 1, "the one that hung, and none after it");
});

Deno.test("a scene over which a process died is taken when nothing else is in hand", async () => {
  await using rig = await open();
  rig.enqueue();
  rig.store.database.prepare("UPDATE jobs SET deaths = 1 WHERE scene_id = '6'").run();
  const hands: [string, string[]][] = [];
  const order = watchWrites(rig);
  const { target } = rig.context;
  rig.context.target = {
    ...target,
    write: async (item, edit) => {
      // Time for the next batch to be taken, if it is.
      await later(50);
      const sent = await target.write(item, edit);
      hands.push([order.at(-1)!, inHand(rig)]);
      return sent;
    },
  };
  await rig.once();
  assertEquals(hands.find(([id]) => id === "6")?.[1], ["6"]);
  assertEquals(hands.filter(([id, held]) => id !== "6" && held.includes("6")), []);
  assertEquals(order, ["1", "2", "3", "4", "5", "6", "7", "8"]);
  assertEquals(rig.outcomes(), { written: 2 * BATCH });
});

for (const days of [1, -1, 800]) {
  Deno.test(`a clock that is set by ${days} days gives no job to two batches`, async () => {
    await using rig = await open();
    const asked = watchGathering(rig);
    beforeWrite(rig, async (nth) => {
      if (nth === 1) rig.runtime.jump(days * 24 * 60 * MINUTE_MS);
      await until(() => asked.length > 1 || nth > 1);
    });
    rig.enqueue();
    await rig.once();
    assertEquals(rig.writes().length, 2 * BATCH);
    assertEquals(rig.outcomes(), { written: 2 * BATCH });
    assertEquals(asked.map((ids) => ids.length), [BATCH, BATCH]);
  });
}

Deno.test("both batches keep their leases, however long one is written", async () => {
  await using rig = await open();
  const asked = watchGathering(rig);
  const short: string[] = [];
  beforeWrite(rig, async (nth) => {
    await until(() => asked.length === 2);
    rig.runtime.jump(2 * MINUTE_MS);
    if (nth === 1) return;
    for (const { scene_id } of rig.store.queue.list(100, { states: ["running"] })) {
      const { lease_until } = rig.store.jobs.get(scene_id, TARGET)!;
      if (lease_until! <= rig.runtime.now()) short.push(`${scene_id} at write ${nth}`);
    }
  });
  rig.enqueue();
  await rig.once();
  assertEquals(short, []);
  assertEquals(rig.outcomes(), { written: 2 * BATCH });
});

Deno.test("promise 2: a scene that changes between being gathered and written is written as it is then", async () => {
  await using rig = await open();
  const asked = watchGathering(rig);
  beforeWrite(rig, async (nth) => {
    if (nth !== BATCH) return;
    await until(() => asked.length === 2);
    rig.stash.upsert([{ id: "6", title: "Changed meanwhile" }]);
    rig.store.jobs.enqueue(["6"], "watch", rig.runtime.now());
  });
  rig.enqueue();
  await rig.once();
  assert(rig.plex.items().some(({ title }) => title === "Changed meanwhile"));
  assertEquals(rig.store.jobs.count(), 0);
});

Deno.test("what did not take is written again when the other batch does not write", async () => {
  await using rig = await open();
  const { target } = rig.context;
  let writing = 0;
  let most = 0;
  let isSpoilt = false;
  async function counted<T>(work: () => Promise<T>): Promise<T> {
    most = Math.max(most, ++writing);
    await later(20);
    try {
      return await work();
    } finally {
      writing--;
    }
  }
  let repairs = 0;
  rig.context.target = {
    ...target,
    write: (item, edit) => counted(() => target.write(item, edit)),
    repair: (...args) => {
      repairs++;
      return counted(() => target.repair(...args));
    },
    read: async (ids) => {
      const items = await target.read(ids);
      const [item] = items.values();
      if (isSpoilt || rig.writes().length < BATCH || item === undefined) return items;
      isSpoilt = true;
      return new Map([...items, [item.id, {
        ...item,
        values: { ...item.values, title: ["Somebody else's"] },
      }]]);
    },
  };
  rig.enqueue();
  await rig.once();
  assertEquals([repairs, most], [1, 1]);
  assertEquals(rig.outcomes(), { written: 2 * BATCH });
});

Deno.test("a batch says how far it is beside the one before, and what is settled counts once", async () => {
  await using rig = await open();
  const { context, runtime, store } = rig;
  const told = () => store.meta.get(writtenInBatchOf(TARGET));
  const progress = new BatchProgress(context);
  const [one, other] = [{}, {}];
  for (const batch of [one, one, other]) {
    runtime.jump(1_000);
    progress.advanced(batch);
  }
  assertEquals(told(), 3);
  progress.end(one);
  assertEquals(told(), 1);
  progress.end(other);
  assertEquals(told(), undefined);
});

Deno.test("scenes that fit better elsewhere are looked for from a time at which none is in hand", async () => {
  await using rig = await Rig.open();
  await rig.context.keeper.refresh(0);
  const healing = new Healing(rig.context);
  assertEquals([healing.isOwed, healing.step(false), healing.isOwed], [true, 0, true]);
  healing.step(true);
  assertEquals(healing.isOwed, false);
});

/** A look for better fits that began before all was synced; two more steps end it. */
async function lookBesideSync() {
  const rig = await Rig.open({ ...NO_IMAGES, library: { scenes: 201 } });
  await rig.context.keeper.refresh(0);
  const healing = new Healing(rig.context);
  healing.step(true);
  rig.enqueue();
  await rig.once();
  assertEquals(rig.outcomes(), { written: 201 });
  const looked: string[] = [];
  const { filesOfAll } = rig.store.scenes;
  rig.store.scenes.filesOfAll = function (ids) {
    looked.push(...ids);
    return filesOfAll.call(this, ids);
  };
  const items = rig.store.database.prepare(
    `SELECT i.item, w.scene_id AS scene FROM index_items i JOIN written w ON w.item = i.item
     ORDER BY i.item`,
  ).all<{ item: string; scene: string }>();
  return { rig, healing, looked, items };
}

Deno.test("a scene that was synced since the look for better fits began is not looked at again", async () => {
  const { rig, healing, looked } = await lookBesideSync();
  await using _rig = rig;
  healing.step(false);
  assertEquals(looked, []);
});

Deno.test("a file that came since the look for better fits began is compared with what was synced before", async () => {
  const { rig, healing, looked, items } = await lookBesideSync();
  await using _rig = rig;
  healing.step(false);
  rig.runtime.jump(1_000);
  const { index } = rig.store.of(TARGET);
  // With the last of those that are known as long, one more than a step takes.
  const late = items.slice(0, 100);
  const files = index.ofItems(late.map(({ item }) => item)).flat();
  index.put(files.map((file) => ({ ...file, size: file.size + 1 })), rig.runtime.now());
  const lookedAt = () => [...new Set(looked)].toSorted();
  const scenesOf = (some: typeof items) => some.map(({ scene }) => scene).toSorted();
  healing.step(false);
  assertEquals(lookedAt(), scenesOf([...late.slice(0, 99), items.at(-1)!]));
  healing.step(false);
  assertEquals(lookedAt(), scenesOf([...late, items.at(-1)!]));
});

Deno.test("a step of the look for better fits asks the database for all of its scenes at once", async () => {
  const { rig, healing, items } = await lookBesideSync();
  await using _rig = rig;
  healing.step(false);
  rig.runtime.jump(1_000);
  const { index } = rig.store.of(TARGET);
  const files = index.ofItems(items.slice(0, 99).map(({ item }) => item)).flat();
  index.put(files.map((file) => ({ ...file, size: file.size + 1 })), rig.runtime.now());
  const { atPaths } = index;
  let calls = 0;
  index.atPaths = function (paths) {
    calls++;
    return atPaths.call(this, paths);
  };
  healing.step(false);
  assertEquals(calls, 1);
});

Deno.test("what is decided, planned and confirmed for many scenes lets others have a turn in between", async () => {
  await using rig = await open({ library: { scenes: 50 }, settings: { batchSize: 50 } });
  rig.enqueue();
  const before = rig.runtime.sleeps.length;
  await rig.once();
  // Twenty-five are decided at a time, ten planned and ten confirmed: others have a turn in between,
  // and so they have before the second group is begun, before others are taken, and twice while all
  // are settled.
  const turns = 1 + 4 + 4 + 2 + 1 + 2;
  assertEquals(rig.runtime.sleeps.slice(before).filter((ms) => ms === 0).length, turns);
  assertEquals(rig.outcomes(), { written: 50 });
});

Deno.test("a batch that is settled is forgotten, however many come after it", async () => {
  await using rig = await open({ library: { scenes: 12 * BATCH } });
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  const { settlement } = rig.store;
  const settle = settlement.settle.bind(settlement);
  const jobs: WeakRef<object>[] = [];
  let most = 0;
  settlement.settle = (attempts, now) => {
    collect();
    most = Math.max(most, jobs.filter((job) => job.deref() !== undefined).length);
    jobs.push(new WeakRef(attempts[0]!.job));
    return settle(attempts, now);
  };
  rig.enqueue();
  await rig.once();
  assertEquals(jobs.length, 12);
  // The one before it, and the one before that as long as its figures are told.
  assert(most <= 2, `${most} batches are held`);
});
