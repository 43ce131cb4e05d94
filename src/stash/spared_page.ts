import { PlexsyncError } from "../core/failures/errors.ts";
import { failedBy, isTimeOut, isTooLarge } from "../core/failures/transport_failures.ts";
import { TransportFailure } from "../core/http/bounded_fetch.ts";
import { text } from "../core/text/json.ts";
import type { StashHttp } from "./http.ts";
import type { PassedScenes } from "./passed_scenes.ts";
import type { OddRows } from "./odd_rows.ts";
import { fields } from "./read_scene.ts";

/** So many rows that cannot be read, and none that can, raise the question whose fault it is. */
const HOPELESS = 4;
/** Rows of a list, by their places from 1, that are read to see whether any can be. */
const PROOFS = [1, 2, 3, 5, 10, 100, 1_000];
/** So many time-outs a page may take: two scenes with each of the halves that they are in. */
const MAX_SILENCES = 25;

/** One Stash, as its lists are read. */
export interface ListSource {
  http: StashHttp;
  odd: OddRows;
  /** @throws {PlexsyncError} Stash does not answer, or is not ready */
  ready(): Promise<void>;
  /** By what is asked for: so many rows fit one answer. Learnt, and kept for the session. */
  fitting: Map<string, number>;
  /** Scenes that the polls ask for by their ids, not in a list. */
  passed: PassedScenes;
}

/** A list of Stash's that can be asked for in pages of any size. */
export interface SparedList {
  /** Of what, such as `scene`. */
  what: string;
  /** The members of a row. */
  wanted: string;
  /**
   * Fewer members, to know at least which row it is; the first that can be read are taken.
   */
  rests: readonly string[];
  /**
   * @param page From 1
   * @param isWhole Without the filter: any row will do
   */
  ask(page: number, size: number, wanted: string, isWhole: boolean): Promise<unknown[]>;
}

/** Stands for a row that cannot be read, with what is known of it. */
export interface UnreadRow {
  /** "" where not even that can be read. */
  id: string;
  files?: unknown;
  unread: true;
}

export function isUnread(row: unknown): row is UnreadRow {
  return fields(row)?.unread === true;
}

/** Whether nothing at all is known of such a row, so that it has no place in a list by ids. */
export function isNameless(row: unknown): boolean {
  return isUnread(row) && row.id === "";
}

/**
 * Whether it may be the fault of what is in the page, where Stash is well: whatever it answers, or a
 * proxy before it, and no answer at all. What it does not understand is the fault of the question.
 */
export function mayBeContent(thrown: unknown, signal?: AbortSignal): thrown is PlexsyncError {
  if (signal?.aborted === true) return false;
  return thrown instanceof PlexsyncError && thrown.type === "StashUnavailable";
}

/** Whether Stash itself gave the answer: any other status, and silence, may be a server's as well. */
function isAnswered(error: PlexsyncError): boolean {
  return error.cause instanceof TransportFailure
    ? failedBy(error, "body-too-large", "body-cut")
    : (error.status ?? 200) === 200;
}

/**
 * A page of a list. Where it fails, and Stash is well, it is read in ever smaller halves until what
 * spoils it stands alone; an `UnreadRow` is in its place, and it is said once. The halves are
 * places in the list: of what is deleted meanwhile the next walk makes up.
 * It takes at most 2·log₂(size) requests for each such row, and some ten for the whole.
 * @throws {PlexsyncError} Stash is not well, or no row at all can be read
 */
export async function readSpared(
  source: ListSource,
  list: SparedList,
  page: number,
  size: number,
  signal?: AbortSignal,
): Promise<unknown[]> {
  const most = source.fitting.get(list.wanted) ?? Infinity;
  if (size <= most) {
    try {
      return await list.ask(page, size, list.wanted, false);
    } catch (thrown) {
      if (!mayBeContent(thrown, signal)) throw thrown;
      await source.ready();
      const halving = new Halving(source, list, signal, size, isTooLarge(thrown));
      // A Stash that is well and lists nothing must not cost a search at each try.
      if (!isAnswered(thrown)) await halving.prove(thrown);
      return await halving.read(page, size);
    }
  }
  return await new Halving(source, list, signal, most + 1, false).read(page, size);
}

class Halving {
  readonly #rows = new Map<number, unknown>();
  readonly #failed = new Map<number, PlexsyncError>();
  #isProven = false;
  /** Nothing is listed from this place on. */
  #end = Infinity;
  /** Rows that failed since the last one was read. */
  #failures = 0;
  #silences = 0;

