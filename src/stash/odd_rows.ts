import { isId, type Row } from "./id_walk.ts";

/** So much is told, and no more, whatever a server answers. */
const MAX_TOLD = 10;

/** Tells of what a list of Stash has that nobody can go by, once each: all else in it is used. */
export class OddRows {
  readonly #told = new Set<string>();

  /** @param tell Told one line at a time */
  constructor(private readonly tell: (line: string) => void) {}

  /**
   * Rows of a list that is in the order of ids.
   * @param what Of what, such as `scene`
   */
  add(what: string, rows: readonly Row[]): void {
    for (const { id } of rows) {
      const name = JSON.stringify(id.slice(0, 20));
      this.#say(
        isId(id)
          ? `Stash lists ${what} ${name} twice, or where no such id can stand`
          : `Stash lists a ${what} under what is no id: ${name}`,
      );
    }
  }

  /** A row that Stash cannot give; once, however it fails. */
  addUnread(what: string, id: string, why: string): void {
    const name = `${what} ${id}`;
    this.#say(`Stash cannot give ${name}, which is left out until it can: ${why}`, name);
  }

  /** A row of which Stash cannot even give the id; once, wherever it stands. */
  addNameless(what: string, why: string): void {
    this.#say(`Stash lists a ${what} and cannot even name it: all others are read (${why})`, what);
  }

  /** Ids that Stash lists and does not know. */
  addUnknown(ids: readonly string[]): void {
    for (const id of ids) this.#say(`Stash lists scene "${id}", and does not know it`);
  }

  /** A list that gave less than it counts. */
  addMissing(counted: number, listed: number): void {
    this.#say(`Stash counts ${counted} scenes and lists ${listed}`);
  }

  #say(line: string, key = line): void {
    if (this.#told.has(key) || this.#told.size > MAX_TOLD) return;
    this.#told.add(key);
    this.tell(
      this.#told.size > MAX_TOLD ? "Stash lists more of that kind, which is not told" : line,
    );
  }
}
