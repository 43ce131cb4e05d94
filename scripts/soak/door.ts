/**
 * The door in front of a simulated server: all that the program asks goes through it. It fails on
 * demand, or is shut so that connections are refused, while the server behind keeps its data; and
 * somebody may watch what each request does.
 */
import { Buffer } from "node:buffer";
import {
  Agent,
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { applyFault } from "../../tests/sim/fault_answers.ts";
import { FaultRules } from "../../tests/sim/faults.ts";

/** A request that is no mere question. */
export interface Deed {
  method: string;
  target: string;
  /** Epoch ms, before any delay. */
  arrivedAt: number;
}

/** Called around the effect of each deed. */
export type Watcher = <T>(deed: Deed, effect: () => Promise<T>) => Promise<T>;

/** Another program may have taken the port while the door was shut. */
const REOPEN_TRIES = 50;
const REOPEN_PAUSE_MS = 100;

export class Door {
  readonly #faults = new FaultRules();
  readonly #agent = new Agent({ keepAlive: true });
  readonly #upgraded = new Set<Socket>();
  readonly #spoiledAt: number[] = [];
  #server: Server | null = null;
  #port = 0;
  #working = new Set<Promise<void>>();

  private constructor(
    private readonly behind: number,
    private readonly watch: Watcher | undefined,
  ) {}

  /** @param behind URL of the server */
  static async open(behind: string, watch?: Watcher): Promise<Door> {
    const door = new Door(Number(new URL(behind).port), watch);
    await door.reopen();
    return door;
  }

  /** Without a slash at the end; stays the same. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Rules as in tests/sim/faults.ts; `[]` clears them. */
  setFaults(rules: unknown[]): void {
    this.#faults.replace(rules);
  }

  /** Epoch ms of every spoiled request, and of every time that it was shut or opened, in order. */
  get spoiledAt(): readonly number[] {
    return this.#spoiledAt;
  }

  /** Notes a fault that does not come from a rule. */
  noteSpoiled(): void {
    this.#spoiledAt.push(Date.now());
  }

  /** Connections are refused from now on, open ones are cut. */
  async shut(): Promise<void> {
    const server = this.#server;
    if (server === null) return;
    this.#server = null;
    this.noteSpoiled();
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    for (const socket of this.#upgraded) socket.destroy();
    await closed;
  }

  async reopen(): Promise<void> {
    if (this.#server !== null) return;
    this.noteSpoiled();
    for (let tried = 1;; tried++) {
      try {
        this.#server = await this.#listen();
        return;
      } catch (error) {
        if (tried === REOPEN_TRIES) throw error;
        await new Promise((resolve) => setTimeout(resolve, REOPEN_PAUSE_MS));
      }
    }
  }

  async close(): Promise<void> {
    await this.shut();
    this.#agent.destroy();
    await Promise.allSettled(this.#working);
  }

  async #listen(): Promise<Server> {
    const server = createServer((req, res) => {
      const work = this.#serve(req, res).catch(() => void res.destroy());
      this.#working.add(work);
      void work.finally(() => this.#working.delete(work));
    });
    server.on("upgrade", (req, socket: Socket) => this.#pass(req, socket));
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(this.#port, "127.0.0.1", resolve);
    });
    this.#port = (server.address() as AddressInfo).port;
    return server;
  }

  async #serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const { method = "GET", url: target = "/" } = req;
    const deed = { method, target, arrivedAt: Date.now() };
    const parts: Buffer[] = [];
    for await (const part of req) parts.push(part);
    const ask = () => this.#ask(req, Buffer.concat(parts));
    const asks = method === "GET" || method === "HEAD" || this.watch === undefined;
    // Asked at most once: a fault may want the effect before it shows itself.
    let answer: Promise<IncomingMessage> | undefined;
    const effect = () => answer ??= asks ? ask() : this.watch!(deed, ask);
    const rule = this.#faults.take(method, target);
    if (rule !== undefined) {
      const delaysOnly = rule.status === undefined && !rule.hang && !rule.close && !rule.body;
      if (!delaysOnly) this.noteSpoiled();
      const apply = async () => void (await effect()).resume();
      if (await applyFault(rule, req, res, apply) === "answered") return;
    }
    const inner = await effect();
    if (res.destroyed) return void inner.destroy();
    res.writeHead(inner.statusCode ?? 502, inner.headers);
    await new Promise<void>((resolve) => {
      res.once("close", () => {
        inner.destroy();
        resolve();
      });
      inner.once("error", () => res.destroy());
      inner.pipe(res);
    });
  }

  #ask(req: IncomingMessage, body: Buffer): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const asked = request({
        host: "127.0.0.1",
        port: this.behind,
        method: req.method,
        path: req.url,
        headers: req.headers,
        agent: this.#agent,
      }, resolve);
      asked.once("error", reject);
      asked.end(body);
    });
  }

  /** A WebSocket: byte by byte from here on. */
  #pass(req: IncomingMessage, socket: Socket): void {
    const inner = connect(this.behind, "127.0.0.1");
    for (const end of [socket, inner]) {
      this.#upgraded.add(end);
      end.on("error", () => end.destroy());
      end.once("close", () => {
        this.#upgraded.delete(end);
        socket.destroy();
        inner.destroy();
      });
    }
    const headers = Object.entries(req.headers).map(([name, value]) => `${name}: ${value}\r\n`);
    inner.write(`GET ${req.url} HTTP/1.1\r\n${headers.join("")}\r\n`);
    inner.pipe(socket);
    socket.pipe(inner);
  }
}
