import type { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import http, { type IncomingMessage } from "node:http";
import https from "node:https";
import type { Socket } from "node:net";
import {
  type Channel,
  type ChannelEnd,
  type ChannelOptions,
  MAX_MESSAGE_BYTES,
} from "./channel.ts";
import { controlFrame, FrameError, FrameReader, OPCODE } from "./frames.ts";

const PATH = "/:/websockets/notifications";
const ACCEPT_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const NO_BYTES = new Uint8Array();

/**
 * Notifications by WebSocket. Deno's own `WebSocket` can send the token as a header, but it has
 * no ping, without which a dead connection to an idle Plex looks like a quiet one (plex-api
 * 12.1), and it tells the status of a refusal in a text only. Node's upgrade gives both.
 */
export function connectWebSocket(options: ChannelOptions): Channel {
  const { promise: ended, resolve } = Promise.withResolvers<ChannelEnd>();
  let socket: Socket | undefined;
  const url = new URL(options.base + PATH);
  const key = randomBytes(16).toBase64();
  const request = (url.protocol === "https:" ? https : http).request(url, {
    // A connection of its own: it leaves HTTP, and nobody else can use it afterwards.
    agent: false,
    headers: {
      ...options.headers,
      "Connection": "Upgrade",
      "Upgrade": "websocket",
      "Sec-WebSocket-Key": key,
      "Sec-WebSocket-Version": "13",
    },
  });
  const cancel = () => void request.destroy();
  options.signal.addEventListener("abort", cancel);
  void ended.then(() => options.signal.removeEventListener("abort", cancel));
  request.on("error", (error: NodeJS.ErrnoException) => {
    resolve({ kind: "failed", reason: `cannot be reached (${error.code ?? error.name})` });
  });
  request.on("response", (answer) => {
    request.destroy();
    resolve({ kind: "refused", status: answer.statusCode ?? 0 });
  });
  request.on("upgrade", (answer: IncomingMessage, upgraded: Socket, head: Buffer) => {
    options.signal.removeEventListener("abort", cancel);
    if (answer.headers["sec-websocket-accept"] !== acceptOf(key)) {
      upgraded.destroy();
      resolve({ kind: "refused", status: 101 });
      return;
    }
    socket = upgraded;
    void talk(upgraded, head, options).then((reason) => resolve({ kind: "lost", reason }));
  });
  request.end();
  return {
    ping: () => void socket?.write(controlFrame(OPCODE.ping, NO_BYTES, randomBytes(4))),
    ended,
  };
}

/** @returns why it ended, once the connection is closed */
function talk(socket: Socket, head: Buffer, options: ChannelOptions): Promise<string> {
  const reader = new FrameReader(MAX_MESSAGE_BYTES);
  const decoder = new TextDecoder();
  let reason = "closed the connection";
  const control = (opcode: number, payload: Uint8Array) =>
    controlFrame(opcode, payload, randomBytes(4));
  const leave = () => {
    // Said first, because some servers keep a connection that was only half closed.
    socket.end(control(OPCODE.close, NO_BYTES), () => socket.destroy());
  };
  const read = (piece: Uint8Array) => {
    options.onHeard();
    for (const { opcode, payload } of reader.push(piece)) {
      if (opcode === OPCODE.text) options.onMessage(decoder.decode(payload));
      else if (opcode === OPCODE.ping) socket.write(control(OPCODE.pong, payload));
      else if (opcode === OPCODE.close) leave();
    }
  };
  const receive = (piece: Uint8Array) => {
    try {
      read(piece);
    } catch (thrown) {
      if (!(thrown instanceof FrameError)) throw thrown;
      reason = thrown.message;
      socket.destroy();
    }
  };
  return new Promise((resolve) => {
    socket.on("data", receive);
    socket.on("end", () => socket.destroy());
    socket.on("error", (error: NodeJS.ErrnoException) => {
      reason = `broke the connection (${error.code ?? error.name})`;
    });
    socket.on("close", () => {
      options.signal.removeEventListener("abort", leave);
      resolve(reason);
    });
    options.signal.addEventListener("abort", leave);
    options.onOpen();
    if (options.signal.aborted) leave();
    else if (head.length > 0) receive(head);
  });
}

function acceptOf(key: string): string {
  return createHash("sha1").update(key + ACCEPT_GUID).digest("base64");
}

function randomBytes(count: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(count));
}
