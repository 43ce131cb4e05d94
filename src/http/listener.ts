import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, createConnection, type Socket } from "node:net";
import type { Address } from "../core/http/listen_address.ts";
import type { Runtime } from "../core/runtime.ts";
import { isStreamed } from "./answer.ts";
import { bodyOf } from "./request_body.ts";

/** A request, its body not read yet. */
export interface Asked {
  method: string;
  /** Without the query; "" for what is no path. */
  path: string;
  query: URLSearchParams;
  headers: Headers;
  body: ReadableStream<Uint8Array>;
  /** Address at the other end of the connection; null on a Unix socket. */
  peer: string | null;
}

/** What a client may hold. Times in ms. */
export interface Limits {
  /** Until the head of a request is whole, from the connection on. */
  headMs: number;
  /** Until the whole request is there; the time for a body alone is shorter. */
  requestMs: number;
  /** A connection on which nothing more is asked. */
  idleMs: number;
  /** How often these are looked at. */
  checkMs: number;
  /** Until an answer is taken, unless it comes bit by bit. */
  answerMs: number;
  /**
   * Each takes a handle, of which a process may have few. Of more the oldest is closed on which
   * nothing is under way.
   */
  connections: number;
}

const LIMITS: Limits = {
  headMs: 10_000,
  requestMs: 40_000,
  idleMs: 5_000,
  checkMs: 1_000,
  answerMs: 60_000,
  connections: 64,
};

/**
 * Connections that the system holds ready. All of them may be taken in at once before the first one
 * too many is closed, and once the handles are used up, no other is ever taken in again.
 */
const BACKLOG = 16;
/** Answers that nobody takes are held in memory. Browsers ask for nothing more until one is there. */
const UNTAKEN = 16;
/** A connection of our own is taken in at once, unless the process is busy. */
const HEARS_MS = 5_000;
/** What is on the way when an answer is sent early may arrive, so that the answer is read. */
const LINGER_MS = 500;
/** What is on the way when it ends may arrive, and be answered. */
const LAST_MS = 50;
/** Who was answered may take so long to read it. */
const END_MS = 2_000;

/** What is under way on a connection. */
interface UnderWay {
  /** Requests that are not answered yet. */
  asked: number;
  /**
   * Those and the ones whose answer is not taken yet: what tells each that the connection is gone.
   * Of an answer that waits behind another one nothing else does.
   */
  untaken: Set<() => void>;
}

/** An address of the network, or the path of a Unix socket. */
export type Place = Address | { path: string };

/**
 * A listening socket that speaks HTTP and bounds what an unknown client can hold: time, handles and
 * memory. Deno's own server has none of these bounds.
 */
export class Listener {
  readonly #answering = new Set<Promise<void>>();
  /** All connections, the oldest first. */
  readonly #connections = new Map<Socket, UnderWay>();
  /** The runtime tells of each connection; before Deno 2.8 it did not. */
  #areTold = false;
  #isEnding = false;
  #shutting: Promise<void> | null = null;
  /** It is certain where it listens: what comes by another way is not answered. */
  #isOpen = false;
  /** null for a Unix socket. */
  #port: number | null = null;
  /** By which it asks itself; nobody else knows it. */
  readonly #probePath = `/${crypto.randomUUID()}`;

  private constructor(
    private readonly server: Server,
    private readonly runtime: Pick<Runtime, "sleep">,
    private readonly place: Place,
    private readonly limits: Limits,
  ) {
    // Without anybody who hears it, it would end the process.
    server.on("error", () => {});
    server.on("connection", (socket: Socket) => {
      this.#areTold = true;
      this.#takeIn(socket);
    });
  }

