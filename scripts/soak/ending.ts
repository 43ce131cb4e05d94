/** The way to rest: all faults are gone, and what is left has to get done. */
import { differences } from "../../tests/e2e/sameness.ts";
import type { World } from "../../tests/e2e/world.ts";

/** Longest time until all is settled: above the longest back-off (80 s) and probe (60 s). */
const LIMIT_MS = 120_000;
const LOOK_MS = 500;
/** After that long a person would ask for what still waits for a time of its own. */
const PATIENCE_MS = 8_000;

export interface Rest {
  seconds: number;
  /** What is not as it should be, one line each; empty when all is at rest. */
  left: string[];
}

interface Row {
  scene_id: string;
  state: string;
  next_retry_at: number;
}

/**
 * Waits until every scene equals its item and the queue holds nothing but scenes whose file
 * Plex lacks. What backs off is asked for again, dead letters are retried.
 */
export async function comeToRest(world: World, stop: AbortSignal): Promise<Rest> {
  const startedAt = Date.now();
  let askedAt = startedAt - PATIENCE_MS / 2;
  for (;;) {
    stop.throwIfAborted();
    const left = await unsettled(world);
    const elapsedMs = Date.now() - startedAt;
    if (left.length === 0 || elapsedMs > LIMIT_MS) return { seconds: elapsedMs / 1000, left };
    if (Date.now() - askedAt > PATIENCE_MS) {
      await askAgain(world);
      askedAt = Date.now();
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/** What a person does: puts dead letters back, and asks for all that is not due by itself. */
async function askAgain(world: World): Promise<void> {
  if (world.query("SELECT id FROM dead_letters LIMIT 1").length > 0) {
    await world.expect(0, "dead", "retry", "--all");
  }
  const lacking = lackingIds(world);
  const later = world.query<Row>(
    "SELECT scene_id, state, next_retry_at FROM jobs WHERE state <> 'running' AND next_retry_at > ?",
    Date.now(),
  ).filter(({ scene_id, state }) => state !== "waiting" || !lacking.has(scene_id));
  if (later.length === 0) return;
  await world.expect(0, "sync", "--scene", later.map(({ scene_id }) => scene_id).join());
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
    "SELECT scene_id, state, next_retry_at, last_error_message FROM jobs",
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
