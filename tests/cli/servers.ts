/** The few answers of Plex and Stash that `status` asks for. */

export interface FakeServer extends AsyncDisposable {
  url: string;
  /** Resolves when the first request has arrived. */
  readonly asked: Promise<void>;
}

/** @param answer null keeps the request waiting until the server ends */
function serve(answer: (request: Request) => Response | null): FakeServer {
  const asked = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<Response>();
  // Ended by its signal: a graceful end would wait for requests that nobody waits for any more.
  const end = new AbortController();
  const options = { hostname: "127.0.0.1", port: 0, onListen: () => {}, signal: end.signal };
  const server = Deno.serve(options, (request) => {
    asked.resolve();
    return answer(request) ?? ended.promise;
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    asked: asked.promise,
    async [Symbol.asyncDispose]() {
      ended.resolve(new Response());
      end.abort();
      await server.finished;
    },
  };
}

export function fakePlex(token: string): FakeServer {
  return serve((request) => {
    const container = { machineIdentifier: "m", version: "1.43.2", friendlyName: "Home" };
    const open = new URL(request.url).pathname === "/identity";
    if (!open && request.headers.get("X-Plex-Token") !== token) {
      return new Response("", { status: 401 });
    }
    return Response.json({ MediaContainer: container });
  });
}

export function fakeStash(key: string): FakeServer {
  return serve((request) => {
    if (request.headers.get("ApiKey") !== key) return new Response("", { status: 401 });
    return Response.json({ data: { version: { version: "v0.30.1", hash: "", build_time: "" } } });
  });
}

/** Takes requests and never answers. */
export function silentServer(): FakeServer {
  return serve(() => null);
}
