/** A simulated plex.tv, as far as signing in by a code goes. */

export interface SimSignIn extends AsyncDisposable {
  /** Without a slash at the end. */
  readonly url: string;
  /** The client identifiers that asked for a code. */
  readonly clients: string[];
  /** How many codes were asked for. */
  readonly codes: number;
}

export interface SimSignInOptions {
  /** What a person gets who signs in. */
  token: string;
  /** The person types the code after so many looks. Default 1. */
  looks?: number;
  /** Codes that nobody types in: 404 after the first look. Default 0. */
  expiring?: number;
}

export function startSimSignIn({ token, looks = 1, expiring = 0 }: SimSignInOptions): SimSignIn {
  const pins = new Map<number, { client: string; looks: number }>();
  const clients: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const client = request.headers.get("X-Plex-Client-Identifier") ?? "";
    if (client === "") return Response.json({ errors: [{ code: 1000 }] }, { status: 400 });
    const { pathname } = new URL(request.url);
    if (request.method === "POST" && pathname === "/api/v2/pins") {
      const id = pins.size + 1;
      pins.set(id, { client, looks: 0 });
      clients.push(client);
      return Response.json(view(id, null), { status: 201 });
    }
    const id = Number(/^\/api\/v2\/pins\/(\d+)$/.exec(pathname)?.[1]);
    const pin = pins.get(id);
    if (pin === undefined || pin.client !== client) return notFound();
    if (++pin.looks < looks) return Response.json(view(id, null));
    return id <= expiring ? notFound() : Response.json(view(id, token));
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    clients,
    get codes() {
      return pins.size;
    },
    async [Symbol.asyncDispose]() {
      await server.shutdown();
    },
  };
}

function view(id: number, authToken: string | null) {
  return { id, code: `AB${String(id).padStart(2, "0")}`, expiresIn: 900, authToken };
}

function notFound(): Response {
  const body = { errors: [{ code: 1020, message: "Code not found or expired" }] };
  return Response.json(body, { status: 404 });
}
