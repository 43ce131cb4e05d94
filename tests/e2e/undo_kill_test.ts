import { assertEquals } from "@std/assert";
import { assertBalanced } from "./books.ts";
import { standBefore } from "./middleman.ts";
import { withWorld } from "./world.ts";

Deno.test("an undo over which the process dies is finished by the next one, and can be undone", async () => {
  const library = { scenes: 6, seed: 12, config: { sync_background: false } };
  await withWorld(library, async (world) => {
    let onWrite = () => {};
    await using plex = standBefore(world.plex.url, ({ method, target }) => {
      if (method === "PUT" && target.startsWith("/library/metadata/")) onWrite();
      return undefined;
    });
    await world.configure({ plex_url: plex.url });
    const before = world.plex.items();
    await world.syncAll();
    const ours = world.plex.items();

    await world.expect(0, "undo", "--all", "--yes");
    await using program = await world.start(["run", "--once"]);
    let writes = 0;
    // The journal has begun the undo of all; what is sent now arrives, and nobody sees it end.
    onWrite = () => {
      if (++writes === 3) program.kill("SIGKILL");
    };
    assertEquals((await program.result).code, 128 + 9);
    const open = "SELECT count(*) AS n FROM undo_requests WHERE ended_at IS NULL";
    assertEquals(world.query(open), [{ n: 6 }]);

    await world.expect(0, "run", "--once");
    assertEquals(world.plex.items(), before);
    const [{ id } = { id: 0 }] = world.query<{ id: number }>(
      "SELECT max(id) AS id FROM runs WHERE kind = 'undo'",
    );
    // Unrelated, so that a sync looks at what was undone.
    world.stash.upsert([{ id: "1", code: "X-1" }]);
    await world.expect(0, "sync", "--scene", "1");
    await world.expect(0, "run", "--once");
    assertEquals(world.plex.items()[0]!.title, before[0]!.title);
    await world.expect(0, "undo", "--run", String(id), "--yes");
    await world.expect(0, "run", "--once");
    const [first, ...rest] = world.plex.items();
    assertEquals([first!.title, rest], [ours[0]!.title, ours.slice(1)]);
    assertBalanced(world);
  });
});
