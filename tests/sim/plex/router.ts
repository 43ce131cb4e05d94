/** From a request to its answer: what holds for all paths, then the table of routes. */
import { type Answer, empty, htmlError, type SimCall } from "./answer.ts";
import { collectionRoutes } from "./routes_collections.ts";
import { imageRoutes } from "./routes_images.ts";
import { itemRoutes } from "./routes_items.ts";
import { sectionRoutes } from "./routes_sections.ts";
import { serverRoutes } from "./routes_server.ts";
import type { World } from "./world.ts";

export interface Route {
  methods: string[];
  path: RegExp;
  /** @param ids The groups of `path` */
  answer(world: World, call: SimCall, ...ids: string[]): Answer | Promise<Answer>;
}

const ROUTES: Route[] = [
  ...serverRoutes,
  ...sectionRoutes,
  ...itemRoutes,
  ...imageRoutes,
  ...collectionRoutes,
];

const MAINTENANCE = '<Response code="503" title="Maintenance" ' +
  'status="Plex Media Server is currently running database migrations."/>';

const WRITE_FAILURES = {
  database_locked: "Soci exception: Cannot execute query. database is locked",
  disk_full: "Soci exception: database or disk is full",
};

/** Who asked, and how the request line looked. */
export interface Origin {
  access: "owner" | "reader" | "refused";
  targetLength: number;
}

/** One write at a time; the next waits for the end of the one before. */
const writeTails = new WeakMap<World, Promise<unknown>>();
const writesRunning = new WeakMap<World, number>();

/** Answers one request of the imitated API. */
export async function route(world: World, call: SimCall, origin: Origin): Promise<Answer> {
  const { switches } = world;
  const isIdentity = call.path === "/identity";
  if (switches.maintenance && (!isIdentity || switches.identityInMaintenance)) {
    return { kind: "text", status: 503, contentType: "application/xml", body: MAINTENANCE };
  }
  if (origin.targetLength > switches.maxUrlLength) return htmlError(414);
  if (origin.access === "refused" && !isIdentity) return htmlError(401);
  const isWrite = call.method !== "GET" && call.method !== "HEAD";
  if (!isWrite) {
    await world.timers.sleep(Math.ceil(switches.latencyMs / 10));
    return dispatch(world, call);
  }
  if (origin.access === "reader") return htmlError(403);
  if (switches.startingUp !== 0) {
    return htmlError(switches.startingUp, "Plex Media Server is still starting up");
  }
  if (switches.writesFail !== "no") return htmlError(500, WRITE_FAILURES[switches.writesFail]);
  const running = writesRunning.get(world) ?? 0;
  if (switches.overload && running > 0) return { kind: "hang" };
  writesRunning.set(world, running + 1);
  const turn = (writeTails.get(world) ?? Promise.resolve()).then(async () => {
    await world.timers.sleep(switches.latencyMs);
    if (switches.deaf && /^\/(library|:\/rate)/.test(call.path)) return empty();
    return dispatch(world, call);
  }).finally(() => writesRunning.set(world, (writesRunning.get(world) ?? 1) - 1));
  writeTails.set(world, turn.catch(() => undefined));
  return turn;
}

function dispatch(world: World, call: SimCall): Answer | Promise<Answer> {
  for (const { methods, path, answer } of ROUTES) {
    const match = methods.includes(call.method) ? path.exec(call.path) : null;
    if (match !== null) return answer(world, call, ...match.slice(1).map((group) => group ?? ""));
  }
  return htmlError(404);
}
