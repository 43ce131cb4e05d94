import type { IncomingHttpHeaders } from "node:http";
import type { Socket } from "node:net";
import { assert, assertEquals } from "@std/assert";
import {
  type ChannelEnd,
  type Connect,
  MAX_MESSAGE_BYTES,
} from "../../../src/target/plex/notifications/channel.ts";
import { connectEventStream } from "../../../src/target/plex/notifications/event_stream.ts";
import { connectWebSocket } from "../../../src/target/plex/notifications/websocket.ts";
import type { Fetch } from "../../../src/core/http/bounded_fetch.ts";
import { serve } from "./stub_server.ts";
import { OPCODE, serverFrame, serveSocket } from "./websocket_server.ts";

/** One connection of a test, and what it told. */
class Connection implements AsyncDisposable {
  readonly messages: string[] = [];
  /** Resolves with the first sign of life. */
  readonly heard = Promise.withResolvers<void>();
  readonly opened = Promise.withResolvers<void>();
  readonly ended: Promise<ChannelEnd>;
  readonly ping: () => void;
  readonly #leaving = new AbortController();

  constructor(connect: Connect, base: string, by: Fetch = fetch) {
    const channel = connect({
      base,
      headers: { "X-Plex-Token": "t" },
      fetch: by,
      signal: this.#leaving.signal,
      onOpen: () => this.opened.resolve(),
      onHeard: () => this.heard.resolve(),
      onMessage: (text) => void this.messages.push(text),
    });
    this.ended = channel.ended;
    this.ping = () => channel.ping();
  }

  async [Symbol.asyncDispose]() {
    this.#leaving.abort();
    await this.ended;
  }
}

/** What a client hears from a server that sends `pieces` and closes. */
async function heardOf(pieces: readonly Uint8Array[]): Promise<[string[], ChannelEnd]> {
  await using server = await serveSocket((socket) => void sendAll(socket, pieces));
  await using connection = new Connection(connectWebSocket, server.url);
  const end = await connection.ended;
  return [connection.messages, end];
}

/** Each piece by itself, so that the network brings them as they are. */
async function sendAll(socket: Socket, pieces: readonly Uint8Array[]): Promise<void> {
  socket.setNoDelay(true);
  for (const piece of pieces) {
    await new Promise<void>((sent) => socket.write(piece, () => sent()));
  }
  socket.end();
}

/** What would never come fails the test instead of holding it up. */
async function within<T>(promise: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error("it did not come within 10 s")), 10_000);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

const CLOSED: ChannelEnd = { kind: "lost", reason: "closed the connection" };

for (const length of [0, 1, 125, 126, 65_535, 65_536, MAX_MESSAGE_BYTES]) {
  Deno.test(`connectWebSocket() hears a message of ${length} bytes`, async () => {
    const text = "a".repeat(length);
    assertEquals(await heardOf([serverFrame(OPCODE.text, text)]), [[text], CLOSED]);
  });
}

Deno.test("connectWebSocket() puts messages together however the network cut them", async () => {
  const whole = new Uint8Array([
    ...serverFrame(OPCODE.text, "first"),
    ...serverFrame(OPCODE.text, "x".repeat(130), false),
    ...serverFrame(OPCODE.ping, "p"),
    ...serverFrame(OPCODE.continuation, "end"),
    ...serverFrame(OPCODE.binary, "no text"),
  ]);
  const want: [string[], ChannelEnd] = [["first", "x".repeat(130) + "end"], CLOSED];
  for (let cut = 1; cut < whole.length; cut++) {
    const got = await heardOf([whole.subarray(0, cut), whole.subarray(cut)]);
    assertEquals(got, want, `cut at ${cut}`);
  }
  assertEquals(await heardOf([...whole].map((byte) => new Uint8Array([byte]))), want);
});

const hostile: { what: string; pieces: Uint8Array[]; reason: string }[] = [
  {
    what: "a message beyond the bound, before it has come",
    pieces: [new Uint8Array([0x81, 127, 0, 0, 0, 0, 0, 0x40, 0, 1])],
    reason: "sent a message of more than 4096 KiB",
  },
  {
    what: "parts that are beyond the bound together",
    pieces: [
      serverFrame(OPCODE.text, "x".repeat(MAX_MESSAGE_BYTES), false),
      serverFrame(OPCODE.continuation, "x"),
    ],
    reason: "sent a message of more than 4096 KiB",
  },
  {
    what: "a length that no number holds",
    pieces: [new Uint8Array([0x81, 127, ...Array(8).fill(255)])],
    reason: "sent a message of more than 4096 KiB",
  },
  {
    what: "parts without end that hold nothing",
    pieces: [
      new Uint8Array([
        ...serverFrame(OPCODE.text, "", false),
        ...Array(20_000).fill([...serverFrame(OPCODE.continuation, "", false)]).flat(),
      ]),
    ],
    reason: "sent a message in too many parts",
  },
  {
    what: "a masked frame",
    pieces: [new Uint8Array([0x81, 0x81, 1, 2, 3, 4, 5])],
    reason: "broke the protocol (WS_ERR_UNEXPECTED_MASK)",
  },
  {
    what: "a compressed frame, which was not agreed on",
    pieces: [new Uint8Array([0xc1, 1, 65])],
    reason: "broke the protocol (WS_ERR_UNEXPECTED_RSV_1)",
  },
  {
    what: "a frame of another extension",
    pieces: [new Uint8Array([0xa1, 1, 65])],
    reason: "broke the protocol (WS_ERR_UNEXPECTED_RSV_2_3)",
  },
  {
    what: "a control frame that is too long",
    pieces: [serverFrame(OPCODE.ping, "x".repeat(126))],
    reason: "broke the protocol (WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH)",
  },
];

