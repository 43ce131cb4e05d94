/** What an undo of all has to come to, told from what was seen, without a journal. */
import { type FieldName, fieldOf } from "../../src/core/sync/fields.ts";
import type { Item } from "../../src/core/sync/item.ts";

/** Fields that are compared, images aside. */
export const COMPARED = [
  "title",
  "studio",
  "summary",
  "tagline",
  "date",
  "rating",
  "performers",
  "tags",
  "collection",
] as const satisfies readonly FieldName[];

/** An item as a person sees it: of each field its value or names, a name with its role. */
export type Sight = Record<string, { values: string[]; locked: boolean }>;

export function sightOf({ values, roles, locked }: Item): Sight {
  return Object.fromEntries(COMPARED.map((field) => [field, {
    values: values[field].map((name) =>
      field === "performers" ? `${name} as ${roles[name] ?? ""}` : name
    ),
    locked: locked.includes(field),
  }]));
}

const baseOf = (name: string) => name.split(" as ")[0];
const isList = (field: string) => fieldOf(field as FieldName).kind === "names";

/** One item: how it was before us, and what a person made of it since. */
export class ItemModel {
  /** Of a list what a person added (true) or took away; of another field its value. */
  readonly #touched = new Map<string, Map<string, boolean> | string[]>();
  /** Fields whose lock a person changed, or may have changed with a value. */
  readonly #locks = new Set<string>();
  #last: Sight;

  constructor(readonly first: Sight) {
    this.#last = first;
  }

  /** Before we work: what differs from how we left it a person did. */
  notePerson(now: Sight): void {
    for (const field of COMPARED) {
      const was = this.#last[field]!.values;
      const is = now[field]!.values;
      const isLocked = now[field]!.locked;
      if (was.join() !== is.join() || isLocked !== this.#last[field]!.locked) {
        this.#locks.add(field);
      }
      if (isList(field)) {
        const names = (this.#touched.get(field) ?? new Map()) as Map<string, boolean>;
        for (const name of new Set(was).symmetricDifference(new Set(is))) {
          names.set(name, is.includes(name));
          // A performer stands there but once: with another role it is a person's.
          if (!is.includes(name)) continue;
          for (const first of this.first[field]!.values) {
            if (first !== name && baseOf(first) === baseOf(name)) names.set(first, false);
          }
        }
        if (names.size > 0) this.#touched.set(field, names);
      } else if (was.join() !== is.join()) this.#touched.set(field, is);
    }
    this.#last = now;
  }

  /** After we worked. */
  noteOurs(now: Sight): void {
    this.#last = now;
  }

  /** What is to stand there once all of ours is taken back. Lists without a person's are in order. */
  expected(): Record<string, { values: string[]; locked: boolean | null }> {
    return Object.fromEntries(COMPARED.map((field) => {
      const { values, locked } = this.first[field]!;
      const touched = this.#touched.get(field);
      const lock = this.#locks.has(field) ? null : locked;
      if (touched === undefined) return [field, { values, locked: lock }];
      if (Array.isArray(touched)) return [field, { values: touched, locked: lock }];
      const kept = values.filter((name) => touched.get(name) !== false);
      const added = [...touched].filter(([name, isThere]) => isThere && !kept.includes(name));
      return [field, { values: [...kept, ...added.map(([name]) => name)].sort(), locked: lock }];
    }));
  }

  /** The same of what stands there. */
  actual(now: Sight): Record<string, { values: string[]; locked: boolean | null }> {
    return Object.fromEntries(COMPARED.map((field) => {
      const { values, locked } = now[field]!;
      const isOrdered = !isList(field) || !this.#touched.has(field);
      return [field, {
        values: isOrdered ? values : [...values].sort(),
        locked: this.#locks.has(field) ? null : locked,
      }];
    }));
  }
}
