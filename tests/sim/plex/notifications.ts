/** Who listens, and what they are sent: WebSocket frames and server-sent events. */
import type { ServerResponse } from "node:http";
import type { ServerSocket } from "../websocket.ts";
import type { SimPlexSwitches } from "./switches.ts";
import type { Timers } from "./timers.ts";
import type { Row } from "./wire.ts";

export class NotificationHub {
  #sockets = new Set<ServerSocket>();
  #streams = new Map<ServerResponse, (type: string) => boolean>();

  constructor(private readonly switches: SimPlexSwitches, private readonly timers: Timers) {}

  /** Number of connected listeners of both kinds. */
  get listeners(): number {
    return this.#sockets.size + this.#streams.size;
  }

  /** @param name The array of that type, such as TimelineEntry */
  send(type: string, name: string, entries: Row[]): void {
    if (this.listeners === 0 || this.switches.silentSockets || entries.length === 0) return;
    const frame = JSON.stringify({
      NotificationContainer: { type, size: entries.length, [name]: entries },
    });
    for (const socket of this.#sockets) socket.sendText(frame);
    for (const [stream, wants] of this.#streams) {
      if (!wants(type)) continue;
      // Server-sent events carry one object each, without the container.
      for (const entry of entries) stream.write(event(type, JSON.stringify({ [name]: entry })));
    }
  }

  addSocket(socket: ServerSocket): void {
    this.#sockets.add(socket);
  }

  removeSocket(socket: ServerSocket): void {
    this.#sockets.delete(socket);
  }

  /** Answers with an event stream that lasts until one side ends it. */
  addStream(stream: ServerResponse, filter: string): void {
    stream.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-cache" });
    stream.write(event("ping", "{}"));
    this.#streams.set(stream, eventFilter(filter));
    stream.once("close", () => this.#streams.delete(stream));
    void this.#ping(stream);
  }

  /** Cuts every listener off; nothing is replayed to those that come back. */
  drop(): void {
    for (const socket of this.#sockets) socket.destroy();
    for (const stream of this.#streams.keys()) stream.destroy();
    this.#sockets.clear();
    this.#streams.clear();
  }

  close(): void {
    this.drop();
  }

  async #ping(stream: ServerResponse): Promise<void> {
    while (await this.timers.sleep(this.switches.ssePingMs) && this.#streams.has(stream)) {
      if (!this.switches.silentSockets) stream.write(event("ping", "{}"));
    }
  }
}

function event(type: string, data: string): string {
  return `event: ${type}\ndata: ${data}\n\n`;
}

/** `-log` (the default) is all but logs, `a,b` only those, `-a,b` all but those, "" everything. */
export function eventFilter(filter: string): (type: string) => boolean {
  if (filter === "") return () => true;
  const negative = filter.startsWith("-");
  const named = new Set((negative ? filter.slice(1) : filter).split(","));
  return (type) => named.has(type) !== negative;
}
