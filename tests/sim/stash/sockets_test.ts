import { assertEquals } from "@std/assert";
import { FOREVER, withPlugins } from "./plugin_testing.ts";
import type { SimStash } from "./server.ts";
import { ask, raw, withStash } from "./testing.ts";

// deno-lint-ignore no-explicit-any -- a test reads whatever it subscribed to
type Message = any;

/** A WebSocket that collects messages; `until` waits for one. */
async function connect(stash: SimStash, init = true) {
  const url = `${stash.url.replace("http", "ws")}/graphql?apikey=${stash.apiKey}`;
  const socket = new WebSocket(url, "graphql-transport-ws");
  const messages: Message[] = [];
  let look = () => {};
  socket.onmessage = ({ data }) => {
    messages.push(JSON.parse(data));
    look();
  };
  const closed = new Promise<CloseEvent>((resolve) => socket.onclose = resolve);
  await new Promise<void>((resolve, reject) => {
    socket.onopen = () => resolve();
    socket.onerror = () => reject(new Error("no socket"));
  });
  const until = async (wanted: (message: Message) => boolean): Promise<Message> => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const found = new Promise<Message>((resolve, reject) => {
      timer = setTimeout(() => reject(new Error("no such message in 10 s")), 10_000);
      look = () => {
        const message = messages.find(wanted);
        if (message !== undefined) resolve(message);
      };
      look();
    });
    return await found.finally(() => clearTimeout(timer));
  };
  const send = (message: unknown) => socket.send(JSON.stringify(message));
  const subscribe = (id: string, query: string) =>
    send({ id, type: "subscribe", payload: { query } });
  if (init) {
    send({ type: "connection_init" });
    await until(({ type }) => type === "connection_ack");
  }
  return {
    messages,
    closed,
    until,
    send,
    /** Resolves when the server has it: it answers in order. */
    settled: async () => {
      const before = messages.filter(({ type }) => type === "pong").length;
      send({ type: "ping" });
      await until(() => messages.filter(({ type }) => type === "pong").length > before);
    },
    subscribe,
    close: async () => {
      socket.close();
      await closed;
    },
  };
}

Deno.test("jobsSubscribe tells of a job's start, progress and end, and replays nothing", () =>
  withPlugins(
    { p: { script: `printf '\\001p\\0020.5\\n' >&2; ${FOREVER}` } },
    {},
    async (stash) => {
      await stash.runTask("nobody"); // over before anybody listens
      const client = await connect(stash);
      client.subscribe(
        "1",
        "subscription{jobsSubscribe{type job{id status progress description}}}",
      );
      await client.settled();
      const task = stash.runTask("p");
      const event = (message: Message) => message.payload?.data.jobsSubscribe;
      await client.until((message) => event(message)?.job.progress === 0.5);
      stash.stopJob("2");
      await task;
      await client.until((message) => event(message)?.type === "REMOVE");
      const events = client.messages.filter(({ type }) => type === "next").map(event);
      const description = "Running plugin task: p";
      assertEquals(events[0], {
        type: "ADD",
        job: { id: "2", status: "READY", progress: null, description },
      });
      assertEquals(events.slice(1).map(({ type, job }) => `${type} ${job.status}`), [
        "UPDATE RUNNING",
        "UPDATE RUNNING",
        "UPDATE STOPPING",
        "REMOVE CANCELLED",
      ]);
      await client.close();
    },
  ));

Deno.test("scanCompleteSubscribe comes after a scan, covers included, and not after a stopped one", () =>
  withPlugins(
    { p: { script: "case $(cat) in *'\"id\":3,'*) exec sleep 60;; esac" } },
    { scenes: [{}], parallelTasks: 1 },
    async (stash) => {
      const client = await connect(stash);
      client.subscribe("a", "subscription{scanCompleteSubscribe}");
      await client.settled();
      await stash.scan({ files: [{ path: "/a.mp4" }] });
      const first = await client.until(({ type }) => type === "next");
      assertEquals(first, {
        id: "a",
        type: "next",
        payload: { data: { scanCompleteSubscribe: true } },
      });
      const stopped = stash.scan({ files: [{ path: "/b.mp4" }] });
      await stash.until(() => stash.hooksRun().length === 2);
      stash.stopJob(stash.jobs()[0]?.id ?? "");
      assertEquals((await stopped).status, "CANCELLED");
      await client.settled();
      assertEquals(client.messages.filter(({ type }) => type === "next").length, 1);
      await client.close();
    },
  ));

