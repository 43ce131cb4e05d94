import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { until, World, type WorldOptions } from "../e2e/world.ts";

/** A world whose Stash holds settings for the plugin; some of the config file are left out. */
async function withSettings(
  settings: (world: World) => Record<string, unknown>,
  options: WorldOptions,
  use: (world: World) => Promise<void>,
): Promise<void> {
  const held: Record<string, Record<string, unknown>> = { plexsync: {} };
  const world = await World.open({ scenes: 3, seed: 2, ...options, stash: { plugins: held } });
  try {
    Object.assign(held.plexsync!, settings(world));
    await use(world);
  } finally {
    await world.close();
  }
}

const plexOf = ({ plex }: World) => ({
  plex_url: plex.url,
  plex_token: plex.token,
  plex_library: "Scenes",
});
const NO_PLEX = { plex_url: undefined, plex_token: undefined, plex_library: undefined };

Deno.test("the daemon works by the settings in Stash, and a config file wins over them", () =>
  withSettings(
    (world) => ({ ...plexOf(world), sync_studio: false, sync_summary: false, max_tags: "" }),
    { config: { ...NO_PLEX, sync_summary: true } },
    async (world) => {
      await world.syncAll();
      const items = world.plex.items().filter(({ title }) => title !== "");
      assert(items.some(({ summary }) => summary !== ""));
      assertEquals(items.filter(({ studio }) => (studio ?? "") !== ""), []);
      const rows = await world.json<{ key: string; origin: string }[]>("config", "show");
      const origin = (key: string) => rows.find((row) => row.key === key)!.origin;
      assertEquals(
        [origin("plex_url"), origin("sync_studio")],
        Array(2).fill("Stash plugin settings"),
      );
      assert(origin("sync_summary").startsWith("file "));
    },
  ));

Deno.test("a wrong setting in Stash is named with its value and what is allowed", () =>
  withSettings(() => ({ tag_mode: "both" }), {}, async (world) => {
    const { stderr } = await world.expect(2, "run", "--once");
    assertStringIncludes(stderr, 'Cannot use tag_mode = "both" from Stash plugin settings');
  }));

Deno.test("nothing is synced before the settings in Stash are known, though it was down at first", () =>
  withSettings(
    () => ({ sync_studio: false }),
    { config: { poll_interval: 0.2 } },
    async (world) => {
      const ids = world.stash.scenes().map(({ id }) => id).join();
      await world.expect(0, "sync", "--scene", ids);
      world.stash.setFaults([{ path: "/graphql", times: 1, status: 503 }]);
      await using daemon = await world.start(["run"]);
      await daemon.stderr.line("The settings in Stash are not used");
      await daemon.stderr.line("Stash holds other settings than those in use");
      await until("all is synced", () => {
        const rows = world.query<{ n: number }>(
          "SELECT count(DISTINCT scene_id) AS n FROM outcomes",
        );
        return rows[0]!.n === 3;
      });
      assertEquals(world.plex.items().filter(({ studio }) => (studio ?? "") !== ""), []);
    },
  ));

Deno.test("a daemon whose Plex is known to Stash alone waits for a Stash that starts later", () =>
  withSettings(plexOf, { config: NO_PLEX }, async (world) => {
    world.stash.setFaults([{ path: "/graphql", times: 1, status: 503 }]);
    await using daemon = await world.start(["run"]);
    const line = await daemon.stderr.line("Waiting for Stash, which may hold what is missing");
    assertStringIncludes(line, "plex_url is required");
    // The wait ends with a signal too, and with nothing but a clean exit.
    daemon.kill();
    assertEquals((await daemon.result).code, 0);
    await world.expect(0, "run", "--once");
  }));
