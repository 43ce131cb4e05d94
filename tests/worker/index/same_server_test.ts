/** Another Plex that comes under the address of ours while nobody lists anything. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { generateLibrary } from "../../sim/library.ts";
import { type SimPlex, startSimPlex } from "../../sim/plex/server.ts";
import { Rig } from "../rig.ts";

const SCENES = 20;

/** A rig whose address of Plex can lead to another server, which has other films by the same ids. */
class Swap implements AsyncDisposable {
  isDone = false;
  private constructor(readonly rig: Rig, readonly other: SimPlex) {}

  static async open(batchSize = 50): Promise<Swap> {
    const { plexItems } = generateLibrary({ scenes: SCENES, seed: 7, stashRoot: "/elsewhere" });
    const other = await startSimPlex({ items: plexItems, switches: { imageLagMs: 0 } });
    other.setServerIdentity("somebody-else");
    let swap: Swap | null = null;
    const rig = await Rig.open({
      library: { scenes: SCENES },
      settings: { batchSize },
      fetch: (input, init) => {
        const url = String(input);
        const isSwapped = swap?.isDone === true && url.startsWith(swap.rig.plex.url);
        return fetch(isSwapped ? url.replace(swap!.rig.plex.url, other.url) : url, init);
      },
    });
    swap = new Swap(rig, other);
    return swap;
  }

  writesElsewhere(): number {
    return this.other.requests().filter(({ method }) => method !== "GET").length;
  }

  async [Symbol.asyncDispose]() {
    await this.rig[Symbol.asyncDispose]();
    await this.other.close();
  }
}

function identities(rig: Rig): number {
  return rig.plex.requests().filter(({ path }) => path === "/identity").length;
}

Deno.test("another server that comes while the index is fresh gets no write", async () => {
  await using swap = await Swap.open();
  const { rig } = swap;
  rig.enqueue(["1", "2"]);
  await rig.once();
  swap.isDone = true;
  rig.enqueue();
  assertEquals(await rig.once(), "needs attention");
  assertEquals(swap.writesElsewhere(), 0);
  assertStringIncludes(rig.errors()[0]!, "another one");
  assertEquals(rig.store.jobs.count(), SCENES);
  assertEquals(rig.store.outcomes.recent(99).filter(({ outcome }) => outcome === "dead"), []);

  // Ours is back: all is written there.
  swap.isDone = false;
  await rig.until(() => rig.store.jobs.count() === 0);
  assertEquals(rig.outcomes().written, SCENES);
});

Deno.test("another server that comes amid the writes gets those of that batch at most, and none is taken for done", async () => {
  await using swap = await Swap.open(4);
  const { rig } = swap;
  const { target } = rig.context;
  const done = new Set<string>();
  rig.context.target = {
    ...target,
    write: async (item, edit) => {
      const fitted = await target.write(item, edit);
      if (!swap.isDone) done.add(item.id);
      if (done.size === 6) swap.isDone = true;
      return fitted;
    },
  };
  rig.enqueue();
  assertEquals(await rig.once(), "needs attention");
  const items = new Set(
    swap.other.requests().filter(({ method }) => method === "PUT").map(({ query }) =>
      /(?:^|&)id=(\d+)/.exec(query)?.[1]
    ),
  );
  assert(items.size <= 8, `${items.size} items of another server were written to`);
  assert((rig.outcomes().written ?? 0) <= 6);
  assertEquals(rig.store.deadLetters.count(), 0);
});

Deno.test("that the server is the same is known without asking it in each batch", async () => {
  await using swap = await Swap.open(2);
  const { rig } = swap;
  rig.enqueue();
  await rig.once();
  assertEquals(rig.outcomes().written, SCENES);
  assert(identities(rig) <= 2, `${identities(rig)} requests`);
});

Deno.test("a library that was made anew on the same server goes on", async () => {
  await using swap = await Swap.open(5);
  const { rig, other } = swap;
  rig.enqueue(["1"]);
  await rig.once();
  const [mine] = rig.plex.requests().filter(({ path }) => path === "/identity");
  assert(mine !== undefined);
  // The same who answers, with other marks of its libraries.
  other.setServerIdentity(rig.plex.machineIdentifier);
  swap.isDone = true;
  rig.enqueue();
  assert(await rig.once() !== "needs attention");
  assertEquals(rig.errors(), []);
});
