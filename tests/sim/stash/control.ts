/**
 * Control API under `/__sim__/`, outside the imitated server: no key, never
 * faulted, for clients on this machine only.
 */
import type { FaultRules } from "../faults.ts";
import type { RequestLog } from "../request_log.ts";
import { StashError } from "./entities.ts";
import { answer, type HttpAnswer, type HttpRequest, json } from "./http.ts";
import { BadInput, checkIds, checkRenames, checkScenes } from "./input.ts";
import type { World } from "./world.ts";

const LOOPBACK = /^(::ffff:)?127\.|^::1$/;

export interface Controlled {
  world: World;
  faults: FaultRules;
  log: RequestLog;
}

/** @returns undefined when the path is not under `/__sim__/` */
export function answerControl(
  { world, faults, log }: Controlled,
  request: HttpRequest,
): HttpAnswer | undefined {
  if (!request.path.startsWith("/__sim__/")) return undefined;
  if (!LOOPBACK.test(request.remoteAddress)) return json(403, { error: "loopback only" });
  const routes: Record<string, (body: unknown) => unknown> = {
    "GET /__sim__/scenes": () => world.views(),
    "POST /__sim__/scenes": (body) => world.upsert(checkScenes(body)),
    "POST /__sim__/destroy": (body) => {
      const ids = checkIds(body);
      world.destroy(ids);
      return { destroyed: ids.map(String) };
    },
    "POST /__sim__/entities": (body) =>
      world.rename(checkRenames(body)).map((id) => ({ id: String(id) })),
    "POST /__sim__/faults": (body) => {
      replaceFaults(faults, body);
      return { ok: true };
    },
    "GET /__sim__/requests": () => log.list(),
    "DELETE /__sim__/requests": () => log.clear(),
  };
  const route = routes[`${request.method} ${request.path}`];
  if (route === undefined) return json(404, { error: `no ${request.method} ${request.path}` });
  try {
    const body = request.method === "POST" ? readJson(request) : undefined;
    const result = route(body);
    return result === undefined ? answer(204) : json(200, result);
  } catch (cause) {
    if (cause instanceof BadInput || cause instanceof StashError) {
      return json(400, { error: cause.message });
    }
    throw cause;
  }
}

function readJson(request: HttpRequest): unknown {
  try {
    return JSON.parse(request.body.toString());
  } catch (cause) {
    throw new BadInput(`body is no JSON: ${(cause as Error).message}`);
  }
}

function replaceFaults(faults: FaultRules, rules: unknown): void {
  try {
    faults.replace(rules);
  } catch (cause) {
    throw new BadInput((cause as Error).message);
  }
}
