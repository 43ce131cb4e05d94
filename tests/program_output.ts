/** One output of a started program: its lines as they come, and all of it in the end. */

/** A line that never comes shall not hang a test; a service looks for a server after 95 s at most. */
const PATIENCE_MS = 120_000;

interface Waiter {
  matches(line: string): boolean;
  resolve(line: string): void;
  giveUp(): void;
}

/** Reads a stream of UTF-8 text to its end, whether or not anybody asks. */
export class ProgramOutput {
  /** All of it; resolves when the program has closed it. */
  readonly text: Promise<string>;
  /** The complete lines so far, without their ends. */
  readonly lines: string[] = [];
  #ended = false;
  #waiters: Waiter[] = [];

  constructor(stream: ReadableStream<Uint8Array>) {
    this.text = this.#read(stream);
  }

  /**
   * The first line that matches, among those that have come and those that will.
   * @param what Part of the line, a pattern, or a test
   * @param patienceMs So long it is waited for; Infinity for as long as the output goes on
   * @throws {Error} The output ended without one, or none came in time; the message holds what
   *   there was
   */
  line(
    what: string | RegExp | ((line: string) => boolean),
    patienceMs = PATIENCE_MS,
  ): Promise<string> {
    const matches = toTest(what);
    const found = this.lines.find(matches);
    if (found !== undefined) return Promise.resolve(found);
    if (this.#ended) return Promise.reject(this.#missing(what));
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        clearTimeout(timer);
        this.#waiters = this.#waiters.filter((each) => each !== waiter);
        reject(this.#missing(what));
      };
      const waiter: Waiter = {
        matches,
        resolve: (line) => {
          clearTimeout(timer);
          resolve(line);
        },
        giveUp,
      };
      const timer = Number.isFinite(patienceMs) ? setTimeout(giveUp, patienceMs) : undefined;
      this.#waiters.push(waiter);
    });
  }

  async #read(stream: ReadableStream<Uint8Array>): Promise<string> {
    let text = "";
    let rest = "";
    for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      lines.forEach((line) => this.#add(line));
    }
    if (rest !== "") this.#add(rest);
    this.#ended = true;
    for (const waiter of [...this.#waiters]) waiter.giveUp();
    return text;
  }

  #add(line: string) {
    this.lines.push(line);
    this.#waiters = this.#waiters.filter((waiter) => {
      if (!waiter.matches(line)) return true;
      waiter.resolve(line);
      return false;
    });
  }

  #missing(what: unknown): Error {
    return new Error(`No line matches ${what} in this output:\n${this.lines.join("\n")}`);
  }
}

function toTest(what: string | RegExp | ((line: string) => boolean)): (line: string) => boolean {
  if (typeof what === "function") return what;
  return typeof what === "string" ? (line) => line.includes(what) : (line) => what.test(line);
}
