import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  followNotifications,
  type Notification,
} from "../../../src/target/plex/notifications/notifications.ts";
import { type SimPlex, startSimPlex } from "../../sim/plex/server.ts";
import { ManualClock } from "./notification_clock.ts";
import { refusedUrl, serve, serveRaw } from "./stub_server.ts";
import { OPCODE, serverFrame, serveSocket } from "./websocket_server.ts";

const SOCKET = "/:/websockets/notifications";
const STREAM = "/:/eventsource/notifications";
const FILE = { path: "/data/scenes/new.mp4" };

/** Follows a server for the time of one test and lets it wait for what it is told. */
class Follower implements AsyncDisposable {
  readonly told: Notification[] = [];
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;
  #read = 0;
  #arrived = Promise.withResolvers<void>();

  constructor({ url, token = "t" }: { url: string; token?: string }, runtime: ManualClock) {
    const options = { url, token, clientIdentifier: "install-1", version: "1.2.3", fetch, runtime };
    const tell = (notification: Notification) => {
      this.told.push(notification);
      this.#arrived.resolve();
      this.#arrived = Promise.withResolvers<void>();
    };
    this.#done = followNotifications(options, tell, this.#stop.signal);
  }

  /** The next notification of that kind that was not yet waited for. */
  async next<K extends Notification["kind"]>(kind: K): Promise<Notification & { kind: K }> {
    for (;;) {
      while (this.#read < this.told.length) {
        const each = this.told[this.#read++]!;
        if (each.kind === kind) return each as Notification & { kind: K };
      }
      await this.#arrived.promise;
    }
  }

  async [Symbol.asyncDispose]() {
    this.#stop.abort();
    await this.#done;
  }
}

function simTest(
  promise: string,
  body: (plex: SimPlex, clock: ManualClock) => Promise<void>,
): void {
  Deno.test(promise, async () => {
    const plex = await startSimPlex({
      sections: [{ key: "1", title: "Scenes", type: "movie", locations: ["/data/scenes"] }],
    });
    try {
      await body(plex, new ManualClock());
    } finally {
      await plex.close();
    }
  });
}

/** A small text frame of a server. */
const textFrame = (value: unknown) => serverFrame(OPCODE.text, JSON.stringify(value));

/** Lets time pass until the connection is given up, which must be after a minute of silence. */
async function assertSilenceNoticed(follower: Follower, clock: ManualClock): Promise<void> {
  const start = clock.now();
  let over = false;
  const given = follower.next("disconnected").finally(() => over = true);
  while (!over) {
    await Promise.race([given, clock.asleep(15_000)]);
    if (!over) clock.pass(15_000);
  }
  assertEquals((await given).reason, "fell silent");
  const elapsed = clock.now() - start;
  assert(elapsed >= 60_000 && elapsed <= 90_000, `${elapsed} ms`);
}

const asked = (plex: SimPlex) => plex.requests().map(({ path, status }) => `${path} ${status}`);

simTest(
  "followNotifications() tells of a new file by WebSocket, the token in a header only",
  async (plex, clock) => {
    await using follower = new Follower(plex, clock);
    assertEquals((await follower.next("connected")).transport, "websocket");
    await plex.addFiles([FILE]);
    const entry = await follower.next("timeline");
    assertEquals([entry.sectionId, entry.state], ["1", 0]);
    while ((await follower.next("timeline")).state !== 5);
    const [request] = plex.requests();
    assertEquals([request!.path, request!.query, request!.status], [SOCKET, "", 101]);
  },
);

simTest(
  "followNotifications() falls back to server-sent events when WebSockets are refused",
  async (plex, clock) => {
    plex.setFaults([{ path: SOCKET, status: 404 }]);
    await using follower = new Follower(plex, clock);
    const refusal = await follower.next("disconnected");
    assertEquals([refusal.reason, refusal.retryMs], ["answered 404", 0]);
    assertEquals((await follower.next("connected")).transport, "event stream");
    await plex.addFiles([FILE]);
    while ((await follower.next("timeline")).state !== 5);
    assert(follower.told.some(({ kind }) => kind === "activity"));
    assertEquals(asked(plex), [`${SOCKET} 404`, `${STREAM} 200`]);
    assertEquals(plex.requests()[1]!.query, "filters=timeline,activity");
  },
);

simTest(
  "followNotifications() leaves it to polling when all is refused, and tries again after 5 min",
  async (plex, clock) => {
    plex.setFaults([{ path: "notifications", status: 404, times: 2 }]);
    await using follower = new Follower(plex, clock);
    await follower.next("disconnected");
    assertEquals((await follower.next("disconnected")).retryMs, 300_000);
    await clock.asleep(300_000);
    clock.pass(300_000);
    assertEquals((await follower.next("connected")).transport, "websocket");
  },
);

simTest(
  "followNotifications() takes a page that is no event stream for a refusal",
  async (plex, clock) => {
    plex.setFaults([
      { path: SOCKET, status: 404 },
      { path: STREAM, status: 200, body: "<html>proxy</html>", content_type: "text/html" },
    ]);
    await using follower = new Follower(plex, clock);
    await follower.next("disconnected");
    assertEquals((await follower.next("disconnected")).reason, "answered 200");
  },
);

simTest(
  "followNotifications() asks once a minute while the token is refused",
  async (plex, clock) => {
    const { url, token } = plex;
    plex.setToken("another");
    await using follower = new Follower({ url, token }, clock);
    const { reason, retryMs } = await follower.next("disconnected");
    assertEquals([reason, retryMs], ["answered 401", 60_000]);
    await clock.asleep(60_000);
    assertEquals(asked(plex), [`${SOCKET} 401`]);
    plex.setToken(token);
    clock.pass(60_000);
    await follower.next("connected");
  },
);

simTest(
  "followNotifications() connects again after the connection was cut",
  async (plex, clock) => {
    await using follower = new Follower(plex, clock);
    await follower.next("connected");
    plex.dropListeners();
    const { retryMs } = await follower.next("disconnected");
    await clock.asleep(retryMs);
    clock.pass(retryMs);
    assertEquals((await follower.next("connected")).transport, "websocket");
  },
);

simTest(
  "followNotifications() connects again when a server falls silent, though the connection stands",
  async (plex, clock) => {
    plex.setFaults([{ path: SOCKET, status: 404 }]);
    plex.switches.silentSockets = true;
    await using follower = new Follower(plex, clock);
    await follower.next("connected");
    await assertSilenceNoticed(follower, clock);
    await clock.asleep(750);
    clock.pass(750);
    await follower.next("connected");
  },
);

simTest(
  "followNotifications() drops a WebSocket that answers no ping for a minute",
  async (plex, clock) => {
    await using follower = new Follower(plex, clock);
    await follower.next("connected");
    plex.switches.silentSockets = true;
    await assertSilenceNoticed(follower, clock);
  },
);

Deno.test("followNotifications() pings every 15 s, and stays while the server answers", async () => {
  await using server = await serveSocket((socket) => {
    socket.on("data", (piece: Uint8Array) => {
      if (piece[0] !== 0x89) return;
      socket.write(new Uint8Array([0x8a, 0]));
      socket.write(textFrame({ ActivityNotification: { event: "pinged" } }));
    });
  });
  const clock = new ManualClock();
  await using follower = new Follower(server, clock);
  await follower.next("connected");
  for (let n = 0; n < 8; n++) {
    await clock.asleep(15_000);
    clock.pass(15_000);
    assertEquals((await follower.next("activity")).event, "pinged");
  }
  assert(!follower.told.some(({ kind }) => kind === "disconnected"));
});

Deno.test("followNotifications() answers the pings of a server", async () => {
  const { promise: answered, resolve } = Promise.withResolvers<number>();
  await using server = await serveSocket((socket) => {
    socket.on("data", (piece: Uint8Array) => resolve(piece[0]!));
    socket.write(new Uint8Array([0x89, 1, 65]));
  });
  await using _follower = new Follower(server, new ManualClock());
  assertEquals(await answered, 0x8a);
});

Deno.test("followNotifications() gives up on a handshake that is not answered", async () => {
  await using server = await serveRaw(() => {});
  const clock = new ManualClock();
  await using follower = new Follower(server, clock);
  await clock.asleep(15_000);
  clock.pass(15_000);
  const { reason, retryMs } = await follower.next("disconnected");
  assertEquals([reason, retryMs], ["gave no answer", 750]);
});

Deno.test("followNotifications() tries less and less often while nothing listens, and names no URL", async () => {
  const clock = new ManualClock();
  await using follower = new Follower({ url: refusedUrl(), token: "s3cret" }, clock);
  const waits: number[] = [];
  for (let n = 0; n < 6; n++) {
    const { reason, retryMs } = await follower.next("disconnected");
    assertStringIncludes(reason, "cannot be reached");
    assert(!/http|ws:|s3cret/.test(reason), reason);
    waits.push(retryMs);
    await clock.asleep(retryMs);
    clock.pass(retryMs);
  }
  assertEquals(waits, [750, 1_500, 3_000, 6_000, 12_000, 22_500]);
});

Deno.test("followNotifications() cuts off a server that sends a message without end", async () => {
  await using server = await serveSocket((socket) => {
    socket.write(new Uint8Array([0x81, 127, 0, 0, 0, 1, 0, 0, 0, 0]));
  });
  await using follower = new Follower(server, new ManualClock());
  await follower.next("connected");
  assertEquals(
    (await follower.next("disconnected")).reason,
    "sent a message of more than 4096 KiB",
  );
});

Deno.test("followNotifications() does not take another protocol for a WebSocket", async () => {
  await using server = await serveSocket(() => {}, "no such key");
  await using follower = new Follower(server, new ManualClock());
  assertEquals((await follower.next("disconnected")).reason, "answered 101");
});

Deno.test("followNotifications() keeps the prefix of a reverse proxy and follows no redirect", async () => {
  const tokens: (string | null)[] = [];
  await using server = serve(({ path, headers }) => {
    tokens.push(headers.get("x-plex-token"));
    return Response.redirect(`http://127.0.0.1:9${path}`, 302);
  });
  await using follower = new Follower({ url: `${server.url}/plex/` }, new ManualClock());
  assertEquals((await follower.next("disconnected")).reason, "answered 302");
  assertEquals((await follower.next("disconnected")).reason, "answered 302");
  assertEquals(server.seen.map(({ path }) => path), [
    `/plex${SOCKET}`,
    `/plex${STREAM}?filters=timeline,activity`,
  ]);
  assertEquals(tokens, ["t", "t"]);
});