Deno.test("a subscription ends when the client says so, and a query is answered and complete", () =>
  withStash({ scenes: [{}] }, async (stash) => {
    const client = await connect(stash);
    client.subscribe("s", "subscription{loggingSubscribe{level message}}");
    client.subscribe("q", "{findScenes{count}}");
    await client.until(({ id, type }) => id === "q" && type === "complete");
    const data = { findScenes: { count: 1 } };
    assertEquals(client.messages.find(({ type }) => type === "next"), {
      id: "q",
      type: "next",
      payload: { data },
    });
    await stash.runTask("nobody");
    const line = await client.until(({ id, type }) => id === "s" && type === "next");
    assertEquals(line.payload.data.loggingSubscribe, [
      { level: "Error", message: "Error running plugin task: no plugin with ID nobody" },
    ]);
    client.send({ id: "s", type: "complete" });
    await client.until(({ id, type }) => id === "s" && type === "complete");
    await stash.runTask("nobody");
    await client.settled();
    assertEquals(client.messages.filter(({ id, type }) => id === "s" && type === "next").length, 1);
    await client.close();
  }));

Deno.test("a bad query is an error and complete, and the connection lives on", () =>
  withStash({}, async (stash) => {
    const client = await connect(stash);
    client.subscribe("1", "subscription{sceneSubscribe}");
    await client.until(({ type }) => type === "complete");
    const [, error] = client.messages;
    assertEquals([error.type, error.payload[0].extensions.code], [
      "error",
      "GRAPHQL_VALIDATION_FAILED",
    ]);
    await client.settled();
    await client.close();
  }));

Deno.test("dropped sockets are gone without a word, and so are those of a closed server", () =>
  withStash({}, async (stash) => {
    const client = await connect(stash);
    client.subscribe("1", "subscription{jobsSubscribe{type}}");
    await client.settled();
    assertEquals(stash.subscribers(), 1);
    stash.dropSubscribers();
    assertEquals((await client.closed).wasClean, false);
    await stash.until(() => stash.subscribers() === 0);
    const again = await connect(stash);
    await stash.close();
    await again.closed;
  }));

const BROKEN: { when: string; send: unknown }[] = [
  { when: "it subscribes before connection_init", send: { id: "1", type: "subscribe" } },
  { when: "it sends an unknown type", send: { type: "start" } },
  { when: "it sends no type", send: {} },
];
for (const { when, send } of BROKEN) {
  Deno.test(`a client is disconnected when ${when}`, () =>
    withStash({}, async (stash) => {
      const client = await connect(stash, when.includes("type"));
      client.send(send);
      assertEquals((await client.closed).code, 1002);
    }));
}

const UPGRADES: { when: string; path: string; protocol?: string; status: number }[] = [
  { when: "there is no key", path: "/graphql", status: 401 },
  { when: "the key is wrong", path: "/graphql?apikey=stale", status: 401 },
  { when: "the path is another", path: "/socket?apikey=sim-stash-key", status: 404 },
  {
    when: "the older protocol is asked for",
    path: "/graphql?apikey=sim-stash-key",
    protocol: "graphql-ws",
    status: 400,
  },
];
for (const { when, path, protocol = "graphql-transport-ws", status } of UPGRADES) {
  Deno.test(`an upgrade is refused with ${status} when ${when}`, () =>
    withStash({}, async (stash) => {
      const answer = await raw(stash.url + path, {
        headers: {
          Connection: "Upgrade",
          Upgrade: "websocket",
          "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
          "Sec-WebSocket-Version": "13",
          "Sec-WebSocket-Protocol": protocol,
        },
      });
      assertEquals(answer.status, status);
    }));
}

Deno.test("a fault may spoil an upgrade, and a subscription needs one", () =>
  withStash({}, async (stash) => {
    stash.setFaults([{ path: "^/graphql", status: 503, times: 1 }]);
    let failed = false;
    await connect(stash).catch(() => failed = true);
    assertEquals(failed, true);
    const answer = await ask(stash, "subscription{scanCompleteSubscribe}");
    assertEquals(answer.status, 400);
    const note = stash.requests()[0];
    assertEquals([note?.note, note?.status, note?.query], ["WebSocket", 503, "apikey="]);
  }));
