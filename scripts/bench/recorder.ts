/** What the daemon asks, taken down in full on its way to both servers, and asked again. */
import type { Servers } from "./place.ts";

/** A request as it can be sent again. */
export interface Taken {
  readonly server: "plex" | "stash";
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer> | null;
}

/** What the servers go by; all else is the connection's own. */
const HEADERS = [
  "accept",
  "apikey",
  "content-type",
  "if-none-match",
  "x-plex-container-size",
  "x-plex-container-start",
  "x-plex-token",
];

/** Stands between the daemon and both servers. */
export class Recorder implements AsyncDisposable {
  readonly taken: Taken[] = [];
  readonly plexUrl: string;
  readonly stashUrl: string;
  readonly #fronts: Deno.HttpServer[] = [];

  constructor({ at }: Pick<Servers, "at">) {
    this.plexUrl = this.#front("plex", at.plex_url);
    this.stashUrl = this.#front("stash", at.stash_url);
  }

  #front(server: Taken["server"], behind: string): string {
    const front = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
      return this.#pass(server, behind, request);
    });
    this.#fronts.push(front);
    return `http://127.0.0.1:${front.addr.port}`;
  }

  async #pass(server: Taken["server"], behind: string, request: Request): Promise<Response> {
    const { pathname, search } = new URL(request.url);
    const target = pathname + search;
    // News are no requests: without them the daemon looks by itself.
    if (pathname.startsWith("/:/") && /websocket|eventsource/.test(pathname)) {
      return new Response(null, { status: 404 });
    }
    const headers = Object.fromEntries(
      HEADERS.flatMap((name) => {
        const value = request.headers.get(name);
        return value === null ? [] : [[name, value]];
      }),
    );
    const bytes = new Uint8Array(await request.arrayBuffer());
    const body = bytes.length === 0 ? null : bytes;
    const { method } = request;
    this.taken.push({ server, method, target, headers, body });
    return await fetch(behind + target, { method, headers, body });
  }

  async [Symbol.asyncDispose]() {
    await Promise.all(this.#fronts.map((front) => front.shutdown()));
  }
}

/** Sends all of it again, as soon as a lane is free. @throws {Error} an answer is an error */
export async function replay(
  taken: readonly Taken[],
  { at }: Pick<Servers, "at">,
  lanes: number,
  stop: AbortSignal,
): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < taken.length) {
      stop.throwIfAborted();
      const { server, method, target, headers, body } = taken[next++]!;
      const url = (server === "plex" ? at.plex_url : at.stash_url) + target;
      const answer = await fetch(url, { method, headers, body });
      await answer.arrayBuffer();
      if (answer.status >= 500) throw new Error(`${method} ${target}: ${answer.status}`);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
