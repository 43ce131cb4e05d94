/** A simulated Stash: its GraphQL and picture routes over real HTTP on 127.0.0.1. */
import { Buffer } from "node:buffer";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { altered, applyFault } from "../fault_answers.ts";
import { type FaultRule, isAltering } from "../faults.ts";
import { answerControl } from "./control.ts";
import { answerGraphql, operationLabel } from "./graphql_http.ts";
import { answer, type HttpAnswer, type HttpRequest, readRequest, send, signalOf } from "./http.ts";
import { answerImage } from "./images.ts";
import { checkIds, checkRenames, checkScenes, checkSeeds } from "./input.ts";
import type { JobView } from "./jobs.ts";
import type { SimStash, SimStashOptions } from "./options.ts";
import { buildParts, type Parts } from "./parts.ts";
import { stashFacts, stashRows } from "./route_names.ts";
import { GraphqlSockets } from "./sockets.ts";

export type { SceneInput, SceneSeed } from "./input.ts";
export type { HookEvent, HookRun } from "./hooks.ts";
export type { JobView } from "./jobs.ts";
export type { PluginHostOptions, SimStash, SimStashOptions } from "./options.ts";
export type { StashVersion } from "./schema.ts";
export type { LogLine } from "./server_log.ts";
export type { SceneView } from "./view.ts";
export type { SystemState } from "./world.ts";

/** A job may take its time; a test that hangs has its own limit. */
const JOB_PATIENCE_MS = 600_000;

/** @throws {Error} bad seeds or zone, or the port is taken */
export async function startSimStash(options: SimStashOptions = {}): Promise<SimStash> {
  let port = 0;
  const parts = buildParts(options, () => port);
  const { world, faults, requests } = parts;
  const sockets = new GraphqlSockets({
    ...parts,
    log: requests,
    onChange: () => parts.changes.notify(),
  });
  const serving = new Set<Promise<void>>();
  const track = (work: Promise<void>) => {
    serving.add(work);
    void work.finally(() => serving.delete(work));
  };

  const serve = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const request = await readRequest(req, signalOf(res));
    const control = await answerControl(parts, request);
    if (control !== undefined) return send(request, control, res);

    res.setHeader("Date", new Date(world.now()).toUTCString());
    const [path = "/", query = ""] = splitTarget(req.url ?? "/");
    const label = operationLabel(request);
    const done = requests.begin(request.method, path, query, label);
    res.once("close", () => done(res.writableFinished ? res.statusCode : 0));
    if ((options.latencyMs ?? 0) > 0) await later(options.latencyMs ?? 0, res);
    let out: HttpAnswer | undefined;
    // Only the answer tells which rows it holds; so it takes effect, whatever is shown.
    if (faults.looksInside) out = await imitate(parts, request);
    const rows = out === undefined ? [] : rowsIn(out);
    const facts = () => ({ ...stashFacts(request), rows });
    const rule = faults.take(request.method, req.url ?? "/", facts);
    if (rule !== undefined) {
      const apply = async () => {
        out ??= await imitate(parts, request);
      };
      if (await applyFault(rule, req, res, apply) === "answered") return;
    }
    out ??= await imitate(parts, request);
    if (rule !== undefined && isAltering(rule)) out = alter(rule, out);
    if (!res.destroyed) send(request, out, res);
  };

  const server = createServer((req, res) => {
    track(serve(req, res).catch((cause) => failed(cause, res)));
  });
  server.on("upgrade", (req, socket: Socket) => track(sockets.upgrade(req, socket)));
  try {
    world.seed(checkSeeds(options.scenes ?? []));
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(options.port ?? 0, "127.0.0.1", resolve);
    });
  } catch (cause) {
    world.close();
    throw cause;
  }
  port = (server.address() as AddressInfo).port;

  const stop = async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    sockets.drop();
    await parts.close();
    await closed;
    // Requests whose client has gone may still be at work.
    await Promise.all(serving);
    world.close();
  };
  let closing: Promise<void> | undefined;
  return {
    url: `http://127.0.0.1:${port}`,
    apiKey: world.apiKey,
    ...dataControls(parts),
    ...pluginControls(parts),
    subscribers: () => sockets.count,
    dropSubscribers: () => sockets.drop(),
    close: () => closing ??= stop(),
  };
}

