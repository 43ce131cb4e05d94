/** The way to rest: all faults are gone, and what is left has to get done. */
import { differences } from "../../tests/e2e/sameness.ts";
import type { World } from "../../tests/e2e/world.ts";

/** Longest time until all is settled: a breaker's last probe (95 s), then the longest back-off (80 s). */
const LIMIT_MS = 180_000;
const LOOK_MS = 500;

export interface Rest {
  seconds: number;
  /** What is not as it should be, one line each; empty when all is at rest. */
  left: string[];
}

interface Row {
  scene_id: string;
  state: string;
}

/**
 * Waits until every scene equals its item and the queue holds nothing but scenes whose file
 * Plex lacks. Nobody helps: what backs off comes by itself.
 */
export async function comeToRest(world: World, stop: AbortSignal): Promise<Rest> {
  const startedAt = Date.now();
  for (;;) {
    stop.throwIfAborted();
    const left = await unsettled(world);
    const elapsedMs = Date.now() - startedAt;
    if (left.length === 0 || elapsedMs > LIMIT_MS) return { seconds: elapsedMs / 1000, left };
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/** Scenes of Stash whose file Plex lacks. */
export function lackingIds(world: World): Set<string> {
  const files = new Set(world.plex.items().flatMap((item) => item.files));
  return new Set(
    world.stash.scenes().filter((scene) => !scene.files.some(({ path }) => files.has(path)))
      .map(({ id }) => id),
  );
}

/** One line for each job, dead letter or difference that keeps it from being at rest. */
async function unsettled(world: World): Promise<string[]> {
  const lacking = lackingIds(world);
  const jobs = world.query<Row & { last_error_message: string | null }>(
    "SELECT scene_id, state, last_error_message FROM jobs",
  );
  const letters = world.query<{ scene_id: string; error_message: string }>(
    "SELECT scene_id, error_message FROM dead_letters",
  );
  const waiting = new Set(
    jobs.filter(({ state }) => state === "waiting").map(({ scene_id }) => scene_id),
  );
  const lines = [
    ...jobs.filter(({ scene_id, state }) => state !== "waiting" || !lacking.has(scene_id)).map(
      ({ scene_id, state, last_error_message }) =>
        `scene ${scene_id} is queued (${state}): ${last_error_message ?? "never tried"}`,
    ),
    ...letters.map(({ scene_id, error_message }) => `scene ${scene_id} is dead: ${error_message}`),
    ...[...lacking].filter((id) => !waiting.has(id)).map((id) =>
      `scene ${id} is not in Plex and not waiting for it`
    ),
  ];
  // Pictures of all scenes are read for it: only when the rest is done.
  return lines.length > 0 ? lines : await differences(world.stash, world.plex);
}
