/** The HTTP listener over a real store, with a worker that only notes that it was woken. */
import type { Config } from "../../src/config/config.ts";
import { sleep } from "../../src/app/world.ts";
import { filesOf } from "../../src/app/data/data_files.ts";
import { RecentLines } from "../../src/log/recent_lines.ts";
import type { Log } from "../../src/log/logger.ts";
import type { Door, Entrance } from "../../src/http/entrance.ts";
import { HttpServer } from "../../src/http/http_server.ts";
import { Reception } from "../../src/http/reception.ts";
import { readAddress } from "../../src/core/http/listen_address.ts";
import { Page } from "../../src/http/page/page.tsx";
import { ProxyTrust } from "../../src/http/proxy_trust.ts";
import type { Runtime } from "../../src/core/runtime.ts";
import { documentsOf } from "../../src/plugin/plugin_face.ts";
import type { Store } from "../../src/store/store.ts";
import { load } from "../config/harness.ts";
import { collect } from "../log/harness.ts";
import { openTestStore, TempFolder } from "../store/temp_store.ts";
import { targetsOf } from "../../src/app/targets.ts";

export const TOKEN = "canary-listen-token-4711";
export const PLEX_TOKEN = "canary-plex-token-0815";

/** A request as a client writes it. */
export interface Sent {
  method?: string;
  headers?: Readonly<Record<string, string | undefined>>;
  body?: BodyInit;
}

export interface Got {
  status: number;
  headers: Headers;
  text: string;
  // deno-lint-ignore no-explicit-any -- a test reads what it expects; a wrong shape fails it
  json: any;
}

export class HttpRig implements AsyncDisposable {
  readonly worker = { turnedAt: Date.now(), woken: 0, wake: () => void this.worker.woken++ };
  readonly lines: string[];
  readonly log: Log;
  #server: HttpServer | null = null;
  #entrance: Entrance | null = null;
  readonly #reception: Reception;
  /** Added to the clock. */
  aheadMs = 0;
  /** Waits end at once. */
  hurry = false;
  #closed = false;
  /** What the page answers to. */
  readonly routes: Page["routes"];
  readonly #open: () => Promise<void>;

