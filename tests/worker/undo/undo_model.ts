/** What an undo of all has to come to, told from what was seen, without a journal. */
import { type FieldName, fieldOf, FIELDS, IMAGE_FIELDS } from "../../../src/core/sync/fields.ts";
import type { Target } from "../../../src/target/target.ts";

const COMPARED: readonly FieldName[] = FIELDS.map(({ name }) => name);

/**
 * An item as a person sees it: of each field its value or names, a name with its role, an image by
 * the target's key of the one that is shown.
 */
export type Sight = Record<string, Seen>;

interface Seen {
  values: string[];
  locked: boolean;
  /** Of an image all that the item could show. */
  keys?: string[];
}

/** The items of a target, in the order of their ids. */
export async function sightsOf(target: Target, ids: readonly string[]): Promise<Sight[]> {
  const found = await target.read(ids);
  return await Promise.all(ids.map(async (id) => {
    const { values, roles, locked } = found.get(id)!;
    const shown = new Map<FieldName, Pick<Seen, "values" | "keys">>();
    for (const field of IMAGE_FIELDS) {
      const { shownKey, keys } = await target.images({ id }, field);
      shown.set(field, { values: shownKey === null ? [] : [shownKey], keys: [...keys] });
    }
    return Object.fromEntries(COMPARED.map((field) => [field, {
      values: values[field].map((name) =>
        field === "performers" ? `${name} as ${roles[name] ?? ""}` : name
      ),
      ...shown.get(field),
      locked: locked.includes(field),
    }]));
  }));
}

const baseOf = (name: string) => name.split(" as ")[0];
const kindOf = (field: string) => fieldOf(field as FieldName).kind;
const isList = (field: string) => kindOf(field) === "names";

/** Of a field; null where it is open. */
interface Expected {
  values: string[] | null;
  locked: boolean | null;
}

/** Of a list what a person added (true) or took away; of another field its value. */
type Touched = Map<string, boolean> | string[];

/** One item: how it was before us, and what a person made of it since. */
export class ItemModel {
  readonly #touched = new Map<string, Touched>();
  /** The same as it was when we last changed the field. */
  readonly #known = new Map<string, Touched>();
  /** Fields whose lock a person changed, or may have changed with a value. */
  readonly #locks = new Set<string>();
  readonly #changed = new Set<string>();
  /** Fields that a person changed within one of our own changes: who comes last nobody can say. */
  readonly #raced = new Set<string>();
  /** How we last left each field that we changed: who puts that back did nothing. */
  #ours: Sight;
  #last: Sight;

  /** @param forebear The item that had its file before the target made it again */
  constructor(readonly first: Sight, readonly forebear: ItemModel | null = null) {
    this.#ours = first;
    this.#last = first;
  }

  /** A person changes it while we do. */
  noteRace(field: FieldName): void {
    this.#raced.add(field);
    this.#locks.add(field);
  }

  /** Before we work: what differs from how we left it a person did. */
  notePerson(now: Sight): void {
    for (const field of COMPARED) {
      const was = this.#ours[field]!.values;
      const is = now[field]!.values;
      const last = this.#last[field]!;
      if (last.values.join() !== is.join() || now[field]!.locked !== last.locked) {
        this.#locks.add(field);
      }
      const known = this.#known.get(field);
      this.#touched.delete(field);
      if (isList(field)) {
        const names = new Map(known as Map<string, boolean> | undefined);
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
      else if (known !== undefined) this.#touched.set(field, known);
    }
    this.#last = now;
  }

  /** After we worked. */
  noteOurs(now: Sight): void {
    for (const field of COMPARED) {
      if (this.#last[field]!.values.join() === now[field]!.values.join()) continue;
      this.#ours = { ...this.#ours, [field]: now[field]! };
      this.#changed.add(field);
      const touched = this.#touched.get(field);
      if (touched !== undefined) this.#known.set(field, touched);
    }
    this.#last = now;
  }

  /**
   * What is to stand there once all of ours is taken back. Lists without a person's are in order; an
   * image where there was none stays, whichever it is, and so does one where the one before is lost.
   * @param now What the item could show
   */
  expected(now: Sight): Record<string, Expected> {
    return Object.fromEntries(COMPARED.map((field) => {
      const { values, locked } = this.first[field]!;
      const touched = this.#touched.get(field);
      const lock = this.#locks.has(field) ? null : locked;
      if (this.#stays(field, now)) return [field, { values: null, locked: lock }];
      if (touched === undefined) return [field, { values, locked: lock }];
      if (Array.isArray(touched)) return [field, { values: touched, locked: lock }];
      const kept = values.filter((name) => touched.get(name) !== false);
      const added = [...touched].filter(([name, isThere]) => isThere && !kept.includes(name));
      return [field, { values: [...kept, ...added.map(([name]) => name)].sort(), locked: lock }];
    }));
  }

  /**
   * A sight without the locks that a person changed: where they set what Stash has too, a sync locks
   * it with the next edit, as any value that is right already.
   */
  withoutTheirLocks(sight: Sight): Record<string, Expected> {
    return Object.fromEntries(
      Object.entries(sight).map(([field, { values, locked }]) => [
        field,
        { values, locked: this.#locks.has(field) ? null : locked },
      ]),
    );
  }

  /** Of a sight the fields that were ours alone: an undo holds all that Stash has for them. */
  onlyOurs(sight: Sight): Sight {
    return Object.fromEntries(
      Object.entries(sight).filter(([field]) =>
        this.#changed.has(field) && !this.#touched.has(field) && !this.#known.has(field) &&
        !this.#locks.has(field) && !this.#raced.has(field) &&
        (!isList(field) || this.first[field]!.values.length === 0)
      ),
    );
  }

  #stays(field: string, now: Sight): boolean {
    if (kindOf(field) !== "image") return false;
    if (this.#raced.has(field)) return true;
    const touched = this.#touched.get(field);
    const [goal] = touched === undefined ? this.first[field]!.values : touched as string[];
    return goal === undefined || !now[field]!.keys!.includes(goal);
  }

  /** The same of what stands there. */
  actual(now: Sight): Record<string, Expected> {
    return Object.fromEntries(COMPARED.map((field) => {
      const { values, locked } = now[field]!;
      const isOrdered = !isList(field) || !this.#touched.has(field);
      return [field, {
        values: this.#stays(field, now) ? null : isOrdered ? values : [...values].sort(),
        locked: this.#locks.has(field) ? null : locked,
      }];
    }));
  }
}
