/** Lists of Stash that give one scene twice. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { enqueueBulk } from "../../src/intake/bulk.ts";
import { StampPoll } from "../../src/intake/stamp_poll.ts";
import { Sweep } from "../../src/intake/sweep.ts";
import { createStashClient } from "../../src/stash/client.ts";
import { markSynced, takeJobs, withStashRig } from "./stash_rig.ts";

const SCENES = 6;
const IDS = Array.from({ length: SCENES }, (_, at) => String(at + 1));
const scenes = IDS.map((id) => ({
  id,
  title: `Scene ${id}`,
  files: [{ path: `/data/${id}.mp4`, size: Number(id), duration: 1 }],
}));

type Row = { id: string };

/** Each list of scenes with one of them once more. */
function repeating(json: unknown, id: string, where: "beside" | "first" | "last"): unknown {
  if (typeof json !== "object" || json === null) return json;
  if (!Array.isArray(json)) {
    return Object.fromEntries(
      Object.entries(json).map(([name, part]) => [name, repeating(part, id, where)]),
    );
  }
  const at = json.findIndex((row: Row) => row?.id === id);
  if (at < 0) return json;
  const again = json[at];
  if (where === "first") return [again, ...json];
  return where === "last" ? [...json, again] : json.toSpliced(at, 0, again);
}

for (const id of ["1", "3", String(SCENES)]) {
  for (const where of ["beside", "first", "last"] as const) {
    Deno.test(`each scene is queued once and none left out when scene ${id} is listed twice, ${where}`, async () => {
      await withStashRig({ scenes }, async (rig) => {
        const { stash, store, runtime, log, told } = rig;
        // A sweep queues what it can tell from what was written.
        await markSynced(rig, IDS);
        const client = createStashClient({
          url: stash.url,
          apiKey: stash.apiKey,
          connectTimeoutMs: 1_000,
          readTimeoutMs: 5_000,
          odd: log.warning,
          fetch: async (input, init) => {
            const answer = await fetch(input, init);
            return Response.json(repeating(await answer.json(), id, where), {
              headers: { Date: answer.headers.get("date") ?? "" },
            });
          },
        });
        const poll = new StampPoll({ stash: client, store, runtime, log, waitForScan: false });
        await poll.poll();
        takeJobs(store);
        stash.upsert(IDS.map((id) => ({ id, title: `Changed ${id}` })));
        runtime.jump(31_000);
        await poll.poll();
        assertEquals(takeJobs(store).sort(), IDS);

        const sweep = new Sweep({ stash: client, store, runtime });
        while (await sweep.step() === null);
        assertEquals(takeJobs(store).sort(), IDS);
        await enqueueBulk({ kind: "all" }, { stash: client, jobs: store.jobs, runtime });
        assertEquals(takeJobs(store).sort(), IDS);
        assertEquals((await client.scenes([id, id])).size, 1);

        assert(told.length >= 1, "it is said");
        for (const line of told) assertMatch(line, /^Stash lists scene "\d" twice, or where/);
        assertEquals(new Set(told).size, told.length);
      });
    });
  }
}
