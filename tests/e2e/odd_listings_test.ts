/** Listings with a row that nobody can understand: it costs its own scene a wait, no other. */
import type { FaultCase } from "./fault_case.ts";
import { proveFault } from "./fault_case.ts";
import { proveRows } from "./rows.ts";
import { assert, assertEquals } from "@std/assert";
import { asked } from "./changes.ts";
import { until, withWorld, type World } from "./world.ts";

function firstItem(world: World): string {
  const path = world.stash.scenes().find(({ id }) => id === "1")!.files[0]!.path;
  return world.plex.items().find(({ files }) => files.includes(path))!.ratingKey;
}

const ROWS: readonly FaultCase[] = [
  {
    when: "Plex's listing leaves out one item that it counts",
    spoil: (world) =>
      world.plex.setFaults([{ route: "listing", item: firstItem(world), answer: "nothing" }]),
    says: /listing of "Scenes" counts 4 items and gives 3: nothing is forgotten/,
    leaves: ["waiting", "done"],
  },
  {
    when: "Plex's listing gives one item another key",
    spoil: (world) =>
      world.plex.setFaults([{ route: "listing", item: firstItem(world), answer: "wrong_id" }]),
    leaves: ["waiting", "done"],
  },
];

Deno.test("no odd row of a listing loses a job, and all becomes equal when it has passed, while", async (t) => {
  await proveRows(t, ROWS, proveFault);
});

for (const answer of ["wrong_id", "nothing"]) {
  Deno.test(`a running daemon writes all other changes while Stash answers ${answer} for one scene`, async () => {
    const config = { poll_interval: 0.2 };
    await withWorld({ scenes: 4, seed: 5, config }, async (world) => {
      await world.syncAll();
      await using daemon = await world.start(["run"]);
      await asked(world, 2);
      world.stash.setFaults([{ scene: "2", answer }]);
      const titles = () => world.plex.items().map(({ title }) => title);
      for (const title of ["First", "Second"]) {
        for (const id of ["1", "3", "4"]) world.stash.upsert([{ id, title: `${title} of ${id}` }]);
        await until(title, () => titles().filter((each) => each?.startsWith(title)).length === 3);
      }
      world.stash.setFaults([]);
      world.stash.upsert([{ id: "2", title: "Back" }]);
      await until("the one too", () => titles().includes("Back"));
      assertEquals(await world.differences(), []);
      daemon.kill();
      const { stderr } = await daemon.result;
      const said = stderr.split("\n").filter((line) => line.includes("Stash lists"));
      assert(said.length <= 1, said.join("\n"));
    });
  });
}
