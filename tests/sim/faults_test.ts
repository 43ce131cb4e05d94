import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { FaultRules } from "./faults.ts";
import { scenes, status, withSim } from "./plex/testing.ts";

const EDIT = "/library/metadata/1?studio.value=x";

const bad: [unknown, string][] = [
  [{}, "must be an array"],
  [["x"], "must be an object"],
  [[{ path: 5, status: 500 }], "path must be a regular expression"],
  [[{ status: 500 }], "is for no request: give path, route, item, scene, holds, longer_than"],
  [[{ path: "x", answer: "nonsense" }], "answer must be one of garbage, large"],
  [[{ path: "x", status: 500, percent: 0 }], "percent must be a whole number from 1 to 100"],
  [[{ longer_than: -1, status: 500 }], "longer_than must be a whole number"],
  [[{ path: "x" }], "does nothing"],
  [[{ path: "x", status: 99 }], "status must be a whole number"],
  [[{ path: "x", status: 500, colour: "red" }], 'unknown key "colour"'],
  [[{ path: "x", hang: "middle" }], 'hang must be true, "headers" or "body"'],
  [[{ path: "x", hang: true, close: true }], "exclude each other"],
  [[{ path: "x", status: 500, times: 0 }], "times must be a whole number"],
  [[{ path: "x", status: 500, applied: "yes" }], "applied must be true or false"],
];
for (const [rules, reason] of bad) {
  Deno.test(`replace() refuses ${JSON.stringify(rules)} and keeps the old rules`, () => {
    const faults = new FaultRules();
    faults.replace([{ path: "^/a", status: 500 }]);
    assertThrows(() => faults.replace(rules), Error, reason);
    assertEquals(faults.take("GET", "/a")?.status, 500);
  });
}

Deno.test("take() gives the first rule that matches, as often as it says", () => {
  const faults = new FaultRules();
  faults.replace([
    { path: "^/a\\?x=1$", method: "put", status: 500, times: 2 },
    { path: "/a", status: 503 },
  ]);
  const taken = ["PUT", "GET", "PUT", "PUT"].map((method) => faults.take(method, "/a?x=1")?.status);
  assertEquals(taken, [500, 503, 500, 503]);
  assertEquals(faults.take("GET", "/b"), undefined);
});

Deno.test("a status fault answers in the request's place, without effect unless applied", async () => {
  for (const applied of [false, true]) {
    await withSim({ items: scenes("a") }, async ({ sim, send }) => {
      const fault = { status: 503, body: "<b>down</b>", content_type: "application/xml" };
      sim.setFaults([{ path: "studio", ...fault, applied, times: 1 }]);
      const response = await send("PUT", EDIT);
      assertEquals(
        [response.status, response.headers.get("content-type"), await response.text()],
        [503, "application/xml", "<b>down</b>"],
      );
      assertEquals(sim.items()[0]?.studio, applied ? "x" : null);
      assertEquals(sim.requests().at(-1)?.status, 503);
      assertEquals(await status(send("PUT", EDIT)), 200);
    });
  }
});

for (const cut of ["headers", "body"] as const) {
  for (const applied of [false, true]) {
    Deno.test(`close "${cut}" cuts the connection, ${applied ? "with" : "without"} effect`, async () => {
      await withSim({ items: scenes("a") }, async ({ sim, send }) => {
        sim.setFaults([{ path: "studio", close: cut, applied }]);
        await assertRejects(async () => await (await send("PUT", EDIT)).text());
        assertEquals(sim.items()[0]?.studio, applied ? "x" : null);
        assertEquals(sim.requests().at(-1)?.status, 0);
      });
    });

    Deno.test(`hang "${cut}" never ends the answer, ${applied ? "with" : "without"} effect`, async () => {
      await withSim({ items: scenes("a") }, async ({ sim, send }) => {
        sim.setFaults([{ path: "studio", hang: cut, applied }]);
        const giveUp = new AbortController();
        const pending = send("PUT", EDIT, { signal: giveUp.signal });
        if (cut === "body") {
          const response = await pending;
          assertEquals(response.status, 200);
          const text = response.text();
          giveUp.abort();
          await assertRejects(() => text);
        } else {
          const arrived = () => sim.requests().some((request) => request.method === "PUT");
          while (!arrived()) await status(send("GET", "/identity"));
          giveUp.abort();
          await assertRejects(() => pending);
        }
        sim.setFaults([]);
        assertEquals(sim.items()[0]?.studio, applied ? "x" : null);
        assertEquals(await status(send("PUT", EDIT)), 200);
      });
    });
  }
}

Deno.test("delay_ms alone delays, and then the request is answered as usual, once", async () => {
  for (const applied of [false, true]) {
    await withSim({ items: scenes("a") }, async ({ sim, send }) => {
      sim.setFaults([{ path: "studio", delay_ms: 30, applied }]);
      const startedAt = performance.now();
      assertEquals(await status(send("PUT", EDIT)), 200);
      assertEquals(performance.now() - startedAt >= 25, true);
      assertEquals(sim.items()[0]?.studio, "x");
    });
  }
});

Deno.test("a fault can refuse the notification socket", async () => {
  await withSim({}, async ({ sim }) => {
    for (const fault of [{ status: 503 }, { close: true }]) {
      sim.setFaults([{ path: "websockets", ...fault }]);
      const target = `${sim.url.replace("http", "ws")}/:/websockets/notifications`;
      const socket = new WebSocket(`${target}?X-Plex-Token=${sim.token}`);
      const opened = await new Promise<boolean>((resolve) => {
        socket.onopen = () => resolve(true);
        socket.onerror = () => resolve(false);
      });
      assertEquals(opened, false);
    }
    assertEquals(sim.listeners(), 0);
  });
});
