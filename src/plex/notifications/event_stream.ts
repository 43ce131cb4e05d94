import {
  type Channel,
  type ChannelEnd,
  type ChannelOptions,
  MAX_MESSAGE_BYTES,
} from "./channel.ts";
import { EventLines, EventTooLongError } from "./event_lines.ts";

const PATH = "/:/eventsource/notifications?filters=timeline,activity";

/**
 * Notifications as server-sent events: plain HTTP, for what does not let WebSockets through.
 * Plex sends a ping every 10 to 15 s by itself (plex-api 12.1).
 */
export function connectEventStream(options: ChannelOptions): Channel {
  return { ping() {}, ended: follow(options) };
}

async function follow(options: ChannelOptions): Promise<ChannelEnd> {
  let answer: Response;
  try {
    answer = await options.fetch(options.base + PATH, {
      headers: { ...options.headers, "Accept": "text/event-stream" },
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
  const lines = new EventLines(MAX_MESSAGE_BYTES);
  const decoder = new TextDecoder();
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return "closed the connection";
      options.onHeard();
      for (const message of lines.push(decoder.decode(value, { stream: true }))) {
        options.onMessage(message);
      }
    }
  } catch (thrown) {
    if (!(thrown instanceof EventTooLongError)) return "broke the connection";
    await reader.cancel();
    return thrown.message;
  }
}
