import { baseUrl, type Fetch } from "../../../core/http/bounded_fetch.ts";
import type { PlexEvent } from "./plex_event.ts";
import type { Runtime } from "../../../core/runtime.ts";
import type { ChannelEnd, Connect } from "./channel.ts";
import { connectEventStream } from "./event_stream.ts";
import { readEvents } from "./events.ts";
import { FIRST_TRY, nextTry, type Outcome, type Transport } from "./reconnect.ts";
import { connectWebSocket } from "./websocket.ts";

export type Notification =
  | PlexEvent
  /** From now on events come; what happened before is not told. */
  | { kind: "connected"; transport: Transport }
  /** No events come for `retryMs` at least; `reason` is a predicate of Plex. */
  | { kind: "disconnected"; transport: Transport; reason: string; retryMs: number };

export interface NotificationOptions {
  /** Base URL; a path prefix of a reverse proxy is kept. */
  url: string;
  /** Sent as a header only. */
  token: string;
  /** Stable id of this installation. */
  clientIdentifier: string;
  /** Of plexsync. */
  version: string;
  fetch: Fetch;
  /** Certificates in PEM for the WebSocket; undefined for those of the system. */
  ca?: string | undefined;
  runtime: Runtime;
}

/** How often silence is looked at, and a sign of life asked for. */
const TICK_MS = 15_000;
/** A minute without pong or ping: Plex sends one every 10 to 15 s. */
const SILENT_TICKS = 4;

const CONNECT: Readonly<Record<Transport, Connect>> = {
  "websocket": connectWebSocket,
  "event stream": connectEventStream,
};

/**
 * Tells of all that Plex says by itself until `signal` aborts: by WebSocket, else by
 * server-sent events, else not at all, with a new try every few minutes. Never rejects.
 * `tell` is called at once for each event, so nothing queues up here; it must not throw.
 */
export async function followNotifications(
  options: NotificationOptions,
  tell: (notification: Notification) => void,
  signal: AbortSignal,
): Promise<void> {
  const { runtime } = options;
  let next = FIRST_TRY;
  while (!signal.aborted) {
    const { transport } = next;
    const { outcome, reason } = await holdConnection(transport, options, tell, signal);
    if (signal.aborted) return;
    next = nextTry(next, outcome, runtime.random());
    tell({ kind: "disconnected", transport, reason, retryMs: next.waitMs });
    await runtime.sleep(next.waitMs, signal);
  }
}

/** One connection, from the try to its end. */
async function holdConnection(
  transport: Transport,
  options: NotificationOptions,
  tell: (notification: Notification) => void,
  signal: AbortSignal,
): Promise<{ outcome: Outcome; reason: string }> {
  const giveUp = new AbortController();
  const over = new AbortController();
  let open = false;
  let heard = false;
  let ticks = 0;
  let silentTicks = 0;
  let silence: string | null = null;
  const channel = CONNECT[transport]({
    base: baseUrl(options.url),
    headers: {
      "X-Plex-Token": options.token,
      "X-Plex-Client-Identifier": options.clientIdentifier,
      "X-Plex-Product": "plexsync",
      "X-Plex-Version": options.version,
    },
    fetch: options.fetch,
    ca: options.ca,
    signal: AbortSignal.any([signal, giveUp.signal]),
    onOpen() {
      open = true;
      tell({ kind: "connected", transport });
    },
    onHeard() {
      heard = true;
      silentTicks = 0;
    },
    onMessage(text) {
      for (const event of readEvents(text)) tell(event);
    },
  });
  const ended = channel.ended.finally(() => over.abort());
  // Counted in ticks, not read from the clock, which may be set at any time.
  for (;;) {
    await options.runtime.sleep(TICK_MS, over.signal);
    if (over.signal.aborted) break;
    ticks++;
    if (++silentTicks >= (open ? SILENT_TICKS : 1)) {
      silence = open ? "fell silent" : "gave no answer";
      giveUp.abort();
      break;
    }
    channel.ping();
  }
  const end = await ended;
  return {
    outcome: end.kind === "lost" ? { kind: "lost", lasted: heard && ticks >= 2 } : end,
    reason: silence ?? reasonOf(end),
  };
}

function reasonOf(end: ChannelEnd): string {
  return end.kind === "refused" ? `answered ${end.status}` : end.reason;
}
