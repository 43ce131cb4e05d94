import { assert, assertEquals } from "@std/assert";
import { until, withWorld } from "./world.ts";

const SECRET = "canary-hook-51x";

Deno.test("the daemon posts to notify_url that a token is refused, and keeps the address secret", async () => {
  const posted: { event: string; problems: string[] }[] = [];
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      posted.push(await request.json());
      return new Response("ok");
    },
  );
  const notify_url = `http://127.0.0.1:${server.addr.port}/${SECRET}`;
  const config = { notify_url, log_level: "trace" };
  await withWorld({ scenes: 2, seed: 1, config }, async (world) => {
    const token = world.plex.token;
    world.plex.setToken("another");
    await world.expect(0, "sync", "--all", "--yes");
    await using daemon = await world.start(["run"]);
    await until("it is posted", () => posted.length > 0, 40_000);
    assertEquals(posted[0]!.event, "attention");
    assert(/token/.test(posted[0]!.problems[0]!), posted[0]!.problems.join());
    assert(!JSON.stringify(posted).includes(token));
    daemon.kill();
    const { stderr } = await daemon.result;
    assert(!stderr.includes(SECRET), stderr);
    const shown = await world.expect(0, "config", "show");
    assert(!shown.stdout.includes(SECRET));
  });
});
