import {
  afterFailure,
  afterProbe,
  afterSuccess,
  type Breaker,
  CLOSED,
  type Work,
} from "../../core/jobs/breaker.ts";
import { isDue } from "../../core/time/clock.ts";
import { MINUTE_MS } from "../../core/time/duration.ts";
import { drainRate, FIRST_RATE, type Recovery, recoveryAfter } from "../../core/jobs/drain.ts";
import type { PlexsyncError } from "../../core/failures/errors.ts";
import { HINTS } from "../../core/failures/hints.ts";
import type { LogPort } from "../../core/log_port.ts";
import { type Attention, attentionOf, breakerOf } from "../../core/meta_keys.ts";
import { storeFault } from "../../core/failures/store_fault.ts";
import type { Store } from "../../store/store.ts";

const TRIAL_AFTER_MS = MINUTE_MS;
/** Neither a probe nor a trial is planned further ahead. */
const FURTHEST_MS = MINUTE_MS;

/** What to do about a server with which work rests. */
export interface GateDue {
  probe: boolean;
  /** One job, or a refresh of the index, shows whether a person has mended it. */
  trial: boolean;
  /** When to come back at the latest, epoch ms; Infinity while work may go on. */
  nextAt: number;
}

/**
 * Whether work with one server may go on: its breaker, kept across restarts, and a pause for what
 * needs a person. An outage is said once when it starts and once when it ends, whatever the
 * number of jobs. Each target has a gate of its own, so that one that is down stops no other.
 */
export class Gate {
  #breaker: Breaker;
  #attention: Attention | null = null;
  /** What that comes of: a token that is refused shows at one request after the other. */
  #root = "";
  /** What has to get through before nobody is needed any more. */
  #needed: Work = "read";
  #nextTrialAt = 0;
  #recovery: Recovery | null = null;
  /** The latest time that was seen, epoch ms. */
  #seenAt = -Infinity;

  /**
   * @param key Names the server in the database: `stash`, or the target's key
   * @param title Its name for people
   */
  constructor(
    readonly key: string,
    private readonly title: string,
    private readonly store: Pick<Store, "meta" | "outages">,
    private readonly log: LogPort,
  ) {
    this.#breaker = store.meta.get(breakerOf(key)) ?? { ...CLOSED };
    // Whoever restarts the daemon may have mended it: that is tried at once, and said anew.
    if (store.meta.get(attentionOf(key)) !== undefined) store.meta.remove(attentionOf(key));
  }

  /** Why work rests now, or null when it may go on. */
  get pausedBecause(): string | null {
    if (this.#attention !== null) return this.#attention.message;
    return this.isDown ? `${this.title} is down: ${this.#breaker.cause}` : null;
  }

  /** What only a person can mend, or null. */
  get attention(): Attention | null {
    return this.#attention;
  }

  /** True while the server is held for down. */
  get isDown(): boolean {
    return this.#breaker.state === "open";
  }

  /** True while it is not known yet whether the server is back: one job at a time shows it. */
  get isTrying(): boolean {
    return this.#breaker.state === "half_open";
  }

  /** Jobs per second that may be done at `now`: few after an outage, then more and more. */
  rate(now: number): number {
    return this.isTrying ? FIRST_RATE : drainRate(this.#recovery, now);
  }

  /** What to try at `now` while work rests. */
  due(now: number): GateDue {
    this.#heedClock(now);
    if (this.isDown) {
      const probeAt = this.#breaker.nextProbeAt ?? now;
      return { probe: isDue(probeAt, now, FURTHEST_MS), trial: false, nextAt: probeAt };
    }
    if (this.#attention === null) return { probe: false, trial: false, nextAt: Infinity };
    const isTrialDue = isDue(this.#nextTrialAt, now, FURTHEST_MS);
    return { probe: false, trial: isTrialDue, nextAt: this.#nextTrialAt };
  }

  /** The server answered real work; what is read says nothing of a server that does not write. */
  succeeded(now: number, work: Work): void {
    this.#heedClock(now);
    const before = this.#breaker;
    if (before.failures === 0 && before.state === "closed") return;
    const after = afterSuccess(before, work);
    if (after === before) return;
    this.#set(after);
    if (before.state === "closed") return;
    const lasted = Math.max(0, now - (before.failingSinceAt ?? now));
    this.#keep(() => this.store.outages.end(this.key, now));
    this.#recovery = recoveryAfter(lasted, now);
    this.log.info(`${this.title} is back: work goes on`, {
      event: "outage_end",
      server: this.key,
      duration_ms: lasted,
    });
  }

  /**
   * Real work failed because the server is down, or does not do it.
   * @param jobs How many jobs failed alike, each at a request of its own
   */
  failed(error: PlexsyncError, now: number, work: Work = "read", jobs = 1): void {
    this.#heedClock(now);
    const before = this.#breaker;
    const after = afterFailure(before, now, error.message, work, jobs);
    this.#set(after);
    if (before.state !== "closed" || after.state !== "open") return;
    const since = after.failingSinceAt ?? now;
    this.#keep(() => this.store.outages.begin(this.key, since, error.message));
    this.log.error(`${this.title} is down: ${error.message}; jobs stay queued`, {
      event: "outage_start",
      server: this.key,
      error_type: error.type,
      hint: error.hint,
    });
  }

  /** A probe of the server came back. */
  probed(answered: boolean, now: number): void {
    this.#set(afterProbe(this.#breaker, answered, now));
  }

  /** Pauses for a person. Said once until its root is another one. */
  attend(
    message: string,
    now: number,
    hint: string = HINTS.PlexUnauthorized,
    work: Work = "read",
    root = message,
  ): void {
    this.#nextTrialAt = now + TRIAL_AFTER_MS;
    this.#needed = work;
    if (this.#attention !== null && this.#root === root) return;
    this.#root = root;
    const attention = { message, hint, since: now };
    this.#attention = attention;
    this.#keep(() => this.store.meta.set(attentionOf(this.key), attention));
    this.log.error(`Needs attention: ${message}`, { event: "needs_attention", hint });
  }

  /** What needed a person is mended, if that is shown by such work. */
  attended(work: Work): void {
    if (this.#attention === null || this.#needed === "write" && work === "read") return;
    this.#attention = null;
    this.#keep(() => this.store.meta.remove(attentionOf(this.key)));
    this.log.info("What needed attention is mended: work goes on", { event: "attention_end" });
  }

  /** By a clock that was set back, an outage began as much earlier: its length stays what it was. */
  #heedClock(now: number): void {
    const backMs = this.#seenAt - now;
    this.#seenAt = now;
    const { failingSinceAt } = this.#breaker;
    if (!(backMs > 0) || failingSinceAt === null) return;
    this.#set({ ...this.#breaker, failingSinceAt: failingSinceAt - backMs });
    this.#keep(() => this.store.outages.shift(this.key, backMs));
  }

  #set(breaker: Breaker): void {
    this.#breaker = breaker;
    this.#keep(() => this.store.meta.set(breakerOf(this.key), breaker));
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
