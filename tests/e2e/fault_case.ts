/** One row of the tables of faults, and what must hold in every one of them. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { assertBalanced, assertStatsFile, totalsOf } from "./books.ts";
import { withWorld, type World } from "./world.ts";

export interface FaultCase {
  /** Completes "while …". */
  when: string;
  /** All scenes are queued when it is called. */
  spoil(world: World): void | Promise<void>;
  /** What takes more than no fault rules any more. */
  mend?(world: World): void | Promise<void>;
  /** Exit code of `run --once` under the fault; default 0. */
  code?: 0 | 1;
  /** What it says on standard error. */
  says?: RegExp;
  /** Where scenes may be afterwards, as `placeOf` calls it. Default: all done. */
  leaves?: readonly string[];
  /** The error type that is counted; unset: no attempt is spent at all. */
  counts?: string;
}

const SCENES = ["1", "2", "3", "4"];

/** The smallest time-outs that the config allows, and one retry, so that death comes soon. */
export const IMPATIENT = { connect_timeout: 1, read_timeout: 5, max_retries: 1 };

/** Runs once under the fault, checks what became of each scene, mends it, and all gets equal. */
export async function proveFault(fault: FaultCase): Promise<void> {
  await withWorld({ scenes: SCENES.length, seed: 3, config: IMPATIENT }, async (world) => {
    await world.expect(0, "sync", "--all", "--yes");
    await fault.spoil(world);
    const { stderr } = await world.expect(fault.code ?? 0, "run", "--once");
    if (fault.says) assertMatch(stderr, fault.says);

    const places = placesOf(world);
    assertEquals([...places.keys()].sort(), SCENES, "a scene is lost");
    const allowed = fault.leaves ?? ["done"];
    for (const [scene, place] of places) {
      assert(allowed.includes(place), `scene ${scene} is ${place}, not ${allowed}\n${stderr}`);
    }
    assertCounted(world, fault.counts);
    assertBalanced(world);
    assertStatsFile(world);

    world.plex.setFaults([]);
    world.stash.setFaults([]);
    await fault.mend?.(world);
    await world.resume();
    assertEquals(await world.differences(), []);
    assertEquals(placesOf(world), new Map(SCENES.map((scene) => [scene, "done"])));
    assertBalanced(world);
  });
}

/** Where each scene is; throws when it is in two places. */
function placesOf(world: World): Map<string, string> {
  const rows = world.query<{ scene_id: string; place: string }>(`
    SELECT scene_id, iif(state = 'waiting', 'waiting',
      iif(retry_count > 0, 'retried ' || last_error_type, 'queued')) AS place FROM jobs
    UNION ALL SELECT scene_id, 'dead ' || error_type FROM dead_letters
    UNION ALL SELECT DISTINCT scene_id, 'done' FROM outcomes
      WHERE outcome IN ('written', 'unchanged')`);
  const places = new Map<string, string>();
  for (const { scene_id, place } of rows) {
    assert(!places.has(scene_id), `scene ${scene_id} is ${place} and ${places.get(scene_id)}`);
    places.set(scene_id, place);
  }
  return places;
}

function assertCounted(world: World, type: string | undefined) {
  const counted = Object.keys(totalsOf(world)).filter((name) => name.startsWith("error:"));
  assertEquals(counted, type === undefined ? [] : [`error:${type}`]);
  if (type !== undefined) return;
  // What waits for its file may have been looked for: that is no attempt.
  const spent = world.query(
    "SELECT scene_id FROM jobs WHERE retry_count > 0 OR wait_count > 0 AND state <> 'waiting'",
  );
  assertEquals(spent, [], "an attempt was spent");
}