  private constructor(
    readonly folder: TempFolder,
    readonly store: Store,
    config: Config,
  ) {
    const { obfuscatePaths } = config;
    const recent = new RecentLines();
    const { log, lines } = collect({ secrets: [TOKEN, PLEX_TOKEN], obfuscatePaths, recent });
    this.log = log;
    this.lines = lines;
    const runtime: Runtime = {
      now: () => Date.now() + this.aheadMs,
      random: Math.random,
      sleep: (ms, signal) => this.#sleep(ms, signal),
    };
    const targets = targetsOf(config);
    const installation = { config, files: filesOf(folder.path), store, targets, log, runtime };
    const documents = documentsOf({
      ...installation,
      recent,
      loaded: load(),
      pluginSettings: {},
      pid: 1,
      nativeLibrary: undefined,
      unread: null,
      [Symbol.dispose]() {},
    }, installation);
    const loaded = load({ env: { PLEXSYNC_PLEX_TOKEN: PLEX_TOKEN } });
    const parts = { ...installation, recent, loaded, documents, worker: this.worker };
    const refuse = () => {
      throw new Error("it is only asked for its routes");
    };
    this.routes = new Page({ ...parts, proxy: new ProxyTrust(null), openedAt: 0, refuse }).routes;
    this.#reception = new Reception(runtime, () => Promise.resolve());
    this.#open = async () => {
      const address = readAddress(config.listen ?? "127.0.0.1:0");
      const door: Door = { kind: "address", address };
      this.#entrance = await this.#reception.at(door);
      this.#server = new HttpServer(parts, door, this.#entrance);
    };
  }

  static async open(config: Partial<Config> = {}): Promise<HttpRig> {
    const folder = new TempFolder();
    const store = await openTestStore(filesOf(folder.path).database, "builtin");
    const defaults = load().config;
    const own = { listenToken: TOKEN, plexToken: PLEX_TOKEN };
    try {
      const rig = new HttpRig(folder, store, { ...defaults, ...own, ...config });
      await rig.#open();
      return rig;
    } catch (error) {
      store.close();
      folder[Symbol.dispose]();
      throw error;
    }
  }

  get port(): number {
    return Number(this.#entrance!.place.split(":").at(-1));
  }

  /** Sends it to 127.0.0.1, with the token and as JSON unless its headers say otherwise. */
  async send(path: string, { method = "POST", headers = {}, body }: Sent = {}): Promise<Got> {
    const own = { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" };
    const given = Object.entries({ ...own, ...headers }).filter(([, value]) => value !== undefined);
    const answer = await fetch(`http://127.0.0.1:${this.port}${path}`, {
      method,
      headers: given as [string, string][],
      body: body ?? null,
    });
    const text = await answer.text();
    const isJson = answer.headers.get("content-type") === "application/json" && text !== "";
    return {
      status: answer.status,
      headers: answer.headers,
      text,
      json: isJson ? JSON.parse(text) : null,
    };
  }

  /** Without a token: what anybody can ask. */
  get(path: string, headers: Sent["headers"] = {}): Promise<Got> {
    return this.send(path, {
      method: "GET",
      headers: { authorization: undefined, "content-type": undefined, ...headers },
    });
  }

  /** Sends the text as it is, and gives the answer. */
  async raw(text: string): Promise<string> {
    using connection = await this.connect(text);
    return await readAnswer(connection);
  }

  /** A connection on which the text was sent. */
  async connect(text: string): Promise<Deno.TcpConn> {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port: this.port });
    const bytes = new TextEncoder().encode(text);
    for (let at = 0; at < bytes.length; at += await connection.write(bytes.subarray(at)));
    return connection;
  }

  /** Ids of the scenes that have a job. */
  queued(): string[] {
    return this.store.queue.list(1_000).map((job) => job.scene_id);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#server!.close(0);
    await this.#reception.close();
  }

  #sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return this.hurry ? sleep(1, signal) : sleep(ms, signal);
  }

  async [Symbol.asyncDispose]() {
    await this.close();
    this.store.close();
    this.folder[Symbol.dispose]();
  }
}

/** One answer, or what comes of it until the other side closes or resets. */
export async function readAnswer(connection: Deno.TcpConn): Promise<string> {
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(65_536);
  let text = "";
  try {
    while (!isWhole(text)) {
      const count = await connection.read(buffer);
      if (count === null) break;
      text += decoder.decode(buffer.subarray(0, count), { stream: true });
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
  }
  return text;
}

/** Deno keeps a connection open on which a body was announced and did not come. */
function isWhole(answer: string): boolean {
  const [head = "", body] = answer.split("\r\n\r\n", 2);
  const length = /^content-length: (\d+)$/im.exec(head)?.[1];
  return body !== undefined && new TextEncoder().encode(body).length >= Number(length);
}

/** What Stash hands to a plugin for a hook. */
export function hookDocument(
  context: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return {
    server_connection: {
      Scheme: "http",
      Host: "0.0.0.0",
      Port: 9999,
      SessionCookie: { Name: "session", Value: "MTc2" },
      Dir: "/root/.stash",
      PluginDir: "/root/.stash/plugins/plexsync",
    },
    args: { mode: "hook", hookContext: context },
  };
}

/** The hook of an edited scene, with a cover of so many bytes in it. */
export function sceneHook(id: number, coverBytes = 0): string {
  const cover = coverBytes === 0 ? null : `data:image/jpeg;base64,${"A".repeat(coverBytes)}`;
  return JSON.stringify(hookDocument({
    id,
    type: "Scene.Update.Post",
    input: { id: String(id), title: "New", details: 'a "b" \\ c\n', cover_image: cover },
    inputFields: ["cover_image", "title", "id"],
  }));
}
