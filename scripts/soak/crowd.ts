/** Many processes that enqueue at once, as the hooks of a bulk edit do. */
import type { World } from "../../tests/e2e/world.ts";

export interface CrowdOptions {
  /** One process for each. */
  sceneIds: readonly string[];
  /** Started together; the next wave begins when all of them have ended. */
  atOnce: number;
  /** Epoch ms. */
  now?: () => number;
}

export interface CrowdFigures {
  processes: number;
  atOnce: number;
  /** Processes that did not end with 0, with their last words. */
  errors: string[];
  /** Scenes that are neither queued, nor dead, nor settled since. */
  lost: string[];
  /** From the start of a process to its end. */
  longestMs: number;
  medianMs: number;
}

/** Each process names one scene; then all of them must be in the queue, or done since. */
export async function runCrowd(world: World, options: CrowdOptions): Promise<CrowdFigures> {
  const { sceneIds, atOnce, now = Date.now } = options;
  const startedAt = now();
  const waits: number[] = [];
  const errors: string[] = [];
  for (let at = 0; at < sceneIds.length; at += atOnce) {
    await Promise.all(
      sceneIds.slice(at, at + atOnce).map(async (id) => {
        const began = performance.now();
        const { code, stderr } = await world.run(["sync", "--scene", id]);
        waits.push(performance.now() - began);
        if (code !== 0) errors.push(`exit code ${code}: ${stderr.trimEnd()}`);
      }),
    );
  }
  waits.sort((a, b) => a - b);
  return {
    processes: sceneIds.length,
    atOnce,
    errors,
    lost: lostOf(world, sceneIds, startedAt),
    longestMs: Math.round(waits.at(-1) ?? 0),
    medianMs: Math.round(waits[Math.floor(waits.length / 2)] ?? 0),
  };
}

function lostOf(world: World, sceneIds: readonly string[], since: number): string[] {
  const rows = world.query<{ scene_id: string }>(
    `SELECT scene_id FROM jobs UNION SELECT scene_id FROM dead_letters
     UNION SELECT scene_id FROM outcomes WHERE at >= ?`,
    since,
  );
  const there = new Set(rows.map(({ scene_id }) => scene_id));
  return sceneIds.filter((id) => !there.has(id));
}
