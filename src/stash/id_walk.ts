/** A row of one of Stash's lists, with its id as text. */
export interface Row {
  id: string;
}

/** Rows by the ids that Stash gave them. */
export interface Sorted<R extends Row> {
  /** In the order of their ids, each once. */
  ordered: R[];
  /** The others: what is no id, comes twice, or stands where it cannot. */
  odd: R[];
}

/** What a page came to. */
export interface Taken<R extends Row> {
  /** Rows with an id that did not come before, in Stash's order: out of place or not. */
  fresh: R[];
  /** Rows that a list in order of ids cannot have. */
  odd: R[];
  /** The page tells nothing new, nor will the next ones. */
  isEnd: boolean;
}

/** Positive integers. Stash has 64 bits for them; beyond what can be counted exactly is none. */
const ID = /^[1-9]\d{0,15}$/;

/** So many pages in a row without a new id end a walk: a server that ignores its filter. */
const MAX_BARREN = 3;
/** No server gets to keep a walk going for ever. */
const MAX_PAGES = 5_000;

export function isId(id: string): boolean {
  return ID.test(id) && Number.isSafeInteger(Number(id));
}

/**
 * The longest part of a list that is in the order of ids. One row with a foreign id is told from
 * the others by it, wherever it stands: by going on after the greatest id, all that is less would
 * be passed over.
 * @param after Each id is greater
 */
export function inOrder<R extends Row>(rows: readonly R[], after: number): Sorted<R> {
  /** The row that ends the ascending run of each length with the smallest id. */
  const ends: number[] = [];
  const before: number[] = [];
  for (const [at, { id }] of rows.entries()) {
    const value = isId(id) ? Number(id) : 0;
    if (value <= after) continue;
    const length = firstNotBelow(ends, (end) => Number(rows[end]!.id), value);
    before[at] = ends[length - 1] ?? -1;
    ends[length] = at;
  }
  const taken = new Set<number>();
  for (let at = ends.at(-1) ?? -1; at >= 0; at = before[at]!) taken.add(at);
  return {
    ordered: rows.filter((_, at) => taken.has(at)),
    odd: rows.filter((_, at) => !taken.has(at)),
  };
}

/** @param list Ascending by `of` */
function firstNotBelow(list: readonly number[], of: (each: number) => number, value: number) {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (of(list[middle]!) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The place of a walk in the order of ids, which no row can lead astray. */
export class IdWalk {
  /** The next page begins after this id … */
  last = 0;
  /** … and this is its number among those that follow, from 1. */
  page = 1;
  /** As numbers: a million ids take 20 MiB, as texts 43. */
  readonly #seen = new Set<number>();
  #barren = 0;
  #pages = 0;

  /** @param byPlace The pages are numbered throughout: the list has no filter by id */
  constructor(private readonly byPlace = false) {}

  /** Ids that came so far. */
  get count(): number {
    return this.#seen.size;
  }

  /** @param again The next page is to begin with this one's last row, which shows that it is one */
  take<R extends Row>(rows: readonly R[], again = false): Taken<R> {
    const { ordered, odd } = inOrder(rows, this.last);
    const fresh = this.unseen(rows);
    this.#barren = fresh.length === 0 ? this.#barren + 1 : 0;
    this.#pages++;
    const end = (again ? ordered.at(-2) : undefined) ?? ordered.at(-1);
    if (this.byPlace || end === undefined) this.page++;
    else {
      this.last = Number(end.id);
      this.page = 1;
    }
    const isEnd = rows.length === 0 || this.#barren >= MAX_BARREN || this.#pages >= MAX_PAGES;
    return { fresh, odd, isEnd };
  }

  /** Those with an id that did not come before; from now on it did. */
  unseen<R extends Row>(rows: readonly R[]): R[] {
    return rows.filter(({ id }) => {
      if (!isId(id) || this.#seen.has(Number(id))) return false;
      this.#seen.add(Number(id));
      return true;
    });
  }
}
