import type { IncomingMessage } from "node:http";
import WebSocketOfPackage from "ws";
import {
  type Channel,
  type ChannelEnd,
  type ChannelOptions,
  MAX_MESSAGE_BYTES,
  TOO_LONG,
} from "./channel.ts";

const PATH = "/:/websockets/notifications";

/** What of the package's client is used; it comes without types of its own. */
interface Client {
  ping(): void;
  /** Says that it leaves, then waits for the other side to do the same. */
  close(): void;
  /** Cuts the connection, or the attempt to get one. */
  terminate(): void;
  on(event: "open" | "ping" | "pong", told: () => void): void;
  on(event: "message", told: (data: Uint8Array, isBinary: boolean) => void): void;
  on(event: "upgrade", told: (answer: IncomingMessage) => void): void;
  on(event: "unexpected-response", told: (asked: unknown, answer: IncomingMessage) => void): void;
  on(event: "error", told: (error: NodeJS.ErrnoException) => void): void;
  /** The last event, whatever went before. */
  on(event: "close", told: () => void): void;
}

interface ClientOptions {
  headers: Record<string, string>;
  /** Trusted instead of the system's. */
  ca?: string;
  followRedirects: boolean;
  perMessageDeflate: boolean;
  /** Bytes. */
  maxPayload: number;
  /** How long the other side may take to close as well, in ms. */
  closeTimeout: number;
}

const WebSocketClient: new (url: string, options: ClientOptions) => Client = WebSocketOfPackage;

/** A server that does not say goodbye must not hold up the daemon's end. */
const CLOSE_TIMEOUT_MS = 1_000;

/**
 * Notifications by WebSocket. Deno's own `WebSocket` can send the token as a header, but it has
 * no ping, without which a dead connection to an idle Plex looks like a quiet one, and it tells
 * the status of a refusal in a text only.
 */
export function connectWebSocket(options: ChannelOptions): Channel {
  const { signal } = options;
  const { promise: ended, resolve } = Promise.withResolvers<ChannelEnd>();
  let end: ChannelEnd = { kind: "failed", reason: "cannot be reached" };
  let open = false;
  const client = new WebSocketClient(options.base + PATH, {
    headers: options.headers,
    ...(options.ca === undefined ? {} : { ca: options.ca }),
    // A redirect would carry the token to another host.
    followRedirects: false,
    // A few kilobytes may become as many megabytes, and Plex's messages are small.
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE_BYTES,
    closeTimeout: CLOSE_TIMEOUT_MS,
  });
  const leave = () => client.close();
  client.on("unexpected-response", (_asked, answer) => {
    end = { kind: "refused", status: answer.statusCode ?? 0 };
    client.terminate();
  });
  client.on("upgrade", ({ socket }) => {
    // Until it opens: an upgrade to something else than what was asked for.
    end = { kind: "refused", status: 101 };
    // The package keeps to itself why a connection broke.
    socket.on("error", (error: NodeJS.ErrnoException) => {
      if (open) end = { kind: "lost", reason: `broke the connection (${codeOf(error)})` };
    });
  });
  client.on("open", () => {
    open = true;
    end = { kind: "lost", reason: "closed the connection" };
    options.onOpen();
  });
  const decoder = new TextDecoder();
  client.on("message", (data, isBinary) => {
    options.onHeard();
    if (!isBinary && !signal.aborted) options.onMessage(decoder.decode(data));
  });
  client.on("ping", options.onHeard);
  client.on("pong", options.onHeard);
  client.on("error", (error) => {
    if (open) end = { kind: "lost", reason: breachOf(error) };
    else if (end.kind === "failed") end.reason = `cannot be reached (${codeOf(error)})`;
    client.terminate();
  });
  client.on("close", () => {
    signal.removeEventListener("abort", leave);
    resolve(end);
  });
  signal.addEventListener("abort", leave);
  if (signal.aborted) leave();
  return {
    ping() {
      if (open) client.ping();
    },
    ended,
  };
}

/** How the server broke the protocol or a bound, as a predicate. */
function breachOf(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH":
    case "WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH":
      return `sent a message ${TOO_LONG}`;
    case "WS_ERR_TOO_MANY_BUFFERED_PARTS":
      return "sent a message in too many parts";
    default:
      return `broke the protocol (${codeOf(error)})`;
  }
}

function codeOf(error: NodeJS.ErrnoException): string {
  return error.code ?? error.name;
}
