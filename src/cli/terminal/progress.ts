import type { Invocation } from "../frame/command.ts";

/** How far a long command is: a bar on a terminal, lines at each tenth elsewhere. */
export class Progress {
  #tenth = 0;
  #drawn = false;

  constructor(private readonly invocation: Invocation, private readonly what: string) {}

  /** @param total null when unknown */
  show(done: number, total: number | null): void {
    const { world } = this.invocation;
    if (world.terminal.stderr) {
      this.#drawn = true;
      this.#write(`\r\x1b[2K${this.what}: ${total === null ? done : bar(done, total)}`);
      return;
    }
    const tenth = total === null || total === 0 ? 0 : Math.floor((done / total) * 10);
    if (tenth <= this.#tenth) return;
    this.#tenth = tenth;
    this.#write(`${this.what}: ${done} of ${total}\n`);
  }

  /** Takes the bar away. */
  end(): void {
    if (this.#drawn) this.#write("\r\x1b[2K");
  }

  #write(text: string): void {
    this.invocation.world.stderr(new TextEncoder().encode(text));
  }
}

const WIDTH = 30;

function bar(done: number, total: number): string {
  const filled = total === 0 ? WIDTH : Math.round((Math.min(done, total) / total) * WIDTH);
  return `[${"#".repeat(filled)}${" ".repeat(WIDTH - filled)}] ${done} of ${total}`;
}
