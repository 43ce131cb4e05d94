import { afterFailure, afterProbe, afterSuccess, type Breaker, CLOSED } from "../core/breaker.ts";
import { isDue } from "../core/clock.ts";
import { drainRate, FIRST_RATE, type Recovery, recoveryAfter } from "../core/drain.ts";
import { HINTS, type PlexsyncError } from "../core/errors.ts";
import { ATTENTION, type Attention, breakerOf } from "../core/meta_keys.ts";
import { storeFault } from "../core/store_fault.ts";
import type { LogPort, StorePort } from "./ports.ts";

export type Server = "plex" | "stash";

const SERVERS: readonly Server[] = ["plex", "stash"];
const SERVER_NAME: Readonly<Record<Server, string>> = { plex: "Plex", stash: "Stash" };
const TRIAL_AFTER_MS = 60_000;

/**
 * Whether work may go on. One breaker per server, kept across restarts, and one
 * pause for what needs a person. An outage is said once when it starts and once
 * when it ends, whatever the number of jobs.
 */
export class Gate {
  #breakers: Record<Server, Breaker>;
  #attention: Attention | null;
  #nextTrialAt = 0;
  #recovery: Recovery | null = null;

  constructor(
    private readonly store: Pick<StorePort, "meta" | "outages">,
    private readonly log: LogPort,
  ) {
    const kept = (server: Server) => store.meta.get(breakerOf(server)) ?? { ...CLOSED };
    this.#breakers = { plex: kept("plex"), stash: kept("stash") };
    // Whoever restarts the daemon may have mended it: that is tried at once, and said anew.
    this.#attention = null;
    if (store.meta.get(ATTENTION) !== undefined) store.meta.remove(ATTENTION);
  }

  /** Why work rests now, or null when it may go on. */
  get pausedBecause(): string | null {
    if (this.#attention !== null) return this.#attention.message;
    const down = SERVERS.find((server) => this.isDown(server));
    return down === undefined
      ? null
      : `${SERVER_NAME[down]} is down: ${this.#breakers[down].cause}`;
  }

  /** What only a person can mend, or null. */
  get attention(): Attention | null {
    return this.#attention;
  }

  /** Jobs per second that may be done at `now`: few after an outage, then more and more. */
  rate(now: number): number {
    const trying = SERVERS.some((server) => this.#breakers[server].state === "half_open");
    return trying ? FIRST_RATE : drainRate(this.#recovery, now);
  }

  /** True while a server is held for down. */
  isDown(server: Server): boolean {
    return this.#breakers[server].state === "open";
  }

  /** What to try at `now` while work rests, and when to come back at the latest (epoch ms). */
  due(now: number): { probe: Server[]; trial: boolean; nextAt: number } {
    const down = SERVERS.filter((server) => this.isDown(server));
    const probeAt = (server: Server) => this.#breakers[server].nextProbeAt ?? now;
    const times = down.map(probeAt);
    // One job shows whether a person has mended it, but not while a server is down besides.
    const mayTry = this.#attention !== null && down.length === 0;
    if (mayTry) times.push(this.#nextTrialAt);
    return {
      probe: down.filter((server) => isDue(probeAt(server), now)),
      trial: mayTry && isDue(this.#nextTrialAt, now),
      nextAt: Math.min(...times),
    };
  }

  /** A server answered real work. */
  succeeded(server: Server, now: number): void {
    const before = this.#breakers[server];
    if (before.failures === 0 && before.state === "closed") return;
    this.#set(server, afterSuccess());
    if (before.state === "closed") return;
    const lasted = now - (before.failingSinceAt ?? now);
    this.#keep(() => this.store.outages.end(server, now));
    this.#recovery = recoveryAfter(lasted, now);
    this.log.info(`${SERVER_NAME[server]} is back: work goes on`, {
      event: "outage_end",
      server,
      duration_ms: lasted,
    });
  }

  /** Real work failed because the server is down. */
  failed(server: Server, error: PlexsyncError, now: number): void {
    const before = this.#breakers[server];
    const after = afterFailure(before, now, error.message);
    this.#set(server, after);
    if (before.state !== "closed" || after.state !== "open") return;
    const since = after.failingSinceAt ?? now;
    this.#keep(() => this.store.outages.begin(server, since, error.message));
    this.log.error(`${SERVER_NAME[server]} is down: ${error.message}; jobs stay queued`, {
      event: "outage_start",
      server,
      error_type: error.type,
      hint: error.hint,
    });
  }

  /** A probe of a server came back. */
  probed(server: Server, answered: boolean, now: number): void {
    this.#set(server, afterProbe(this.#breakers[server], answered, now));
  }

  /** Pauses for a person. Said once until it changes. */
  attend(message: string, now: number, hint: string = HINTS.PlexUnauthorized): void {
    this.#nextTrialAt = now + TRIAL_AFTER_MS;
    if (this.#attention?.message === message) return;
    this.#attention = { message, hint, since: now };
    const attention = this.#attention;
    this.#keep(() => this.store.meta.set(ATTENTION, attention));
    this.log.error(`Needs attention: ${message}`, { event: "needs_attention", hint });
  }

  /** What needed a person is mended. */
  attended(): void {
    if (this.#attention === null) return;
    this.#attention = null;
    this.#keep(() => this.store.meta.remove(ATTENTION));
    this.log.info("What needed attention is mended: work goes on", { event: "attention_end" });
  }

  #set(server: Server, breaker: Breaker): void {
    this.#breakers[server] = breaker;
    this.#keep(() => this.store.meta.set(breakerOf(server), breaker));
  }

  /** Keeps a fact for after a restart. A full disk must not end the daemon over it. */
  #keep(write: () => void): void {
    try {
      write();
    } catch (error) {
      if (storeFault(error) === null) throw error;
    }
  }
}
