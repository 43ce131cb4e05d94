import { valueKey } from "../sync/fields.ts";
import { editedFields, type Item } from "../sync/item.ts";
import type { Plan } from "../sync/plan.ts";

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

/** What an edit takes an item out of; a name that is only spelt anew is none. */
export function leftBy({ edit }: Pick<Plan, "edit">): string[] {
  const { want = [], remove = [] } = edit?.names.collection ?? {};
  const stays = new Set(want.map(({ name }) => keyOf(name)));
  return remove.filter((name) => !stays.has(keyOf(name)));
}

/** The plan that leaves an item in these collections, which would end without it. */
export function sparing<T extends Plan>(plan: T, item: Item, names: readonly string[]): T {
  const { edit } = plan;
  const meant = edit?.names.collection;
  if (edit === null || meant === undefined || names.length === 0) return plan;
  const want = [...meant.want, ...names.map((name) => ({ name }))];
  const remove = meant.remove.filter((name) => !names.includes(name));
  const now = item.values.collection;
  const isSame = remove.length === 0 && want.every(({ name }) => now.includes(name));
  const { collection: _, ...rest } = edit.names;
  const spared = {
    ...edit,
    names: isSame ? rest : { ...rest, collection: { want, remove } },
    ...(edit.unlock === undefined
      ? {}
      : { unlock: edit.unlock.filter((field) => field !== "collection") }),
  };
  const says = editedFields(spared).length + (spared.unlock ?? []).length > 0;
  const changes = plan.changes.filter(({ field }) => field !== "collection");
  if (!isSame) {
    const to = want.map(({ name }) => name).join(", ");
    changes.push({ field: "collection", from: now.join(", "), to });
  }
  const omitted = names.map((name) => ({
    field: "collection" as const,
    text: `the collection ${name} has been edited by somebody and would end without this item`,
  }));
  return {
    ...plan,
    edit: says ? spared : null,
    changes,
    overwritten: plan.overwritten.filter((field) => !isSame || field !== "collection"),
    omitted: [...plan.omitted, ...omitted],
  };
}

function keyOf(name: string): string {
  return valueKey("names", name);
}
