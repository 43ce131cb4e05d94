/** Where the demo writes: results on stdout, how far it is on stderr. */

const WIDTH = 30;
/** Without a terminal one line says as much as this part of the work. */
const STEP = 5;

export interface Output {
  writeSync(bytes: Uint8Array): number;
  isTerminal(): boolean;
}

export class Screen {
  #drawn = false;
  #steps = 0;

  /** @param plain No colours, whatever `out` is */
  constructor(
    private readonly out: Output,
    private readonly err: Output,
    private readonly plain: boolean,
  ) {}

  print(text: string): void {
    write(this.out, text);
  }

  /** A command of the program, as a person would type it. */
  command(args: readonly string[]): void {
    const line = `$ plexsync ${args.join(" ")}`;
    const coloured = this.out.isTerminal() && !this.plain;
    this.print(`\n${coloured ? `\x1b[1m${line}\x1b[0m` : line}\n`);
  }

  /** A bar on a terminal, a line now and then elsewhere. */
  progress(what: string, done: number, total: number): void {
    if (this.err.isTerminal()) {
      this.#drawn = true;
      const filled = Math.round((done / total) * WIDTH);
      const bar = "#".repeat(filled) + " ".repeat(WIDTH - filled);
      return write(this.err, `\r\x1b[2K${what} [${bar}] ${done} of ${total}`);
    }
    const steps = Math.floor(done / STEP);
    if (steps <= this.#steps) return;
    this.#steps = steps;
    write(this.err, `${what} ${done} of ${total}\n`);
  }

  /** Takes the bar away. */
  progressEnds(): void {
    if (this.#drawn) write(this.err, "\r\x1b[2K");
    this.#drawn = false;
  }

  error(message: string, hint?: string): void {
    this.progressEnds();
    write(this.err, `error: ${message}\n${hint === undefined ? "" : `hint: ${hint}\n`}`);
  }
}

function write(stream: Output, text: string): void {
  const bytes = new TextEncoder().encode(text);
  try {
    for (let at = 0; at < bytes.length;) at += stream.writeSync(bytes.subarray(at));
  } catch (error) {
    // Whoever read this has gone (`deno task demo | head`): the demo still cleans up.
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}
