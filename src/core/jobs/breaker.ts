import { MINUTE_MS } from "../time/duration.ts";

/**
 * Circuit breaker as a pure state machine.
 *
 *   closed ──5 failures in a row──▶ open ──probe: good, or late───▶ half-open
 *     ▲                              ▲                                 │
 *     └──────────1 success───────────┼─────────────────────────────────┤
 *                                    └────────────1 failure────────────┘
 */
export interface Breaker {
  state: "closed" | "open" | "half_open";
  /** What failed, and has to get through before it closes: a server may read and not write. */
  work: Work;
  /** Failures in a row since the last success. */
  failures: number;
  /** Epoch ms of the first failure of this outage, or null. */
  failingSinceAt: number | null;
  /** Epoch ms when the breaker last opened, or null. */
  openedAt: number | null;
  /** Probes since it opened from closed, or trials that failed; the next delay goes by it. */
  probes: number;
  /** Epoch ms of the next probe while open, or null. */
  nextProbeAt: number | null;
  /** What failed last, for people. */
  cause: string | null;
}

/** Who can be written to can be read. */
export type Work = "read" | "write";

export const FAILURES_TO_OPEN = 5;
/** A probe after this long lets work try again even when it failed, which is the one after 95 s. */
const OPEN_FOR_MS = MINUTE_MS;
const PROBE_DELAYS_MS = [5_000, 10_000, 20_000, 60_000] as const;

export const CLOSED: Readonly<Breaker> = Object.freeze({
  state: "closed",
  work: "read",
  failures: 0,
  failingSinceAt: null,
  openedAt: null,
  probes: 0,
  nextProbeAt: null,
  cause: null,
});

/** After real work got through. */
export function afterSuccess(breaker: Breaker, work: Work): Breaker {
  return breaker.work === "write" && work === "read" ? breaker : { ...CLOSED };
}

/**
 * After real work failed because the server is down.
 * @param jobs How many jobs failed alike, each at a request of its own
 */
export function afterFailure(
  breaker: Breaker,
  now: number,
  cause: string,
  work: Work = "read",
  jobs = 1,
): Breaker {
  const failures = breaker.failures + jobs;
  const failing = {
    ...breaker,
    work: breaker.work === "write" ? breaker.work : work,
    failures,
    cause,
    failingSinceAt: breaker.failingSinceAt ?? now,
  };
  if (breaker.state === "closed" && failures < FAILURES_TO_OPEN) return failing;
  // A server that answers probes and then fails at work again is tried ever less often.
  const probes = breaker.state === "half_open" ? breaker.probes + 1 : 0;
  return {
    ...failing,
    state: "open",
    openedAt: now,
    probes,
    nextProbeAt: now + probeDelay(probes),
  };
}

/** How long after its `tries`-th failure in a row something is tried again, from 0. In ms. */
export function probeDelay(tries: number): number {
  return PROBE_DELAYS_MS[Math.min(tries, PROBE_DELAYS_MS.length - 1)]!;
}

/** After a probe of a server that is held for down. */
export function afterProbe(breaker: Breaker, answered: boolean, now: number): Breaker {
  if (breaker.state !== "open") return breaker;
  if (answered || now >= (breaker.openedAt ?? now) + OPEN_FOR_MS) {
    return { ...breaker, state: "half_open", nextProbeAt: null };
  }
  const probes = breaker.probes + 1;
  return { ...breaker, probes, nextProbeAt: now + probeDelay(probes) };
}
