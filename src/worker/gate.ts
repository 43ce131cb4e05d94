import { afterFailure, afterProbe, afterSuccess, type Breaker, CLOSED } from "../core/breaker.ts";
import { HINTS, type PlexsyncError } from "../core/errors.ts";
import type { LogPort, StorePort } from "./ports.ts";

export type Server = "plex" | "stash";

const SERVER_NAME: Readonly<Record<Server, string>> = { plex: "Plex", stash: "Stash" };
const ATTENTION_PROBE_MS = 60_000;

/** A fault that only a person can mend: work pauses, jobs stay. */
interface Attention {
  message: string;
  hint: string;
  nextProbeAt: number;
}

/**
 * Whether work may go on. One breaker per server, kept across restarts, and one
 * pause for what needs a person. An outage is said once when it starts and once
 * when it ends, whatever the number of jobs.
 */
export class Gate {
  #breakers: Record<Server, Breaker>;
  #attention: Attention | null = null;

  constructor(
    private readonly meta: StorePort["meta"],
    private readonly log: LogPort,
  ) {
    this.#breakers = {
      plex: meta.get<Breaker>("breaker:plex") ?? { ...CLOSED },
      stash: meta.get<Breaker>("breaker:stash") ?? { ...CLOSED },
    };
  }

  /** Why work rests now, or null when it may go on. */
  get pausedBecause(): string | null {
    if (this.#attention !== null) return this.#attention.message;
    for (const server of ["plex", "stash"] as const) {
      const breaker = this.#breakers[server];
      if (breaker.state === "open") return `${SERVER_NAME[server]} is down: ${breaker.cause}`;
    }
    return null;
  }

  /** True while a server is held for down. */
  isDown(server: Server): boolean {
    return this.#breakers[server].state === "open";
  }

  /** True when only a person can end the pause. */
  get needsAttention(): boolean {
    return this.#attention !== null;
  }

  /** Servers to probe at `now`, and when to come back at the latest. Epoch ms. */
  due(now: number): { probe: Server[]; nextAt: number } {
    const waits: [Server, number][] = [];
    if (this.#attention !== null) waits.push(["plex", this.#attention.nextProbeAt]);
    for (const server of ["plex", "stash"] as const) {
      const { state, nextProbeAt } = this.#breakers[server];
      if (state === "open") waits.push([server, nextProbeAt ?? now]);
    }
    return {
      probe: [...new Set(waits.filter(([, at]) => at <= now).map(([server]) => server))],
      nextAt: Math.min(...waits.map(([, at]) => at)),
    };
  }

  /** A server answered real work. */
  succeeded(server: Server): void {
    const before = this.#breakers[server];
    if (before.failures === 0 && before.state === "closed") return;
    this.#set(server, afterSuccess());
    if (before.state !== "closed") {
      this.log.info(`${SERVER_NAME[server]} is back: work goes on`, {
        event: "outage_end",
        server,
      });
    }
  }

  /** Real work failed because the server is down. */
  failed(server: Server, error: PlexsyncError, now: number): void {
    const before = this.#breakers[server];
    const after = afterFailure(before, now, error.message);
    this.#set(server, after);
    if (before.state === "closed" && after.state === "open") {
      this.log.error(`${SERVER_NAME[server]} is down: ${error.message}; jobs stay queued`, {
        event: "outage_start",
        server,
        error_type: error.type,
        hint: error.hint,
      });
    }
  }

  /** A probe of a server came back. */
  probed(server: Server, answered: boolean, now: number): void {
    this.#set(server, afterProbe(this.#breakers[server], answered, now));
  }

  /** Pauses for a person. Said once until it changes. */
  attend(message: string, now: number, hint: string = HINTS.PlexUnauthorized): void {
    if (this.#attention?.message !== message) {
      this.log.error(`Needs attention: ${message}`, { event: "needs_attention", hint });
    }
    this.#attention = { message, hint, nextProbeAt: now + ATTENTION_PROBE_MS };
  }

  /** What needed a person is mended. */
  attended(): void {
    if (this.#attention === null) return;
    this.#attention = null;
    this.log.info("What needed attention is mended: work goes on", { event: "attention_end" });
  }

  #set(server: Server, breaker: Breaker): void {
    this.#breakers[server] = breaker;
    this.meta.set(`breaker:${server}`, breaker);
  }
}
