/** Keeps one daemon running, ends it when the plan says so, and notices when it ends by itself. */
import type { Program } from "../../tests/program.ts";
import type { World } from "../../tests/e2e/world.ts";

export type EndSignal = "SIGKILL" | "SIGTERM";

const RUN = ["run", "--log-format", "json"];
/** Above the time that the daemon gives its batch in hand; then it hangs. */
const STOP_LIMIT_MS = 40_000;

export class Daemon implements AsyncDisposable {
  /** Epoch ms of each end, from the signal to the last breath. */
  readonly ends: { signal: EndSignal; at: number; until: number }[] = [];
  #program: Program | null = null;
  #expected = false;

  /** @param failed Told when the daemon did what it must not */
  constructor(private readonly world: World, private readonly failed: (why: string) => void) {}

  async start(): Promise<void> {
    this.#expected = false;
    const program = this.#program = await this.world.start(RUN);
    void program.result.then(({ code, stderr }) => {
      if (this.#program !== program || this.#expected) return;
      this.failed(`the daemon ended by itself with exit code ${code}\n${tail(stderr)}`);
    });
  }

  /** Ends it, and waits until it has ended. */
  async end(signal: EndSignal): Promise<void> {
    const program = this.#program;
    if (program === null) return;
    this.#expected = true;
    const end = { signal, at: Date.now(), until: Infinity };
    this.ends.push(end);
    program.kill(signal);
    const timer = setTimeout(() => {
      this.failed(`the daemon did not end within ${STOP_LIMIT_MS / 1000} s of ${signal}`);
      program.kill("SIGKILL");
    }, STOP_LIMIT_MS);
    const { code, stderr } = await program.result;
    clearTimeout(timer);
    end.until = Date.now();
    this.#program = null;
    // Before it says that it starts, it has nothing to give back: the signal just ends it.
    const begun = stderr.includes('"event":"start"');
    if (signal === "SIGTERM" && code !== 0 && begun) {
      this.failed(`the daemon ended with ${code} at SIGTERM\n${tail(stderr)}`);
    }
  }

  count(signal: EndSignal): number {
    return this.ends.filter((end) => end.signal === signal).length;
  }

  async [Symbol.asyncDispose]() {
    this.#expected = true;
    await this.#program?.[Symbol.asyncDispose]();
  }
}

function tail(text: string): string {
  return text.trimEnd().split("\n").slice(-5).join("\n");
}
