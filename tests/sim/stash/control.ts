/**
 * Control API under `/__sim__/`, outside the imitated server: no key, never
 * faulted, for clients on this machine only.
 */
import { z } from "zod";
import type { FaultRules } from "../faults.ts";
import { BadLibrary, readStashHalf } from "../library_document.ts";
import { StashError } from "./entities.ts";
import { answer, type HttpAnswer, type HttpRequest, json } from "./http.ts";
import {
  BadInput,
  checkIds,
  checkInput,
  checkRenames,
  checkScenes,
  checkSeeds,
  type SceneSeed,
} from "./input.ts";
import type { Parts } from "./parts.ts";
import { checkCleaned, checkIdentified, type ScanInput } from "./scan_input.ts";
import type { World } from "./world.ts";

const LOOPBACK = /^(::ffff:)?127\.|^::1$/;

/** @returns undefined when the path is not under `/__sim__/` */
export function answerControl(parts: Parts, request: HttpRequest): HttpAnswer | undefined {
  if (!request.path.startsWith("/__sim__/")) return undefined;
  if (!LOOPBACK.test(request.remoteAddress)) return json(403, { error: "loopback only" });
  const { method, path } = request;
  const route = { ...dataRoutes(parts), ...pluginRoutes(parts) }[`${method} ${path}`];
  if (route === undefined) return json(404, { error: `no ${method} ${path}` });
  try {
    const body = method === "POST" ? readJson(request) : undefined;
    const result = route(body);
    return result === undefined ? answer(204) : json(200, result);
  } catch (cause) {
    if (cause instanceof BadInput || cause instanceof StashError) {
      return json(400, { error: cause.message });
    }
    throw cause;
  }
}

const zoneInput = z.strictObject({ zone: z.string() });
const clockInput = z.strictObject({ jump_ms: z.int() });
const systemInput = z.strictObject({
  status: z.enum(["OK", "SETUP", "NEEDS_MIGRATION"]).optional(),
  database: z.enum(["ok", "locked"]).optional(),
}).refine((given) => Object.keys(given).length > 0, { message: "give status or database" });

function setZone(world: World, zone: string) {
  try {
    world.setZone(zone);
  } catch (cause) {
    throw new BadInput((cause as Error).message);
  }
  return { now: world.stamp() };
}

type Routes = Record<string, (body: unknown) => unknown>;

function dataRoutes({ world, faults, requests, clock }: Parts): Routes {
  return {
    "GET /__sim__/scenes": () => world.views(),
    "POST /__sim__/scenes": (body) => world.upsert(checkScenes(body)),
    "POST /__sim__/library": (body) => {
      const scenes = halfOf(body);
      world.load(checkSeeds(scenes));
      return { scenes: scenes.length };
    },
    "POST /__sim__/zone": (body) => setZone(world, checkInput(zoneInput, body).zone),
    "POST /__sim__/clock": (body) => {
      clock.jump(checkInput(clockInput, body).jump_ms);
      return { now: world.stamp() };
    },
    "POST /__sim__/system": (body) => {
      const { status, database } = checkInput(systemInput, body);
      world.systemState = status ?? world.systemState;
      world.database = database ?? world.database;
      return { status: world.systemState, database: world.database };
    },
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
    "GET /__sim__/requests": () => requests.list(),
    "DELETE /__sim__/requests": () => requests.clear(),
  };
}

/** Jobs are only started: `findJob` and `jobsSubscribe` tell of their end. */
function pluginRoutes({ scanner, hooks, log }: Parts): Routes {
  return {
    "POST /__sim__/scan": (body) => ({ job: scanner.scan(body as ScanInput) }),
    "POST /__sim__/clean": (body) => ({ job: scanner.clean(checkCleaned(body)) }),
    "POST /__sim__/identify": (body) => ({ job: scanner.identify(checkIdentified(body)) }),
    "GET /__sim__/hooks": () => hooks.runs,
    "GET /__sim__/logs": () => log.all(),
  };
}

function readJson(request: HttpRequest): unknown {
  try {
    return JSON.parse(request.body.toString());
  } catch (cause) {
    throw new BadInput(`body is no JSON: ${(cause as Error).message}`);
  }
}

function halfOf(body: unknown): SceneSeed[] {
  try {
    return readStashHalf(body);
  } catch (cause) {
    if (cause instanceof BadLibrary) throw new BadInput(cause.message);
    throw cause;
  }
}

function replaceFaults(faults: FaultRules, rules: unknown): void {
  try {
    faults.replace(rules);
  } catch (cause) {
    throw new BadInput((cause as Error).message);
  }
}
