/** The HTTP side: reads requests, shows faults, writes answers. */
import { Buffer } from "node:buffer";
import { type IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { altered, applyFault } from "../fault_answers.ts";
import { type FaultRule, type FaultRules, isAltering } from "../faults.ts";
import type { RequestLog } from "../request_log.ts";
import { acceptWebSocket, type ServerSocket } from "../websocket.ts";
import { type Answer, htmlError, type SimCall } from "./answer.ts";
import { accessOf } from "./auth.ts";
import { control } from "./control.ts";
import { decodePercent, parseQuery } from "./query.ts";
import { plexFacts, plexRows } from "./route_names.ts";
import { route } from "./router.ts";
import { toJson, toXml } from "./wire.ts";
import type { World } from "./world.ts";

/** Larger bodies cut the connection. */
const BODY_LIMIT_BYTES = 64 * 1024 * 1024;

/** One running server. */
export interface Host {
  world: World;
  faults: FaultRules;
  log: RequestLog;
}

/** Answers one request; ends when its connection needs nothing more. */
export async function handleRequest(
  host: Host,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const { world, faults, log } = host;
  const target = req.url ?? "/";
  const method = req.method ?? "GET";
  const [path = "/", query = ""] = splitTarget(target);
  const body = await readBody(req);
  if (body === undefined) return;
  if (path.startsWith("/__sim__/")) {
    const allowed = isLoopback(req.socket.remoteAddress);
    const answer = allowed
      ? control(world, faults, log, `${method} ${path}`, body)
      : { status: 403, body: { error: "Only from this machine" } };
    res.writeHead(answer.status, { "Content-Type": "application/json" });
    res.end(JSON.stringify(answer.body));
    return;
  }
  res.setHeader("Date", new Date(world.now()).toUTCString());
  const finish = once(log.begin(method, path, query));
  res.once("close", () => finish(0));
  const parsed = parseQuery(query, world.switches.plusIsSpace);
  const access = accessOf(world, req.headers, parsed);
  const call: SimCall = {
    method,
    path: decodePercent(path),
    query: parsed,
    headers: req.headers,
    body,
    owner: access === "owner",
  };
  // Run at most once: a fault may want the effect before it shows itself.
  let answer: Promise<Answer> | undefined;
  const effect = () => answer ??= route(world, call, { access, targetLength: target.length });
  // Only the answer tells which rows it holds; so it takes effect, whatever is shown.
  const rows = faults.looksInside ? rowsIn(await effect()) : [];
  const fault = faults.take(method, target, () => ({ ...plexFacts(method, target), rows }));
  if (fault !== undefined) {
    const shown = await applyFault(fault, req, res, async () => void await effect());
    if (shown === "answered") return finish(res.writableEnded ? res.statusCode : 0);
  }
  const result = await effect();
  if (res.destroyed || result.kind === "hang") return;
  finish(result.kind === "events" ? 200 : result.status);
  if (result.kind === "events") world.hub.addStream(res, result.filter);
  else send(req, res, result, fault);
}

/** Answers the upgrade of a notification socket. */
export async function handleUpgrade(
  host: Host,
  req: IncomingMessage,
  socket: Socket,
): Promise<void> {
  const { world, faults, log } = host;
  const target = req.url ?? "/";
  const [path = "/", query = ""] = splitTarget(target);
  socket.on("error", () => socket.destroy());
  const res = new ServerResponse(req);
  res.assignSocket(socket);
  res.shouldKeepAlive = false;
  res.once("finish", () => socket.end());
  socket.once("close", () => res.destroy());
  const finish = once(log.begin("GET", path, query));
  const fault = faults.take("GET", target, () => plexFacts("GET", target));
  if (fault !== undefined) {
    const shown = await applyFault(fault, req, res, () => {});
    if (shown === "answered") return finish(res.writableEnded ? res.statusCode : 0);
  }
  const access = accessOf(world, req.headers, parseQuery(query, world.switches.plusIsSpace));
  const known = /^\/:\/websockets?\/notifications$/.test(path);
  if (access === "refused" || !known) {
    const refusal = htmlError(access === "refused" ? 401 : 404);
    finish(access === "refused" ? 401 : 404);
    return send(req, res, refusal);
  }
  res.detachSocket(socket);
  const client: ServerSocket | undefined = acceptWebSocket(req, socket, {
    onGone: () => client && world.hub.removeSocket(client),
    answersPings: () => !world.switches.silentSockets,
  });
  finish(client === undefined ? 400 : 101);
  if (client !== undefined) world.hub.addSocket(client);
}

/** @returns undefined when the client went away or sent too much */
async function readBody(req: IncomingMessage): Promise<Uint8Array | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of req) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > BODY_LIMIT_BYTES) {
        req.socket.destroy();
        return undefined;
      }
    }
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks);
}

function send(
  req: IncomingMessage,
  res: ServerResponse,
  answer: Answer,
  fault?: FaultRule,
): void {
  if (answer.kind === "hang" || answer.kind === "events") return;
  const headers: Record<string, string> = {
    "X-Plex-Protocol": "1.0",
    "Cache-Control": "no-cache",
  };
  let body: string | Uint8Array;
  if (answer.kind === "container") {
    const json = (req.headers.accept ?? "").includes("application/json");
    headers["Content-Type"] = json ? "application/json" : "text/xml;charset=utf-8";
    Object.assign(headers, answer.headers);
    body = (json ? toJson : toXml)("MediaContainer", answer.row);
    // Only JSON is altered: nobody has use for the same in XML.
    if (json && fault !== undefined && isAltering(fault)) {
      body = altered(fault, body, plexRows, "ratingKey", fault.item);
    }
  } else {
    headers["Content-Type"] = answer.contentType;
    body = answer.body;
  }
  const bytes = Buffer.from(body);
  res.writeHead(answer.status, { ...headers, "Content-Length": String(bytes.length) });
  res.end(bytes);
}

function rowsIn(answer: Answer): Record<string, unknown>[] {
  if (answer.kind !== "container") return [];
  return plexRows({ MediaContainer: answer.row }).map((row) => ({ ...row, id: row.ratingKey }));
}

function splitTarget(target: string): [string, string] {
  const at = target.indexOf("?");
  return at < 0 ? [target, ""] : [target.slice(0, at), target.slice(at + 1)];
}

function isLoopback(address: string | undefined): boolean {
  return /^(::ffff:)?127\.|^::1$/.test(address ?? "");
}

function once(report: (status: number) => void): (status: number) => void {
  let done = false;
  return (status) => {
    if (!done) report(status);
    done = true;
  };
}
