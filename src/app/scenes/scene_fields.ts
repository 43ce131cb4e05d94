import { type FieldName, FIELDS } from "../../core/sync/fields.ts";
import { wantedOf } from "../../core/sync/plan.ts";
import { gather } from "../../worker/batch/gather.ts";
import type { Ready } from "../../worker/batch/gathered.ts";
import { connect } from "../connections/servers.ts";
import type { Installation } from "../installation.ts";

/** One field from all sides, as text. */
export interface FieldSides {
  field: FieldName;
  /** What it is to be by Stash; null where the field is not synced. */
  stash: string | null;
  /** What stands on the item. */
  there: string;
  /** What was written there last, and seen to stand; null for nothing. */
  written: string | null;
}

/** The fields of one of a scene's items, images excepted. */
export interface ItemFields {
  target: string;
  item: string;
  fields: FieldSides[];
}

/**
 * The fields of a scene's items as both servers have them now.
 * @returns none where the scene has no item
 * @throws {PlexsyncError} a server did not answer
 */
export async function sceneFields(
  sceneId: string,
  installation: Installation,
): Promise<ItemFields[]> {
  const all: ItemFields[] = [];
  for (const context of connect(installation).contexts) {
    const found = (await gather([sceneId], context)).get(sceneId);
    if (found?.kind !== "ready") continue;
    const { target: { id: target }, settings } = context;
    for (const ready of found.items) {
      all.push({ target, item: ready.item.id, fields: sidesOf(ready, settings) });
    }
  }
  return all;
}

function sidesOf(
  { scene, item, memory }: Ready,
  rules: Parameters<typeof wantedOf>[2],
): FieldSides[] {
  const wanted = wantedOf(scene, item.type, rules);
  return FIELDS.filter(({ kind }) => kind !== "image").map(({ name }) => ({
    field: name,
    stash: wanted[name]?.join(", ") ?? null,
    there: item.values[name].join(", "),
    written: memory?.fields[name]?.sent.join(", ") ?? null,
  }));
}
