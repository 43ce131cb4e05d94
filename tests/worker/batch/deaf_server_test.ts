/** A Plex that answers 200 and takes nothing in for a while is no server with ways of its own. */
import { assertEquals } from "@std/assert";
import type { SimPlexOptions } from "../../sim/plex/server.ts";
import { Rig } from "../rig.ts";

const SCENES = 24;
/** Wanted names are added to those that stand there: only by removals does one go. */
const ADDS: SimPlexOptions = { switches: { singleTagEdit: "add" } };
/** Ways to take names away beside the first. */
const WAYS = 5;

/** All scenes are written; then each of them loses a tag, and may get another title. */
async function open(plex = ADDS, isRenamed = true): Promise<Rig> {
  const rig = await Rig.open({
    library: { scenes: SCENES },
    plex,
    settings: { batchSize: 4, syncPoster: false, syncBackground: false },
  });
  const each = (rest: (id: string) => Record<string, unknown>) =>
    rig.stash.upsert(rig.stash.scenes().map(({ id }) => ({ id, ...rest(id) })));
  each((id) => ({ details: "Known", tags: ["Kept", `${id}, one`, `${id}, two`] }));
  rig.enqueue();
  await rig.once();
  assertEquals(rig.outcomes(), { written: SCENES });
  each((id) => ({ ...isRenamed ? { title: `Scene ${id}` } : {}, tags: ["Kept", `${id}, one`] }));
  return rig;
}

/** How many writes each item needed since `from`, each number once. */
function writesOfEach(rig: Rig, from: number): number[] {
  const edits = rig.plex.requests().slice(from).filter(({ method }) => method === "PUT");
  const ids = edits.map(({ query }) => /[?&]id=(\d+)/.exec(query)![1]!);
  return [...new Set([...Map.groupBy(ids, (id) => id).values()].map(({ length }) => length))];
}

Deno.test("a Plex that was deaf for a while is written to as before: one request for each scene", async () => {
  await using rig = await open();
  rig.plex.switches.deaf = true;
  rig.enqueue();
  await rig.once();
  assertEquals(rig.outcomes().written, SCENES);
  rig.plex.switches.deaf = false;
  const from = rig.plex.requests().length;
  await rig.until(() => rig.store.jobs.count() === 0);
  assertEquals(rig.outcomes().written, 2 * SCENES);
  assertEquals(writesOfEach(rig, from), [1]);
});

for (let way = 1; way <= WAYS; way++) {
  Deno.test(`a Plex that hears again at repair ${way} of a write is written to as before`, async () => {
    await using rig = await open(ADDS, false);
    const { target } = rig.context;
    rig.plex.switches.deaf = true;
    let repairs = 0;
    rig.context.target = {
      ...target,
      repair: (...args) => {
        if (++repairs === way) rig.plex.switches.deaf = false;
        return target.repair(...args);
      },
    };
    rig.enqueue(["1"]);
    await rig.until(() => rig.store.jobs.count() === 0);
    assertEquals(rig.outcomes().written, SCENES + 1);
    const from = rig.plex.requests().length;
    rig.enqueue(rig.stash.scenes().map(({ id }) => id).filter((id) => id !== "1"));
    await rig.until(() => rig.store.jobs.count() === 0);
    assertEquals(writesOfEach(rig, from), [1]);
  });
}

Deno.test("a Plex that needs another way to take names away is written to that way from then on", async () => {
  await using rig = await open({
    switches: { ...ADDS.switches, removalDecoding: "single" },
  });
  const repair = rig.context.target.repair;
  let repairs = 0;
  rig.context.target = {
    ...rig.context.target,
    repair: (...args) => {
      repairs++;
      return repair(...args);
    },
  };
  rig.enqueue(["1"]);
  await rig.once();
  assertEquals(repairs > 0, true);
  repairs = 0;
  rig.enqueue(rig.stash.scenes().map(({ id }) => id).filter((id) => id !== "1"));
  await rig.once();
  assertEquals([repairs, rig.outcomes()], [0, { written: 2 * SCENES }]);
});
