/** A simulated Stash: its GraphQL and picture routes over real HTTP on 127.0.0.1. */
import { Buffer } from "node:buffer";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { applyFault, FaultRules } from "../faults.ts";
import { RequestLog, type SimRequest } from "../request_log.ts";
import { Auth } from "./auth.ts";
import { answerControl } from "./control.ts";
import { answerGraphql, type GraphqlHost, operationLabel } from "./graphql_http.ts";
import { answer, type HttpAnswer, type HttpRequest, readRequest, send } from "./http.ts";
import { answerImage } from "./images.ts";
import { checkIds, checkRenames, checkScenes, checkSeeds } from "./input.ts";
import type { SceneInput, SceneSeed } from "./input.ts";
import { mutations } from "./mutations.ts";
import { queries } from "./queries.ts";
import { buildStashSchema, type StashVersion } from "./schema.ts";
import type { SceneView } from "./view.ts";
import { type SystemState, World } from "./world.ts";

export type { SceneInput, SceneSeed, SceneView, StashVersion, SystemState };

export interface SimStashOptions {
  /** Default 0: any free one. */
  port?: number;
  /** Default "sim-stash-key", or "" without a password. */
  apiKey?: string;
  scenes?: SceneSeed[];
  /** Fields newer than it are validation errors. Default "0.30". */
  version?: StashVersion;
  /** "Z" (default), an offset such as "+02:00" or an IANA name: how instants are written. */
  zone?: string;
  /** Unix milliseconds. Default: the clock of this machine. */
  now?: () => number;
  /** Whether user name and password are set, so that a key is needed. Default true. */
  password?: boolean;
  /** Wait before each answer. Default 0. */
  latencyMs?: number;
  /** Stored settings by plugin id. */
  plugins?: Record<string, Record<string, unknown>>;
}

export interface SimStash {
  /** Without a slash at the end. */
  url: string;
  apiKey: string;
  scenes(): SceneView[];
  /**
   * Makes scenes, or changes the members given; `updated_at` moves as Stash
   * does it (not for a mere file move).
   * @returns ids in the order given
   * @throws {Error} bad input; nothing is changed then
   */
  upsert(scenes: SceneInput[]): string[];
  /** Renames it without touching its scenes. @throws {Error} unknown id or name taken */
  updateEntity(
    kind: "performer" | "studio" | "tag",
    id: string | number,
    change: { name: string },
  ): void;
  /** @throws {Error} unknown id; nothing is changed then */
  destroy(ids: string[]): void;
  /** null takes the cover away. Bumps `updated_at`. */
  setCover(sceneId: string, bytes: Uint8Array | null): void;
  /** @throws {Error} bad rules; see ../faults.ts */
  setFaults(rules: unknown): void;
  /** Zone of everything written from now on. */
  setZone(zone: string): void;
  /** Data can only be asked for while it is "OK". */
  setSystemState(state: SystemState): void;
  /** Value for a `session` cookie that is good for one hour. */
  sessionCookie(): string;
  requests(): SimRequest[];
  clearRequests(): void;
  /** Cuts every connection. A second call waits for the first. */
  close(): Promise<void>;
}

const DEFAULT_KEY = "sim-stash-key";

/** @throws {Error} bad seeds or zone, or the port is taken */
export async function startSimStash(options: SimStashOptions = {}): Promise<SimStash> {
  const now = options.now ?? Date.now;
  const password = options.password ?? true;
  const apiKey = options.apiKey ?? (password ? DEFAULT_KEY : "");
  const version = options.version ?? "0.30";
  const zone = options.zone ?? "Z";
  const world = new World({ version, zone, now, apiKey, plugins: options.plugins ?? {} });
  const faults = new FaultRules();
  const log = new RequestLog();
  const auth = new Auth({ apiKey, password, now });
  const host: GraphqlHost = {
    schema: buildStashSchema(version),
    version,
    root: { ...queries(world), ...mutations(world) },
  };

  const imitate = async (request: HttpRequest): Promise<HttpAnswer> => {
    if (request.path === "/healthz") return answer(200, ".", { "Content-Type": "text/plain" });
    const pass = auth.check(request);
    if ("refused" in pass) return pass.refused;
    const out = request.path === "/graphql"
      ? await answerGraphql(host, request)
      : answerImage(world, request) ?? page(request);
    return { ...out, headers: { ...pass.headers, ...out.headers } };
  };

  const serve = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const request = await readRequest(req);
    const control = answerControl({ world, faults, log }, request);
    if (control !== undefined) return send(request, control, res);

    const [path = "/", query = ""] = splitTarget(req.url ?? "/");
    const label = operationLabel(request);
    const done = log.begin(request.method, path, query, label);
    res.once("close", () => done(res.writableFinished ? res.statusCode : 0));
    if ((options.latencyMs ?? 0) > 0) await later(options.latencyMs ?? 0, res);
    let out: HttpAnswer | undefined;
    const rule = takeRule(faults, request.method, req.url ?? "/", label);
    if (rule !== undefined) {
      const apply = async () => {
        out ??= await imitate(request);
      };
      if (await applyFault(rule, req, res, apply) === "answered") return;
    }
    out ??= await imitate(request);
    if (!res.destroyed) send(request, out, res);
  };

  const server = createServer((req, res) => {
    serve(req, res).catch((cause) => failed(cause, res));
  });
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
  const { port } = server.address() as AddressInfo;
  let closed: Promise<void> | undefined;

  return {
    url: `http://127.0.0.1:${port}`,
    apiKey,
    scenes: () => world.views(),
    upsert: (scenes) => world.upsert(checkScenes(scenes)).map(({ id }) => id),
    updateEntity: (kind, id, { name }) =>
      void world.rename(checkRenames([{ kind, id: Number(id), new_name: name }])),
    destroy: (ids) => world.destroy(checkIds({ ids })),
    setCover: (sceneId, bytes) => {
      const cover = bytes === null ? null : Buffer.from(bytes).toString("base64");
      world.upsert(checkScenes([{ id: sceneId, cover }]));
    },
    setFaults: (rules) => faults.replace(rules),
    setZone: (zone) => world.setZone(zone),
    setSystemState: (state) => {
      world.systemState = state;
    },
    sessionCookie: () => auth.issueCookie(),
    requests: () => log.list(),
    clearRequests: () => log.clear(),
    close: () =>
      closed ??= new Promise((resolve) => {
        server.close(() => {
          world.close();
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

/** A rule may also name a GraphQL operation: its path is then tested on "/graphql#Name". */
function takeRule(faults: FaultRules, method: string, target: string, label: string | undefined) {
  return faults.take(method, target) ??
    (label === undefined ? undefined : faults.take(method, `${target}#${label}`));
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
