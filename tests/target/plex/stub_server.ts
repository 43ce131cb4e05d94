/** Two small servers for the client tests: one that answers, one that misbehaves byte by byte. */
import { createServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";

export interface Seen {
  method: string;
  /** Path and raw query, as they came. */
  path: string;
  headers: Headers;
  body: Uint8Array<ArrayBuffer>;
}

export interface Stub extends AsyncDisposable {
  url: string;
  seen: Seen[];
}

/** Answers each request with what `answer` makes of it and of its number, from 0. */
export function serve(
  answer: (request: Seen, number: number) => Response | Promise<Response>,
): Stub {
  const seen: Seen[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const { pathname, search } = new URL(request.url);
    const entry: Seen = {
      method: request.method,
      path: pathname + search,
      headers: request.headers,
      body: new Uint8Array(await request.arrayBuffer()),
    };
    seen.push(entry);
    return await answer(entry, seen.length - 1);
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    seen,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** Hands the socket over once the head of a request has come; what follows is the test's. */
export async function serveRaw(act: (socket: Socket) => void): Promise<Stub> {
  const sockets = new Set<Socket>();
  const seen: Seen[] = [];
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {}); // The client may hang up at any time.
    socket.on("close", () => sockets.delete(socket));
    let head = "";
    socket.on("data", (piece) => {
      const before = head.includes("\r\n\r\n");
      head += String(piece);
      if (!before && head.includes("\r\n\r\n")) act(socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** A port that nothing listens on. */
export function refusedUrl(): string {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  return `http://127.0.0.1:${port}`;
}

export function json(value: unknown, init: ResponseInit = {}): Response {
  return Response.json(value, init);
}
