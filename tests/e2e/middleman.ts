/**
 * A server between the program and a simulated one, for the answers that fault rules cannot give:
 * those with headers of their own, and those that depend on a request's body.
 */

export interface Middleman extends AsyncDisposable {
  /** Without a slash at the end. */
  readonly url: string;
}

export interface PassingRequest {
  readonly method: string;
  /** With the query, percent-encoding kept. */
  readonly target: string;
  readonly headers: Headers;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** Answers itself where `answer` gives something, and else asks `behind` (a URL). */
export function standBefore(
  behind: string,
  answer: (request: PassingRequest) => Response | undefined,
): Middleman {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const { pathname, search } = new URL(request.url);
      const { method, headers } = request;
      const body = await request.bytes();
      const own = answer({ method, target: pathname + search, headers, body });
      if (own !== undefined) return own;
      const passed = await fetch(behind + pathname + search, {
        method,
        headers,
        body: method === "GET" ? null : body,
        redirect: "manual",
      });
      const bytes = await passed.bytes();
      const answered = new Headers(passed.headers);
      // What was packed is unpacked here.
      answered.delete("content-encoding");
      answered.delete("content-length");
      const empty = passed.status === 204 || passed.status === 304;
      return new Response(empty ? null : bytes, { status: passed.status, headers: answered });
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
