/** Listings with a row that nobody can understand: it costs its own scene a wait, no other. */
import type { FaultCase } from "./fault_case.ts";
import { proveFault } from "./fault_case.ts";
import { proveRows } from "./rows.ts";
import type { World } from "./world.ts";

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
