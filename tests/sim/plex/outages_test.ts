import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { type SimPlex, startSimPlex } from "./server.ts";
import { scenes, status, type TestClient, withSim } from "./testing.ts";

const write = (client: TestClient, studio: string) =>
  client.put("/library/metadata/1", { "studio.value": studio });

for (const startingUp of [400, 503] as const) {
  Deno.test(`startingUp ${startingUp}: writes are refused with the known words, reads work`, async () => {
    await withSim({ items: scenes("a"), switches: { startingUp } }, async (client) => {
      const response = await client.send("PUT", "/library/metadata/1?studio.value=x");
      assertEquals(response.status, startingUp);
      assertStringIncludes(await response.text(), "still starting up");
      assertEquals((await client.item("1")).studio, undefined);
      client.sim.switches.startingUp = 0;
      assertEquals(await write(client, "x"), 200);
    });
  });
}

for (const writesFail of ["database_locked", "disk_full"] as const) {
  Deno.test(`writesFail ${writesFail}: every write answers 500, reads and /identity work`, async () => {
    await withSim({ items: scenes("a"), switches: { writesFail } }, async (client) => {
      assertEquals(await write(client, "x"), 500);
      const body = new Uint8Array([1]);
      assertEquals(await status(client.send("POST", "/library/metadata/1/posters", { body })), 500);
      assertEquals(await status(client.send("GET", "/identity")), 200);
      assertEquals((await client.item("1")).studio, undefined);
      client.sim.switches.writesFail = "no";
      assertEquals(await write(client, "x"), 200);
    });
  });
}

for (const identityInMaintenance of [true, false]) {
  Deno.test(`maintenance answers 503 with XML, /identity ${identityInMaintenance ? "too" : "not"}`, async () => {
    const switches = { maintenance: true, identityInMaintenance };
    await withSim({ switches }, async ({ send }) => {
      const response = await send("GET", "/library/sections");
      assertEquals([response.status, response.headers.get("content-type")], [
        503,
        "application/xml",
      ]);
      assertStringIncludes(await response.text(), '<Response code="503" title="Maintenance"');
      assertEquals(await status(send("GET", "/identity")), identityInMaintenance ? 503 : 200);
    });
  });
}

Deno.test("a deaf server takes writes of every kind and changes nothing", async () => {
  await withSim({ items: scenes("a"), switches: { deaf: true } }, async (client) => {
    const before = JSON.stringify(client.sim.items());
    assertEquals(await write(client, "x"), 200);
    const body = new Uint8Array([1]);
    assertEquals(await status(client.send("POST", "/library/metadata/1/posters", { body })), 200);
    const rate = "/:/rate?identifier=com.plexapp.plugins.library&key=1&rating=5";
    assertEquals(await status(client.send("PUT", rate)), 200);
    assertEquals(JSON.stringify(client.sim.items()), before);
  });
});

/** Events of the requests, in the order in which they were answered. */
async function order(requests: Promise<string>[]): Promise<string[]> {
  const answered: string[] = [];
  await Promise.all(requests.map((request) => request.then((name) => answered.push(name))));
  return answered;
}

Deno.test("latency: writes wait for one another, reads do not wait for writes", async () => {
  await withSim({ items: scenes("a"), latencyMs: 40 }, async (client) => {
    const startedAt = performance.now();
    const answered = await order([
      ...["w1", "w2", "w3"].map((name) => write(client, name).then(() => name)),
      client.item("1").then(() => "read"),
    ]);
    assert(answered.at(-1) !== "read");
    // Three writes one after the other: a lower bound only, however slow the machine.
    assert(performance.now() - startedAt >= 3 * 40 - 5);
  });
});

Deno.test("overload: a write beside another is never answered and has no effect", async () => {
  const options = { items: scenes("a"), latencyMs: 50, switches: { overload: true } };
  await withSim(options, async (client) => {
    const first = write(client, "one");
    while (client.sim.requests().every((request) => request.method !== "PUT")) {
      await status(client.send("GET", "/identity"));
    }
    const giveUp = new AbortController();
    const second = client.send("PUT", "/library/metadata/1?studio.value=two", {
      signal: giveUp.signal,
    });
    assertEquals(await first, 200);
    giveUp.abort();
    await assertRejects(() => second);
    // Writes run in turn: after this one the second would have had its effect.
    assertEquals(await client.put("/library/metadata/1", { "tagline.value": "three" }), 200);
    const [view] = client.sim.items();
    assertEquals([view?.studio, view?.tagline], ["one", "three"]);
  });
});

Deno.test("close() ends hanging requests, delays, scans and listeners at once", async () => {
  const sim: SimPlex = await startSimPlex({
    items: scenes("a"),
    switches: { scanDelayMs: 60_000 },
  });
  sim.setFaults([{ path: "/identity", hang: true }, { path: "/prefs", delay_ms: 60_000 }]);
  const headers = { "X-Plex-Token": sim.token };
  const events = await fetch(`${sim.url}/:/eventsource/notifications`, { headers });
  sim.switches.latencyMs = 600_000;
  const open = ["/identity", "/:/prefs", "/"].map((path) => fetch(sim.url + path, { headers }));
  const scan = sim.addFiles([{ path: "/data/scenes/n.mp4" }]);
  const settled = Promise.allSettled(open);
  await sim.close();
  await scan;
  assertEquals((await settled).map((result) => result.status), [
    "rejected",
    "rejected",
    "rejected",
  ]);
  await events.body?.cancel().catch(() => {});
});

Deno.test("a bad switch or a seed without a file keeps the server from starting", async () => {
  const bad = { switches: { removalList: "none" } } as unknown as Parameters<
    typeof startSimPlex
  >[0];
  await assertRejects(() => startSimPlex(bad), Error, "removalList must be one of all, first_only");
  await assertRejects(() => startSimPlex({ items: [{ title: "x" }] }), Error, "at least one file");
});