/** Changes from outside the API, and what was asked. */
function dataControls({ world, auth, faults, requests, clock }: Parts) {
  return {
    scenes: () => world.views(),
    upsert: (scenes) => world.upsert(checkScenes(scenes)).map(({ id }) => id),
    load: (scenes) => world.load(checkSeeds(scenes)),
    updateEntity: (kind, id, { name }) =>
      void world.rename(checkRenames([{ kind, id: Number(id), new_name: name }])),
    destroy: (ids) => world.destroy(checkIds({ ids })),
    setCover: (sceneId, bytes) => {
      const cover = bytes === null ? null : Buffer.from(bytes).toString("base64");
      world.upsert(checkScenes([{ id: sceneId, cover }]));
    },
    setFaults: (rules) => faults.replace(rules),
    setZone: (zone) => world.setZone(zone),
    setDatabase: (state) => {
      world.database = state;
    },
    jumpClock: (ms) => clock.jump(ms),
    setSystemState: (state) => {
      world.systemState = state;
    },
    sessionCookie: () => auth.issueCookie(),
    requests: () => requests.list(),
    clearRequests: () => requests.clear(),
  } satisfies Partial<SimStash>;
}

/** Plugins, jobs and what they left behind. */
function pluginControls({ plugins, log, hooks, tasks, scanner, jobs, changes }: Parts) {
  const ended = async (id: string): Promise<JobView> => {
    await changes.until(() => jobs.find(id)?.endTime != null, JOB_PATIENCE_MS);
    return jobs.find(id) as JobView;
  };
  return {
    loadPlugins: (folder) => {
      plugins.load(folder);
      return plugins.list().map(({ id }) => id);
    },
    pluginSettings: (id) => plugins.settings([id])[id],
    logs: () => log.all(),
    hooksRun: () => [...hooks.runs],
    runHooks: async (event, signal = new AbortController().signal) => {
      const before = hooks.runs.length;
      await hooks.run(event, { signal, visits: [] });
      return hooks.runs.slice(before);
    },
    runTask: (pluginId, taskName, args) => ended(tasks.queue({ pluginId, taskName, args }, [])),
    scan: (found) => ended(scanner.scan(found)),
    jobs: () => jobs.queue() ?? [],
    stopJob: (id) => jobs.stop(id),
    until: (check) => changes.until(check),
  } satisfies Partial<SimStash>;
}

async function imitate(parts: Parts, request: HttpRequest): Promise<HttpAnswer> {
  if (request.path === "/healthz") return answer(200, ".", { "Content-Type": "text/plain" });
  const pass = parts.auth.check(request);
  if ("refused" in pass) return pass.refused;
  const out = request.path === "/graphql"
    ? await answerGraphql(parts.graphql, request, parts.auth.visitsOf(request))
    : answerImage(parts.world, request) ?? page(request);
  return { ...out, headers: { ...pass.headers, ...out.headers } };
}

function rowsIn({ body }: HttpAnswer): Record<string, unknown>[] {
  return typeof body === "string" && body.startsWith("{") ? stashRows(JSON.parse(body)) : [];
}

/** Only JSON has ids and numbers to change. */
function alter(rule: FaultRule, out: HttpAnswer): HttpAnswer {
  if (typeof out.body !== "string" || !out.body.startsWith("{")) return out;
  return { ...out, body: altered(rule, out.body, stashRows, "id", rule.scene) };
}

function splitTarget(target: string): string[] {
  const at = target.indexOf("?");
  return at < 0 ? [target] : [target.slice(0, at), target.slice(at + 1)];
}

/** Any other page is the web interface, with 200: a wrong path prefix looks like this. */
function page(request: HttpRequest): HttpAnswer {
  const name = request.path.slice(request.path.lastIndexOf("/") + 1);
  if (name.includes(".") && !name.endsWith(".html")) return answer(404, "404 page not found\n");
  const html = "<!DOCTYPE html><html><head><title>Stash</title></head><body></body></html>";
  return answer(200, html, { "Content-Type": "text/html; charset=utf-8" });
}

function later(ms: number, res: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      res.off("close", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    res.once("close", end);
  });
}

/** Shows a mistake of the simulation to whoever asked, rather than hiding it. */
function failed(cause: unknown, res: ServerResponse): void {
  if (res.headersSent || res.destroyed) return;
  res.writeHead(500, { "Content-Type": "text/plain" });
  res.end(`The simulated Stash failed: ${cause instanceof Error ? cause.stack : cause}`);
}
