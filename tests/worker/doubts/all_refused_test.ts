/** What it costs to wait until edits are taken again while all, or nearly all, are refused. */
import { assert, assertEquals } from "@std/assert";
import { Rig } from "../rig.ts";

const MINUTE_MS = 60_000;
const SCENES = 20;

function puts(rig: Rig): number {
  return rig.writes().filter((request) => request.startsWith("PUT")).length;
}

function titled(rig: Rig): number {
  const titles = new Set(rig.stash.scenes().map(({ title }) => title));
  return rig.plex.items().filter(({ title }) => titles.has(title ?? "")).length;
}

for (const status of [400, 403]) {
  for (const already of [false, true]) {
    const where = already ? ", in a library that was in sync" : "";
    const open = async () => {
      const rig = await Rig.open({ library: { scenes: SCENES } });
      if (already) {
        await rig.syncThenChange((id) => ({
          title: `Anew ${id}`,
          details: `Text ${id}`,
          tags: [`Tag ${id}`],
          performers: [`Person ${id}`],
          studio: `Studio ${id}`,
          date: "2001-02-03",
        }));
      }
      rig.plex.clearRequests();
      return rig;
    };

    Deno.test(`while every edit meets ${status}, a few are sent each minute, and all are once it is over${where}`, async () => {
      await using rig = await open();
      rig.plex.setFaults([{ method: "PUT", path: ".", status }]);
      rig.enqueue();
      let writes = 0;
      rig.runtime.after(30 * MINUTE_MS, () => {
        writes = puts(rig);
        rig.plex.setFaults([]);
      });
      const began = rig.runtime.now();
      await rig.until(() => titled(rig) === SCENES, 60 * MINUTE_MS);
      assert(writes <= 120, `${writes} writes`);
      assert(rig.runtime.now() - began <= 32 * MINUTE_MS);
      await rig.until(() => rig.store.jobs.count() === 0, 15 * MINUTE_MS);
      assertEquals(rig.store.deadLetters.count(), 0);
    });

    for (const left of ["title.value", "genre", "summary.value"]) {
      Deno.test(`where every edit met ${status}, and then those of ${left} alone, all else follows within minutes${where}`, async () => {
        await using rig = await open();
        rig.plex.setFaults([{ method: "PUT", path: ".", status }]);
        rig.enqueue();
        rig.runtime.after(
          10 * MINUTE_MS,
          () => rig.plex.setFaults([{ method: "PUT", path: left, status }]),
        );
        const began = rig.runtime.now();
        const studios = new Set(rig.stash.scenes().map(({ studio }) => studio?.name));
        const done = () =>
          rig.plex.items().filter(({ studio }) => studios.has(studio ?? undefined)).length;
        await rig.until(() => done() === SCENES, 30 * MINUTE_MS);
        assert(rig.runtime.now() - began <= 14 * MINUTE_MS);
        assertEquals(rig.store.deadLetters.count(), 0);
        rig.plex.setFaults([]);
        await rig.until(() => rig.store.jobs.count() === 0, 15 * MINUTE_MS);
        assertEquals([titled(rig), rig.store.deadLetters.count()], [SCENES, 0]);
      });
    }
  }
}
