import { aborted } from "../core/aborted.ts";
import type { LogPort } from "../core/log_port.ts";
import type { Runtime } from "../core/runtime.ts";
import { SECOND_MS } from "../core/time/duration.ts";
import type { Listener } from "./listener.ts";

/** How often it is asked whether it takes anybody in. */
const CHECK_MS = 10 * SECOND_MS;

export interface LastingParts {
  /** Where it listens, for people. */
  place: () => string;
  runtime: Pick<Runtime, "sleep">;
  log: Pick<LogPort, "warning" | "error">;
  /** Makes the listener, also again after the one before let go of its place. */
  make(): Promise<Listener>;
  /** In ms; for tests. */
  checkMs?: number;
}

/**
 * A listener that is made anew when it takes nobody in any more. A process that once had no file
 * handle left never accepts a connection again, though it listens: whoever asks would wait for ever,
 * and nobody would be told.
 */
export class LastingListener {
  readonly #closing = new AbortController();
  readonly #watching: Promise<void>;
  #isFailing = false;
  /** Those before, until they have answered what they were asked. */
  readonly #before = new Set<Promise<void>>();

  private constructor(private readonly parts: LastingParts, private listener: Listener) {
    this.#watching = this.#watch();
  }

  /** @throws {Error} it cannot listen there */
  static async open(parts: LastingParts): Promise<LastingListener> {
    return new LastingListener(parts, await parts.make());
  }

  /** null for a Unix socket. */
  get port(): number | null {
    return this.listener.port;
  }

  /** Ends what is under way, and listens no more; never rejects. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#watching;
    await Promise.all([this.listener.end(), ...this.#before]);
  }

  async #watch(): Promise<void> {
    const { runtime, checkMs = CHECK_MS } = this.parts;
    const { signal } = this.#closing;
    for (;;) {
      await runtime.sleep(checkMs, signal);
      if (signal.aborted) return;
      // Twice, so that a process that was busy for a moment is not taken for a deaf one.
      if (await this.listener.hears(signal) || await this.listener.hears(signal)) continue;
      if (signal.aborted) return;
      await this.#renew();
    }
  }

  async #renew(): Promise<void> {
    const { log, make } = this.parts;
    const place = this.parts.place();
    const before = this.listener;
    before.letGo();
    try {
      this.listener = await make();
    } catch (error) {
      if (this.#isFailing) return;
      this.#isFailing = true;
      log.error(`Nobody is taken in on ${place}, and it cannot listen there anew`, {
        event: "listen_failed",
        error_message: (error as Error).message,
        hint: "Tried again every few seconds; a restart of plexsync may help",
      });
      return;
    }
    this.#isFailing = false;
    // What it was asked before is answered still.
    const ended = Promise.race([before.answered(), aborted(this.#closing.signal)])
      .then(() => before.close())
      .finally(() => this.#before.delete(ended));
    this.#before.add(ended);
    log.warning(`Nobody was taken in on ${place} any more: it listens anew`, {
      event: "listen_again",
      hint:
        "Most likely there was no file handle left: raise the limit (ulimit -n, LimitNOFILE), " +
        "and look who holds so many connections",
    });
  }
}
