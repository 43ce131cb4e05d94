/** An item that is about to leave collections. */
export interface Leaver {
  section: string;
  /** The names of the collections, as the item shows them. */
  names: readonly string[];
}

/** How many items are about to leave each collection, by library and name. */
export type Leaving = Map<string, Map<string, number>>;

/** Counts the leavers of each collection, on top of those that are as good as gone. */
export function countLeaving(leavers: readonly Leaver[], gone: Leaving = new Map()): Leaving {
  const counts: Leaving = new Map();
  for (const { section, names } of leavers) {
    const ofSection = counts.get(section) ?? new Map<string, number>();
    counts.set(section, ofSection);
    for (const name of names) {
      const before = ofSection.get(name) ?? gone.get(section)?.get(name) ?? 0;
      ofSection.set(name, before + 1);
    }
  }
  return counts;
}

/**
 * Which collections each item has to stay in, so that none that somebody edited ends: the last to
 * leave stays.
 * @param members Of those that would end, by library and name; all others may end
 * @param gone Items that are as good as gone; those that leave now are added
 * @returns names, in the order of the leavers
 */
export function spareLast(
  leavers: readonly Leaver[],
  members: ReadonlyMap<string, ReadonlyMap<string, number>>,
  gone: Leaving = new Map(),
): string[][] {
  return leavers.map(({ section, names }) =>
    names.filter((name) => {
      const ofSection = gone.get(section) ?? new Map<string, number>();
      gone.set(section, ofSection);
      const before = ofSection.get(name) ?? 0;
      const count = members.get(section)?.get(name);
      if (count !== undefined && before >= count - 1) return true;
      ofSection.set(name, before + 1);
      return false;
    })
  );
}
