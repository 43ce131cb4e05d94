/** Lets so many do something at once, and so many others wait for their turn in the order they came. */
export class Turns {
  #taken = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(private readonly atOnce: number, private readonly maxWaiting: number) {}

  /** @returns when it is one's turn, which has to be given back; false where too many wait already */
  async take(): Promise<boolean> {
    if (this.#taken < this.atOnce) this.#taken++;
    else if (this.#waiting.length >= this.maxWaiting) return false;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return true;
  }

  giveBack(): void {
    const next = this.#waiting.shift();
    // Handed on, it stays taken.
    if (next !== undefined) next();
    else this.#taken--;
  }
}
