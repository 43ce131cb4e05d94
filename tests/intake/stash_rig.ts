/** What the tests of the intake share: a simulated Stash, a client of it, and a store. */
import { sceneHash } from "../../src/core/sync/scene_hash.ts";
import { type FanoutPorts, stepFanout } from "../../src/intake/fanout.ts";
import { createStashClient, type StashClient } from "../../src/stash/client.ts";
import type { LogPort } from "../../src/core/log_port.ts";
import { transaction } from "../../src/store/database/database.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { memory } from "../core/samples.ts";
import { type SimStash, type SimStashOptions, startSimStash } from "../sim/stash/server.ts";
import { FakeRuntime } from "../worker/fake_runtime.ts";
import { TARGET, TARGETS } from "../one_target.ts";
import { noteScenes } from "../../src/store/library/scene_notes.ts";

export interface StashRig {
  stash: SimStash;
  client: StashClient;
  store: Store;
  /** The clock of both sides. */
  runtime: FakeRuntime;
  log: LogPort;
  /** What was said at level info or above. */
  told: string[];
}

export async function withStashRig(
  options: SimStashOptions,
  use: (rig: StashRig) => Promise<void>,
): Promise<void> {
  const runtime = new FakeRuntime();
  const stash = await startSimStash({ now: runtime.now, ...options });
  const folder = await Deno.makeTempDir();
  const store = await openStore(`${folder}/plexsync.db`, TARGETS, {
    driver: "builtin",
    sleep: () => Promise.resolve(),
  });
  const told: string[] = [];
  const say = (message: string) => void told.push(message);
  const client = createStashClient({
    url: stash.url,
    apiKey: stash.apiKey,
    fetch,
    connectTimeoutMs: 1_000,
    readTimeoutMs: 5_000,
    odd: say,
  });
  const log = { debug: () => {}, info: say, warning: say, error: say };
  try {
    await use({ stash, client, store, runtime, log, told });
  } finally {
    store.close();
    await stash.close();
    await Deno.remove(folder, { recursive: true });
  }
}

/** Remembers these scenes as synced with what Stash has now. */
export async function markSynced(
  { client, store, runtime }: StashRig,
  ids: string[],
): Promise<void> {
  const scenes = await client.scenes(ids);
  noteScenes(store.database, [...scenes.values()], runtime.now());
  transaction(store.database, () => {
    for (const scene of scenes.values()) {
      store.of(TARGET).written.put(
        memory({ sceneId: scene.id, sceneHash: sceneHash(scene), writtenAt: 1 }),
      );
    }
  });
}

/** What a fan-out works with. */
export function fanoutPorts({ client, store, runtime }: StashRig): FanoutPorts {
  return { fanouts: store.fanouts, scenes: store.scenes, stash: client, runtime };
}

/** Walks all that is to be fanned out. @returns the number of steps */
export async function fanOut(rig: StashRig): Promise<number> {
  const ports = fanoutPorts(rig);
  let steps = 0;
  while (await stepFanout(ports)) steps++;
  return steps;
}

/** The scenes that have a job, in order; the queue is empty then. */
export function takeJobs(store: Store): string[] {
  const ids = store.queue.list(10_000).map((job) => job.scene_id);
  store.database.exec("DELETE FROM jobs");
  return ids.sort((a, b) => Number(a) - Number(b));
}

/** Requests that Stash got since the last call, by their first field. */
export function takeRequests(stash: SimStash): string[] {
  const labels = stash.requests().map(({ note, path }) => note ?? path);
  stash.clearRequests();
  return labels;
}
