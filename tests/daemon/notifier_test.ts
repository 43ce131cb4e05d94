import { assert, assertEquals, assertMatch } from "@std/assert";
import { Notifier } from "../../src/daemon/notifier.ts";
import type { Needs, NotifyEvent } from "../../src/core/failures/notification.ts";
import { NOTIFIED } from "../../src/core/meta_keys.ts";
import { openTestStore, TempFolder } from "../store/temp_store.ts";
import { collect } from "../log/harness.ts";
import { until } from "../e2e/world.ts";

const SECRET = "canary-topic-8d1";

/** A server for notifications, and a notifier whose hours pass in milliseconds. */
async function withNotifier(
  answer: (request: Request) => Response | Promise<Response>,
  use: (rig: {
    needs(value: Needs): void;
    bodies: { event: NotifyEvent; problems: string[] }[];
    lines: string[];
    requests: string[];
    told(): Needs | undefined;
  }) => Promise<void>,
  notifyOn: readonly NotifyEvent[] = ["attention", "recovered"],
): Promise<void> {
  const bodies: { event: NotifyEvent; problems: string[] }[] = [];
  const requests: string[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      requests.push(new URL(request.url).pathname);
      if (request.method === "POST") bodies.push(await request.clone().json());
      return await answer(request);
    },
  );
  using folder = new TempFolder();
  const store = await openTestStore(folder.file("plexsync.db"), "builtin");
  const { log, lines } = collect({ target: "console", secrets: [SECRET] });
  let now = 1_000_000;
  let wanted: Needs = {};
  const stop = new AbortController();
  const notifier = new Notifier({
    config: { notifyOn },
    address: `http://127.0.0.1:${server.addr.port}/${SECRET}`,
    store,
    log,
    runtime: {
      now: () => now,
      random: () => 0,
      sleep: async (ms) => {
        now += ms;
        await new Promise((resolve) => setTimeout(resolve, 1));
      },
    },
    needs: () => wanted,
  });
  const running = notifier.run(stop.signal);
  try {
    await use({
      needs: (value) => void (wanted = value),
      bodies,
      lines,
      requests,
      told: () => store.meta.get(NOTIFIED),
    });
  } finally {
    stop.abort();
    await running;
    await server.shutdown();
    store.close();
  }
}

Deno.test("somebody is told once that a person is needed, and once that it is over", async () => {
  await withNotifier(() => new Response("ok"), async ({ needs, bodies, lines, told }) => {
    needs({ "attention:plex": "Plex refuses the token" });
    await until("the attention is told", () => bodies.length === 1);
    assertEquals([bodies[0]!.event, bodies[0]!.problems], ["attention", [
      "Plex refuses the token",
    ]]);
    await until("it is kept", () => Object.keys(told() ?? {}).length === 1);
    needs({});
    await until("the end is told", () => bodies.length === 2);
    assertEquals([bodies[1]!.event, bodies[1]!.problems], ["recovered", [
      "Plex refuses the token",
    ]]);
    await until("it is forgotten", () => Object.keys(told() ?? {}).length === 0);
    assertEquals(lines, []);
  });
});

Deno.test("what is not asked for is not told", async () => {
  await withNotifier(() => new Response("ok"), async ({ needs, bodies, told }) => {
    needs({ a: "A" });
    await until("it counts as told", () => Object.keys(told() ?? {}).length === 1);
    needs({});
    await until("the end is told", () => bodies.length === 1);
    assertEquals(bodies[0]!.event, "recovered");
  }, ["recovered"]);
});

const FAILURES: readonly [when: string, answer: () => Response, says: RegExp][] = [
  ["answers 500", () => new Response("no", { status: 500 }), /it answered 500/],
  [
    "redirects",
    () => new Response(null, { status: 302, headers: { location: "/elsewhere" } }),
    /it answered 302/,
  ],
];
for (const [when, answer, says] of FAILURES) {
  Deno.test(`an address that ${when} is tried again, said once without it, and not followed`, async () => {
    let mended = false;
    await withNotifier(() => mended ? new Response("ok") : answer(), async (rig) => {
      rig.needs({ a: "A" });
      await until("three tries", () => rig.requests.length >= 3);
      mended = true;
      await until("it is told", () => Object.keys(rig.told() ?? {}).length === 1);
      assertEquals(new Set(rig.requests), new Set([`/${SECRET}`]));
      const [failed, back] = rig.lines;
      assertMatch(failed!, says);
      assertMatch(back!, /takes notifications again/);
      assertEquals(rig.lines.length, 2);
      assert(!rig.lines.join("").includes(SECRET));
    });
  });
}
