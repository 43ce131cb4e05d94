/** What Plex is asked beside the work itself: nothing of it may hold the work up. */
import { assert, assertEquals } from "@std/assert";
import { PLEX_ROUTES, plexFacts } from "../sim/plex/route_names.ts";
import { ROUTES } from "../worker/route_faults.ts";
import { assertBalanced } from "./books.ts";
import { IMPATIENT } from "./fault_case.ts";
import { proveRows } from "./rows.ts";
import { until, withWorld } from "./world.ts";

/** Asked by no service: `undo` and commands that a person waits for ask them. */
const OF_COMMANDS = ["collections", "server"];
/** Asked by nobody. */
const UNUSED = ["image", "activities", "preferences"];
const SIDE_ROUTES = ["sessions", "scan", "notifications"];

const EFFECTS: readonly Record<string, unknown>[] = [
  { status: 500 },
  { status: 502 },
  { status: 503 },
  { close: true },
  { hang: true },
  { answer: "garbage" },
  { answer: "endless" },
  { answer: "gzip_bomb" },
];

Deno.test("each route of the simulated Plex is spoiled in a table, or named as not asked", () => {
  const ofWork = ROUTES.filter(({ server }) => server === "plex").map(({ route }) => route);
  const all = [...ofWork, ...SIDE_ROUTES, ...OF_COMMANDS, ...UNUSED];
  assertEquals(all.sort(), [...PLEX_ROUTES].sort());
});

Deno.test("all is written, and nobody pays, while what Plex is asked beside the work meets", async (t) => {
  const rows = EFFECTS.map((effect) => ({ when: JSON.stringify(effect), effect }));
  const config = {
    ...IMPATIENT,
    poll_interval: 0.2,
    polite: true,
    trigger_plex_scan: true,
  };
  await proveRows(t, rows, async ({ effect }) => {
    await withWorld({ scenes: 6, seed: 3, config }, async (world) => {
      world.plex.setFaults(
        [...SIDE_ROUTES, ...OF_COMMANDS, ...UNUSED].map((route) => ({ route, ...effect })),
      );
      const missing = { path: "/data/scenes/none.mp4", size: 9, duration: 1 };
      world.stash.upsert([{ title: "Not in Plex", details: "Text.", files: [missing] }]);
      await world.expect(0, "sync", "--all", "--yes");
      await using service = await world.start(["run"]);
      await until("in sync", async () => (await world.differences()).length === 0, 60_000);
      const asked = () =>
        new Set(
          world.plex.requests().map(({ method, path, query }) =>
            plexFacts(method, `${path}?${query}`).route
          ),
        );
      await until("all were asked", () => SIDE_ROUTES.every((route) => asked().has(route)), 60_000);
      // What comes while they are of no use is written too.
      world.stash.upsert([{ id: "1", title: "Changed meanwhile" }]);
      await until("the change", async () => (await world.differences()).length === 0, 60_000);
      service.kill();
      assertEquals((await service.result).code, 0);
      assertEquals(world.query("SELECT 1 FROM outcomes WHERE outcome IN ('retry', 'dead')"), []);
      const outages = world.query("SELECT 1 FROM outages");
      assert(outages.length === 0, "an outage was noted");
      assertBalanced(world);
    });
  }, EFFECTS.length);
});
