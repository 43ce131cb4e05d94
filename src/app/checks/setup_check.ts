import { MINUTE_MS } from "../../core/time/duration.ts";
import { NeedsAttention } from "../../core/failures/errors.ts";
import { plural } from "../../core/text/wording.ts";
import type { Scene } from "../../core/sync/scene.ts";
import type { StashClient } from "../../stash/client.ts";
import type { WorkContext } from "../../worker/context.ts";
import { lookAtSetup, lookElsewhere, withoutItem } from "../../worker/match/setup.ts";
import { ask, type Finding } from "./finding.ts";
import type { Installation } from "../installation.ts";
import { connect } from "../connections/servers.ts";

/** So many scenes are looked at, from so many places of Stash. */
const SAMPLE = 20;
const PLACES = 10;

/** Whether files of scenes are where they should be; one check for each target, none rejects. */
export async function checkSetup(installation: Installation): Promise<Finding[]> {
  const { stash, contexts } = connect(installation);
  const findings: Finding[] = [];
  for (const context of contexts) {
    const { id, title } = context.target;
    findings.push(await ask(`Files in ${title}`, `${id}_faulty`, () => lookAt(stash, context)));
  }
  return findings;
}

async function lookAt(stash: StashClient, context: WorkContext): Promise<string> {
  await context.keeper.refresh(MINUTE_MS);
  const scenes = (await sampleOf(stash)).filter(({ files }) => files.length > 0);
  if (scenes.length === 0) return "Stash has no scene with a file";
  const problem = lookAtSetup(scenes, context);
  if (problem === null) return countText(scenes, context);
  const foreign = await lookElsewhere(scenes, context);
  throw new NeedsAttention(lookAtSetup(scenes, context, foreign) ?? problem);
}

function countText(scenes: readonly Scene[], context: WorkContext): string {
  const [first, ...others] = withoutItem(scenes, context);
  const missing = first === undefined ? 0 : 1 + others.length;
  const text = `found ${scenes.length - missing} of ${plural(scenes.length, "scene")} looked at`;
  return first === undefined
    ? text
    : `${text}; of one that was not, plexsync explain ${first.id} tells why`;
}

/** Some scenes from each part of Stash: what is wrong may be so for those of one folder alone. */
async function sampleOf(stash: StashClient): Promise<Scene[]> {
  let end = await stash.sceneCount();
  // Ids are nearly as many as scenes, or more, where many were deleted.
  while ((await stash.scenesAfter(end, 1)).last !== null) end = end * 2 + 1;
  const scenes = new Map<string, Scene>();
  for (let place = 0; place < PLACES; place++) {
    const page = await stash.scenesAfter(Math.floor(end * place / PLACES), SAMPLE);
    for (const scene of page.scenes) scenes.set(scene.id, scene);
  }
  return [...scenes.values()];
}
