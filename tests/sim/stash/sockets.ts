/** WebSocket connections to `/graphql`: who may connect, and who is connected. */
import { Buffer } from "node:buffer";
import { type IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { applyFault } from "../fault_answers.ts";
import type { FaultRules } from "../faults.ts";
import type { RequestLog } from "../request_log.ts";
import { acceptWebSocket, type ServerSocket } from "../websocket.ts";
import type { Auth } from "./auth.ts";
import type { GraphqlHost } from "./graphql_http.ts";
import { GRAPHQL_TRANSPORT, GraphqlSocket } from "./graphql_socket.ts";
import { answer, baseUrlOf, type HttpAnswer, type HttpRequest, requestOf, send } from "./http.ts";

export interface SocketHost {
  graphql: GraphqlHost;
  auth: Auth;
  faults: FaultRules;
  log: RequestLog;
  /** Called whenever somebody connected or left. */
  onChange: () => void;
}

export class GraphqlSockets {
  readonly #host: SocketHost;
  readonly #connected = new Set<ServerSocket>();
  readonly #upgraded = new Set<Socket>();

  constructor(host: SocketHost) {
    this.#host = host;
  }

  get count(): number {
    return this.#connected.size;
  }

  /** Answers an upgrade request; faults may spoil it like any other. */
  async upgrade(req: IncomingMessage, socket: Socket): Promise<void> {
    const { auth, faults, log } = this.#host;
    const gone = new AbortController();
    this.#upgraded.add(socket);
    socket.once("close", () => {
      this.#upgraded.delete(socket);
      gone.abort();
    });
    socket.on("error", () => socket.destroy());
    const request = requestOf(req, Buffer.alloc(0), gone.signal);
    const done = log.begin("GET", request.path, request.query.toString(), "WebSocket");
    const res = responseOn(req, socket);
    const rule = faults.take("GET", req.url ?? "/");
    if (rule !== undefined && await applyFault(rule, req, res, () => {}) === "answered") {
      return done(res.writableEnded ? res.statusCode : 0);
    }
    const refused = refusal(auth, request);
    if (refused !== undefined) {
      done(refused.status);
      return send(request, refused, res);
    }
    res.detachSocket(socket);
    done(101);
    this.#connect(req, request, socket);
  }

  /** Cuts every connection without a word; nothing is replayed to those that come back. */
  drop(): void {
    for (const socket of this.#upgraded) socket.destroy();
  }

  #connect(req: IncomingMessage, request: HttpRequest, socket: Socket): void {
    const { graphql, auth, onChange } = this.#host;
    const client: ServerSocket | undefined = acceptWebSocket(req, socket, {
      onText: (text) => protocol?.receive(text),
      onGone: () => {
        if (client !== undefined) this.#connected.delete(client);
        onChange();
      },
    }, GRAPHQL_TRANSPORT);
    if (client === undefined) return;
    const { signal } = request;
    const asked = { baseUrl: baseUrlOf(request), signal, visits: auth.visitsOf(request) };
    const protocol = new GraphqlSocket(graphql, asked, client);
    this.#connected.add(client);
    onChange();
  }
}

/** For what is answered in HTTP instead of switching. */
function responseOn(req: IncomingMessage, socket: Socket): ServerResponse {
  const res = new ServerResponse(req);
  res.assignSocket(socket);
  res.shouldKeepAlive = false;
  res.once("finish", () => socket.end());
  socket.once("close", () => res.destroy());
  return res;
}

function refusal(auth: Auth, request: HttpRequest): HttpAnswer | undefined {
  const pass = auth.check(request);
  if ("refused" in pass) return pass.refused;
  if (request.path !== "/graphql") return answer(404, "404 page not found\n");
  const offered = (request.header("sec-websocket-protocol") ?? "").split(/\s*,\s*/);
  if (offered.includes(GRAPHQL_TRANSPORT)) return undefined;
  return answer(400, `the simulated Stash speaks ${GRAPHQL_TRANSPORT} only\n`);
}
