import { valueKey } from "../../core/sync/fields.ts";
import type { Gathered } from "./gathered.ts";
import type { LeavingItem } from "./spared.ts";

/**
 * What scenes have to do with on the target. Those that meet must not be under way in two batches:
 * what the one writes, the other has read before.
 */
export interface Footprint {
  items: ReadonlySet<string>;
  /** Collections that items are about to leave, by library and name. */
  left: ReadonlySet<string>;
}

export function footprintOf(
  found: readonly Pick<Gathered, "touched">[],
  leavers: readonly LeavingItem[],
): Footprint {
  return {
    items: new Set(found.flatMap(({ touched = [] }) => touched)),
    left: new Set(
      leavers.flatMap(({ section, names }) =>
        names.map((name) => JSON.stringify([section, valueKey("names", name)]))
      ),
    ),
  };
}

export function meet(one: Footprint, other: Footprint): boolean {
  return !one.items.isDisjointFrom(other.items) || !one.left.isDisjointFrom(other.left);
}
