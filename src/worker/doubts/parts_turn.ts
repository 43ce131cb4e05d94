/**
 * Whether edits are worth being sent in their parts. Where all edits are refused, or none is heard,
 * each would cost as many requests as it has fields.
 */
export class PartsTurn {
  #isVain = false;
  #next = 0;

  /** Of the last edit that was sent in its parts nothing was taken. */
  get isVain(): boolean {
    return this.#isVain;
  }

  /** Something of an edit was taken, or is worth another try. */
  taken(): void {
    this.#isVain = false;
  }

  /** Nothing was taken of an edit, by none of its parts. */
  refused(): void {
    this.#isVain = true;
  }

  /** The parts in the order in which they are sent: it is another one's turn to be first each time. */
  order<T>(parts: readonly T[]): T[] {
    if (!this.#isVain) return [...parts];
    const first = this.#next++ % parts.length;
    return [...parts.slice(first, first + 1), ...parts.filter((_, at) => at !== first)];
  }
}
