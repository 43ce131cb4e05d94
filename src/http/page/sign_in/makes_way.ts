import { Refusal } from "../../refusal.ts";

/**
 * Lets so many at once do what anybody may do; when one more comes, the one that began first has to
 * stop. Who is quick has ended by then, and who takes his time keeps nobody out.
 */
export class MakesWay {
  /** The first that began is the first here. */
  readonly #doing = new Set<AbortController>();

  constructor(private readonly atOnce: number) {}

  /**
   * @param act Ends soon after its signal aborts
   * @param closing Aborted when all has to end
   * @throws {Refusal} it had to make way
   */
  async while<T>(act: (over: AbortSignal) => Promise<T>, closing: AbortSignal): Promise<T> {
    const over = new AbortController();
    const end = () => over.abort();
    closing.addEventListener("abort", end);
    this.#doing.add(over);
    if (this.#doing.size > this.atOnce) {
      const [first] = this.#doing;
      this.#doing.delete(first!);
      first!.abort();
    }
    try {
      return await act(over.signal);
    } catch (thrown) {
      if (!over.signal.aborted || closing.aborted) throw thrown;
      throw new Refusal(503, "Too many sign in at once", "Try again", { "retry-after": "1" });
    } finally {
      closing.removeEventListener("abort", end);
      this.#doing.delete(over);
    }
  }
}