  /**
   * @param answer Never rejects
   * @throws {Error} it cannot listen there
   */
  static async open(
    place: Place,
    runtime: Pick<Runtime, "sleep">,
    answer: (asked: Asked) => Promise<Response>,
    limits = LIMITS,
  ): Promise<Listener> {
    const server = createServer({
      headersTimeout: limits.headMs,
      requestTimeout: limits.requestMs,
      keepAliveTimeout: limits.idleMs,
      connectionsCheckingInterval: limits.checkMs,
    });
    const listener = new Listener(server, runtime, place, limits);
    server.on("request", (message: IncomingMessage, response: ServerResponse) => {
      if (!listener.#isOpen) return void response.destroy();
      if (message.url === listener.#probePath) return void response.writeHead(204).end();
      // What cannot be answered ends with its connection, and never with the daemon.
      const sent = listener.#serve(message, response, answer)
        .catch(() => void response.destroy())
        .finally(() => listener.#answering.delete(sent));
      listener.#answering.add(sent);
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      // Before Deno 2.8 a path is passed over, and without a host all the network could come in.
      const where = "path" in place
        ? { path: place.path, host: "127.0.0.1" }
        : { port: place.port, host: place.hostname };
      server.listen({ ...where, backlog: BACKLOG }, () => {
        server.off("error", reject);
        resolve();
      });
    });
    if (("path" in place) !== (typeof server.address() === "string")) {
      await listener.close();
      throw new Error("this runtime has no HTTP on Unix sockets");
    }
    listener.#port = (server.address() as AddressInfo).port ?? null;
    listener.#isOpen = true;
    return listener;
  }

  /** null for a Unix socket. */
  get port(): number | null {
    return this.#port;
  }

  /**
   * Whether somebody who connects is taken in: asks itself, and takes any answer for one, also that
   * it has too many connections. True as well when it cannot be told, since there is no handle left
   * to connect by.
   */
  async hears(stop: AbortSignal): Promise<boolean> {
    const { place } = this;
    if (stop.aborted) return true;
    const over = new AbortController();
    const end = () => over.abort();
    stop.addEventListener("abort", end);
    let isHeard: boolean | null = null;
    const tell = (heard: boolean) => {
      isHeard ??= heard;
      over.abort();
    };
    const probe = createConnection(
      "path" in place ? { path: place.path } : { host: place.hostname, port: this.#port! },
    );
    probe.on("error", (error: NodeJS.ErrnoException) => {
      tell(error.code !== "ECONNREFUSED" && error.code !== "ENOENT");
    });
    probe.on("data", () => tell(true)).on("close", () => tell(true));
    probe.write(`GET ${this.#probePath} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
    await this.runtime.sleep(HEARS_MS, over.signal);
    stop.removeEventListener("abort", end);
    probe.destroy();
    return isHeard ?? stop.aborted;
  }

  /** Listens no more; what was asked is answered. */
  letGo(): void {
    void this.#shut();
  }

  /** Resolves when all that was asked so far is answered. */
  async answered(): Promise<void> {
    await Promise.allSettled(this.#answering);
  }

  /**
   * What comes is answered for a moment still, and told that its connection ends; then nothing is
   * taken in any more, and who takes an answer gets his time. Never rejects.
   */
  async end(): Promise<void> {
    this.#isEnding = true;
    // To be cut off says nothing of whether it was done.
    if (this.#connections.size > 0) await this.runtime.sleep(LAST_MS);
    const over = new AbortController();
    this.#shut().then(() => over.abort());
    for (const [socket, underWay] of this.#connections) {
      if (underWay.untaken.size === 0) socket.destroy();
    }
    await this.runtime.sleep(END_MS, over.signal);
    await this.close();
  }

  /** Cuts all connections; never rejects. */
  async close(): Promise<void> {
    const closed = this.#shut();
    this.server.closeAllConnections();
    await closed;
  }

  /** Resolves when no connection is left. Asked for twice, a server may never say so. */
  #shut(): Promise<void> {
    return this.#shutting ??= new Promise((resolve) => this.server.close(() => resolve()));
  }

  /**
   * Whoever asks at once finds a place, however many others hold one and ask nothing, or take no
   * answer: the oldest of those goes.
   */
  #takeIn(socket: Socket): void {
    const connections = this.#connections;
    if (connections.size >= this.limits.connections) {
      const oldest = [...connections].find(([, { asked }]) => asked === 0)?.[0] ?? socket;
      oldest.destroy();
      connections.delete(oldest);
      if (oldest === socket) return;
    }
    const underWay = { asked: 0, untaken: new Set<() => void>() };
    connections.set(socket, underWay);
    socket.once("close", () => {
      connections.delete(socket);
      for (const tell of underWay.untaken) tell();
    });
  }

  async #serve(
    message: IncomingMessage,
    response: ServerResponse,
    answer: (asked: Asked) => Promise<Response>,
  ): Promise<void> {
    // Else each request has one of its own.
    if (!this.#areTold) this.#takeIn(message.socket);
    const underWay = this.#connections.get(message.socket);
    if (underWay === undefined || underWay.untaken.size >= UNTAKEN) {
      return void message.socket.destroy();
    }
    const { promise: gone, resolve: tell } = Promise.withResolvers<void>();
    response.once("close", tell);
    underWay.asked++;
    underWay.untaken.add(tell);
    let isAnswered = false;
    const answered = () => {
      if (!isAnswered) underWay.asked--;
      isAnswered = true;
    };
    try {
      await this.#send(message, response, answer, answered, gone);
    } finally {
      answered();
      underWay.untaken.delete(tell);
    }
  }

  /**
   * @param answered Called when nothing but the taking of the answer is left
   * @param gone Resolves when it is taken, or whoever asked has gone
   */
  async #send(
    message: IncomingMessage,
    response: ServerResponse,
    answer: (asked: Asked) => Promise<Response>,
    answered: () => void,
    gone: Promise<void>,
  ): Promise<void> {
    const headers = new Headers();
    // Names and values by turns.
    const raw = message.rawHeaders;
    for (let at = 0; at + 1 < raw.length; at += 2) headers.append(raw[at]!, raw[at + 1]!);
    const url = URL.parse(message.url ?? "", "http://listener");
    const whole = await answer({
      method: message.method ?? "",
      path: url?.pathname ?? "",
      query: url?.searchParams ?? new URLSearchParams(),
      headers,
      body: bodyOf(message),
      peer: message.socket.remoteAddress ?? null,
    });
    const { status, headers: sent, body } = whole;
    if (isStreamed(whole) && body !== null) {
      response.writeHead(status, { ...Object.fromEntries(sent), connection: "close" });
      return await sendParts(body, response, gone);
    }
    const bytes = body === null ? new Uint8Array() : await new Response(body).bytes();
    const isRead = message.complete;
    response.writeHead(status, {
      ...Object.fromEntries(sent),
      "content-length": String(bytes.length),
      // What is left of the request would be taken for the next one.
      ...(isRead && !this.#isEnding ? {} : { connection: "close" }),
    });
    response.end(message.method === "HEAD" ? undefined : bytes);
    answered();
    const over = new AbortController();
    gone.then(() => over.abort());
    if (!isRead) message.resume();
    await this.runtime.sleep(isRead ? this.limits.answerMs : LINGER_MS, over.signal);
    if (!isRead || !over.signal.aborted) message.socket.destroy();
  }
}

/** Sends a body as it comes, as fast as it is taken; who has gone is told to the body. */
async function sendParts(
  body: ReadableStream<Uint8Array>,
  response: ServerResponse,
  gone: Promise<void>,
): Promise<void> {
  const reader = body.getReader();
  gone.then(() => reader.cancel()).catch(() => {});
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      if (response.write(value)) continue;
      const taken = new Promise<void>((resolve) => response.once("drain", resolve));
      await Promise.race([taken, gone]);
    }
    response.end();
    await gone;
  } catch {
    // Whoever asked takes too little of it: cut off, it is not taken for whole.
    response.destroy();
  }
}