  /**
   * @param tooMany So many rows, or more, are not asked for at once
   * @param isLarge Because they did not fit one answer
   */
  constructor(
    private readonly source: ListSource,
    private readonly list: SparedList,
    private readonly signal: AbortSignal | undefined,
    private readonly tooMany: number,
    private readonly isLarge: boolean,
  ) {}

  async read(page: number, size: number): Promise<unknown[]> {
    const from = (page - 1) * size;
    const end = from + size;
    // Pages of a power of two can be halved without end.
    const root = 2 ** Math.ceil(Math.log2(end));
    await this.#part(0, root, from, end, true);
    await this.#judge();
    return [...this.#rows].filter(([at]) => at >= from && at < end).sort(([a], [b]) => a - b)
      .map(([, row]) => row);
  }

  /** @returns whether every row of it was read */
  async #part(
    at: number,
    size: number,
    from: number,
    end: number,
    isRoot = false,
  ): Promise<boolean> {
    if (at >= Math.min(end, this.#end) || at + size <= from) return true;
    let isLarge = isRoot && this.isLarge;
    if (size === 1 && isRoot || !isRoot && (size < this.tooMany || size === 1)) {
      try {
        const rows = await this.list.ask(at / size + 1, size, this.list.wanted, false);
        for (const [n, row] of rows.slice(0, size).entries()) this.#rows.set(at + n, row);
        if (rows.length > 0) this.#failures = 0;
        else this.#end = at;
        return true;
      } catch (thrown) {
        if (!mayBeContent(thrown, this.signal)) throw thrown;
        if (isTimeOut(thrown) && ++this.#silences > MAX_SILENCES) throw thrown;
        isLarge = isTooLarge(thrown);
        if (size === 1) {
          this.#failed.set(at, thrown);
          // An outage may have begun meanwhile: it is no row's fault, however many fail.
          await this.source.ready();
          if (++this.#failures % HOPELESS === 0) await this.prove(thrown);
          return false;
        }
      }
    }
    const half = size / 2;
    const left = await this.#part(at, half, from, end);
    const right = await this.#part(at + half, half, from, end);
    if (left && right && isLarge) this.#remember(half);
    return left && right;
  }

  /** No single row was too large, so all of them together were. */
  #remember(size: number): void {
    const { fitting } = this.source;
    const known = fitting.get(this.list.wanted) ?? Infinity;
    fitting.set(this.list.wanted, Math.min(size, this.tooMany - 1, known));
  }

  /** What failed alone is asked for once more: it may have been a failure that passed. */
  async #judge(): Promise<void> {
    const unread: [at: number, error: PlexsyncError][] = [];
    for (const [at, error] of this.#failed) {
      const again = isTimeOut(error) ? undefined : await this.#one(at, this.list.wanted);
      if (again === undefined) unread.push([at, error]);
      else if (again !== null) this.#rows.set(at, again);
    }
    const [first] = unread;
    if (first === undefined) return;
    await this.source.ready();
    if (this.#rows.size === 0 && !this.#isProven) await this.prove(first[1]);
    for (const [at, error] of unread) this.#rows.set(at, await this.#restOf(at, error));
  }

  /** @returns null for none, undefined for one that cannot be read */
  async #one(at: number, wanted: string, isWhole = false): Promise<unknown> {
    try {
      return (await this.list.ask(at + 1, 1, wanted, isWhole))[0] ?? null;
    } catch (thrown) {
      if (!mayBeContent(thrown, this.signal)) throw thrown;
      return undefined;
    }
  }

  async #restOf(at: number, error: PlexsyncError): Promise<UnreadRow> {
    const { what, rests } = this.list;
    let rest: unknown;
    for (const wanted of rests) rest ??= await this.#one(at, wanted);
    const id = text(fields(rest)?.id);
    // Whoever misses one that nobody can name asks for it by its id before it is gone.
    if (id === "") {
      await this.source.ready();
      if (!this.#isProven) await this.prove(error);
      this.source.odd.addNameless(what, error.message);
    } else this.source.odd.addUnread(what, id, error.message);
    return { id, files: fields(rest)?.files, unread: true };
  }

  /** @throws {PlexsyncError} others cannot be read either: it is no single row's fault */
  async prove(error: PlexsyncError): Promise<void> {
    let failures = 0;
    for (const place of PROOFS) {
      const row = await this.#one(place - 1, this.list.wanted, true);
      if (row !== undefined && row !== null) {
        this.#isProven = true;
        return;
      }
      // Each further silence would take a time-out too.
      if (row === undefined && ++failures > 1 && isTimeOut(error)) throw error;
    }
    // One alone has nobody to speak for it; Stash says that it is well.
    if (failures > 1) throw error;
    this.#isProven = true;
  }
}
