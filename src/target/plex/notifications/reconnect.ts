/** Which connection to try next, and when: the decisions of `followNotifications`. */

export const TRANSPORTS = ["websocket", "event stream"] as const;
export type Transport = (typeof TRANSPORTS)[number];

/** How a try came out. */
export type Outcome =
  | { kind: "refused"; status: number }
  | { kind: "failed" }
  /** `lasted`: long enough, and with something heard, to count as a good one. */
  | { kind: "lost"; lasted: boolean };

export interface Try {
  transport: Transport;
  /** Tries in a row that failed. */
  failures: number;
  /** Wait before it, in ms. */
  waitMs: number;
}

export const FIRST_TRY: Readonly<Try> = { transport: "websocket", failures: 0, waitMs: 0 };

const BASE_MS = 1_000;
const CAP_MS = 30_000;
/** A token does not become valid by asking often. */
const UNAUTHORIZED_MS = 60_000;
/** Nothing but polling is left; a new Plex or another proxy may come. */
const NOTHING_LEFT_MS = 5 * 60_000;
/** Some proxies swallow WebSockets without an answer: every third try is an event stream. */
const OTHER_EVERY = 3;

/** @param random Drawn from [0, 1) */
export function nextTry(last: Try, outcome: Outcome, random: number): Try {
  if (outcome.kind === "refused" && outcome.status === 401) {
    return { ...FIRST_TRY, waitMs: UNAUTHORIZED_MS };
  }
  if (outcome.kind === "refused" && !isBusy(outcome.status)) {
    const next = TRANSPORTS[TRANSPORTS.indexOf(last.transport) + 1];
    return next === undefined
      ? { ...FIRST_TRY, waitMs: NOTHING_LEFT_MS }
      : { transport: next, failures: last.failures, waitMs: 0 };
  }
  const good = outcome.kind === "lost" && outcome.lasted;
  const failures = good ? 0 : last.failures + 1;
  const ceiling = Math.min(BASE_MS * 2 ** Math.min(Math.max(failures - 1, 0), 8), CAP_MS);
  return {
    transport: failures % OTHER_EVERY === OTHER_EVERY - 1 ? "event stream" : "websocket",
    failures,
    // Half fixed, half drawn: many clients of one Plex must not come back as one.
    waitMs: Math.floor(ceiling * (0.5 + random / 2)),
  };
}

/** The server or its proxy is there, and says that it will do later. */
function isBusy(status: number): boolean {
  return status >= 500 || status === 429 || status === 408;
}