for (const { what, pieces, reason } of hostile) {
  Deno.test(`connectWebSocket() cuts off a server that sends ${what}`, async () => {
    await using server = await serveSocket((socket) => {
      // It says nothing more, and does not close: the client has to.
      for (const piece of pieces) socket.write(piece);
    });
    await using connection = new Connection(connectWebSocket, server.url);
    assertEquals(await within(connection.ended), { kind: "lost", reason });
    assertEquals(connection.messages, []);
  });
}

Deno.test("connectWebSocket() sends the token in a header, and offers no compression", async () => {
  const asked = Promise.withResolvers<IncomingHttpHeaders>();
  await using server = await serveSocket((_socket, { headers }) => asked.resolve(headers));
  await using _connection = new Connection(connectWebSocket, server.url);
  const headers = await asked.promise;
  assertEquals([headers["x-plex-token"], headers["sec-websocket-extensions"]], ["t", undefined]);
});

for (const [what, opcode] of [["ping", OPCODE.ping], ["pong", OPCODE.pong]] as const) {
  Deno.test(`connectWebSocket() takes a ${what} for a sign of life`, async () => {
    await using server = await serveSocket((socket) => void socket.write(serverFrame(opcode, "")));
    await using connection = new Connection(connectWebSocket, server.url);
    await within(connection.heard.promise);
    assertEquals(connection.messages, []);
  });
}

Deno.test("connectWebSocket() masks what it sends, and says goodbye", async () => {
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  const sent: number[] = [];
  await using server = await serveSocket((socket) => {
    socket.write(serverFrame(OPCODE.ping, "abc"));
    socket.on("data", (piece: Uint8Array) => {
      sent.push(...piece);
      if (sent.length >= 9) resolve();
      if (sent.length >= 9 + 6) socket.end();
    });
  });
  const connection = new Connection(connectWebSocket, server.url);
  await asked;
  const [head, length, ...rest] = sent;
  assertEquals([head, length], [0x8a, 0x83]);
  const clear = rest.slice(4, 7).map((byte, i) => byte ^ rest[i]!);
  assertEquals(new TextDecoder().decode(new Uint8Array(clear)), "abc");
  await connection[Symbol.asyncDispose]();
  assertEquals(sent.slice(9, 11), [0x88, 0x80]);
});

Deno.test("connectWebSocket() leaves a server that does not say goodbye", async () => {
  await using server = await serveSocket((socket) => void socket.resume());
  const connection = new Connection(connectWebSocket, server.url);
  await connection.opened.promise;
  await within(connection[Symbol.asyncDispose]());
  assertEquals((await connection.ended).kind, "lost");
});

Deno.test("connectWebSocket() tells a connection that broke from one that was closed", async () => {
  await using server = await serveSocket((socket) => {
    socket.write(serverFrame(OPCODE.text, "a"));
    socket.on("data", () => socket.resetAndDestroy());
  });
  await using connection = new Connection(connectWebSocket, server.url);
  await connection.heard.promise;
  connection.ping();
  assertEquals(await connection.ended, {
    kind: "lost",
    reason: "broke the connection (ECONNRESET)",
  });
});

const STREAM = "event: ping\ndata: {}\n\n" +
  ': a comment\nevent: timeline\ndata: {"a":1}\n\n' +
  'event: activity\r\nid: 7\r\ndata:{"b":\r\ndata: 2}\r\n\r\n' +
  "event: empty\n\n" +
  'data: {"c":3}\n\n';

Deno.test("connectEventStream() hears the messages however the network cut them", async () => {
  for (let cut = 1; cut < STREAM.length; cut++) {
    const pieces = [STREAM.slice(0, cut), STREAM.slice(cut)];
    const body = ReadableStream.from(pieces).pipeThrough(new TextEncoderStream());
    const answer = new Response(body, { headers: { "content-type": "text/event-stream" } });
    await using connection = new Connection(
      connectEventStream,
      "http://plex",
      () => Promise.resolve(answer),
    );
    assertEquals(await connection.ended, CLOSED);
    assertEquals(connection.messages, ['{"a":1}', '{"b":\n2}', '{"c":3}'], `cut at ${cut}`);
  }
});

for (const line of ["data: " + "x".repeat(65_536), "data: " + "x".repeat(65_536) + "\n"]) {
  const what = line.endsWith("\n") ? "of lines" : "of one line";
  Deno.test(`connectEventStream() cuts off a server that sends an event ${what} without end`, async () => {
    let sent = 0;
    let isOver = false;
    await using server = serve(() =>
      new Response(
        new ReadableStream({
          pull(controller) {
            sent += line.length;
            controller.enqueue(new TextEncoder().encode(line));
          },
          cancel: () => void (isOver = true),
        }),
        { headers: { "content-type": "text/event-stream" } },
      )
    );
    await using connection = new Connection(connectEventStream, server.url);
    const end = await connection.ended;
    assertEquals(end, { kind: "lost", reason: "sent an event of more than 4096 KiB" });
    assertEquals(connection.messages, []);
    assert(sent < 4 * MAX_MESSAGE_BYTES, `${sent} bytes were taken`);
    while (!isOver) await new Promise((resolve) => setTimeout(resolve));
  });
}
