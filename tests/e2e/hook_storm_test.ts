import { assertEquals } from "@std/assert";
import { hookDocument } from "../http/http_rig.ts";
import { assertBalanced } from "./books.ts";
import { isWrite } from "./care.ts";
import { until, withWorld } from "./world.ts";

const EVENTS = 1_000;
const SCENES = 100;
const TOKEN = "storm-token-0123456789";

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

Deno.test("a storm of hooks during an outage, with kills and a restart of Stash, writes each scene once", async () => {
  const listen = `127.0.0.1:${freePort()}`;
  const config = { poll_interval: 3_600, listen, listen_token: TOKEN };
  await withWorld({ scenes: SCENES, seed: 9, config }, async (world) => {
    world.plex.setFaults([{ path: ".", status: 503 }]);
    let daemon = await world.start(["run"]);
    const restart = async () => {
      daemon.kill("SIGKILL");
      await daemon.result;
      daemon = await world.start(["run"]);
    };
    let next = 0;
    const lane = async () => {
      while (next < EVENTS) {
        const event = next++;
        if (event === EVENTS * 0.3 || event === EVENTS * 0.7) await restart();
        if (event === EVENTS * 0.5) {
          await world.stash.close();
          await world.reopenStash();
        }
        // As wget in a loop: what found no daemon comes again.
        await until("an answered hook", () => isTaken(listen, event % SCENES + 1));
      }
    };
    await Promise.all(Array.from({ length: 8 }, lane));
    world.plex.setFaults([]);
    await until("an empty queue", () => world.query("SELECT id FROM jobs").length === 0, 60_000);
    assertEquals(await world.differences(), []);
    const puts = world.plex.requests().filter((request) => {
      return isWrite(request) && request.method === "PUT" && request.status === 200;
    });
    assertEquals(puts.length, SCENES, "no kill came between a write and its settling");
    daemon.kill();
    assertEquals((await daemon.result).code, 0);
    assertBalanced(world);
  });
});

async function isTaken(listen: string, sceneId: number): Promise<boolean> {
  const document = hookDocument({ id: sceneId, type: "Scene.Update.Post", input: null });
  try {
    const answer = await fetch(`http://${listen}/api/hook`, {
      method: "POST",
      headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
      body: JSON.stringify(document),
    });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}
