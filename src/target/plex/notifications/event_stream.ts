import { createParser } from "eventsource-parser";
import {
  type Channel,
  type ChannelEnd,
  type ChannelOptions,
  MAX_MESSAGE_BYTES,
  TOO_LONG,
} from "./channel.ts";

const PATH = "/:/eventsource/notifications?filters=timeline,activity";

/**
 * Notifications as server-sent events: plain HTTP, for what does not let WebSockets through.
 * Plex sends a ping every 10 to 15 s by itself.
 */
export function connectEventStream(options: ChannelOptions): Channel {
  return { ping() {}, ended: follow(options) };
}

async function follow(options: ChannelOptions): Promise<ChannelEnd> {
  let answer: Response;
  try {
    answer = await options.fetch(options.base + PATH, {
      headers: {
        ...options.headers,
        "Accept": "text/event-stream",
        "Accept-Encoding": "identity",
      },
      // Redirects would carry the token to another host.
      redirect: "manual",
      signal: options.signal,
    });
  } catch {
    // Deno's own text quotes the URL.
    return { kind: "failed", reason: "cannot be reached" };
  }
  const type = answer.headers.get("content-type") ?? "";
  if (answer.status !== 200 || !type.startsWith("text/event-stream") || answer.body === null) {
    await answer.body?.cancel();
    return { kind: "refused", status: answer.status };
  }
  options.onOpen();
  return { kind: "lost", reason: await read(answer.body, options) };
}

/** @returns why it ended */
async function read(body: ReadableStream<Uint8Array>, options: ChannelOptions): Promise<string> {
  let isTooLong = false;
  const parser = createParser({
    // In characters, which are a byte each in nearly all that Plex sends.
    maxBufferSize: MAX_MESSAGE_BYTES,
    onEvent({ event, data }) {
      if (event !== "ping") options.onMessage(data);
    },
    onError({ type }) {
      isTooLong ||= type === "max-buffer-size-exceeded";
    },
  });
  const decoder = new TextDecoder();
  const reader = body.getReader();
  while (!isTooLong) {
    // It rejects when the connection breaks, or is given up.
    const piece = await reader.read().catch(() => null);
    if (piece === null) return "broke the connection";
    if (piece.done) return "closed the connection";
    options.onHeard();
    parser.feed(decoder.decode(piece.value, { stream: true }));
  }
  await reader.cancel();
  return `sent an event ${TOO_LONG}`;
}
