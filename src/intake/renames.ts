import type { EntityKind } from "../core/sync/scene.ts";
import type { Stamp } from "../stash/changes.ts";
import { transaction } from "../store/database/database.ts";
import type { Store } from "../store/store.ts";

/** What a rename is noted in. */
export type EntityStore = Pick<Store, "database" | "entityNames" | "fanouts" | "scenes">;

/**
 * Puts those that have a new name on their way to the scenes that name them. Any edit of a
 * performer moves its stamp, but only the name stands in Plex: without the names that are
 * known, a batch update of all performers would queue all scenes.
 * @returns how many are to be fanned out
 */
export function noteRenames(
  kind: EntityKind,
  stamps: readonly Stamp[],
  { database, entityNames, fanouts, scenes }: EntityStore,
  now: number,
): number {
  let count = 0;
  if (stamps.length === 0) return count;
  transaction(database, () => {
    for (const { id, name } of stamps) {
      const entity = { kind, id };
      const known = entityNames.get(entity);
      if (known === name) continue;
      entityNames.put(entity, name);
      // The scenes of a new one changed themselves when they were given it.
      if (known === undefined && scenes.scenesOf(entity, 0, 1).length === 0) continue;
      fanouts.add(entity, false, now);
      count++;
    }
  });
  return count;
}

/** Keeps the names of those that were there before plexsync. */
export function learnNames(
  kind: EntityKind,
  stamps: readonly Stamp[],
  { database, entityNames }: Pick<EntityStore, "database" | "entityNames">,
): void {
  transaction(database, () => {
    for (const { id, name } of stamps) entityNames.put({ kind, id }, name);
  });
}
