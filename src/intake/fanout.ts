import type { Runtime } from "../core/runtime.ts";
import type { EntityRef } from "../core/sync/scene.ts";
import type { StashClient } from "../stash/client.ts";
import type { Fanouts } from "../store/queue/fanouts.ts";
import type { Scenes } from "../store/library/scenes.ts";

const PAGE_SIZE = 500;

export interface FanoutPorts {
  fanouts: Fanouts;
  scenes: Pick<Scenes, "scenesOf">;
  stash: Pick<StashClient, "scenesOf">;
  runtime: Runtime;
}

/**
 * Takes one step: one page of the scenes of one renamed, merged or removed performer,
 * studio or tag goes into the queue. The place is kept with it, so that a kill between
 * two pages neither skips nor repeats a page.
 * @returns false when nothing is left to fan out
 * @throws {PlexsyncError} Stash did not answer; the fan-out goes on from the same place
 */
export async function stepFanout(ports: FanoutPorts): Promise<boolean> {
  const { fanouts, scenes, stash, runtime } = ports;
  const fanout = fanouts.next();
  if (fanout === undefined) return false;
  const entity: EntityRef = { kind: fanout.kind, id: fanout.entity_id };
  const after = fanout.last_scene;
  // Our own record knows the scenes of one that is gone, and those that it was just taken from.
  const known = scenes.scenesOf(entity, after, PAGE_SIZE);
  const told = fanout.gone === 1 ? [] : await stash.scenesOf(entity, after, PAGE_SIZE);
  const page = [...new Set([...known, ...told])].sort((a, b) => Number(a) - Number(b))
    .slice(0, PAGE_SIZE);
  if (page.length === 0) fanouts.done(fanout);
  else fanouts.advance(fanout, page, runtime.now());
  return true;
}
