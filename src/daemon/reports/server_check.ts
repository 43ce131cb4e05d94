/** What a server says now. */
export interface ServerCheck {
  /** null when it was not asked: no address, or `--offline`. */
  reachable: boolean | null;
  latency_ms: number | null;
  version: string | null;
  /** Whether it takes our token or key; null when that was not asked or not answered. */
  authorized: boolean | null;
  error: string | null;
  hint: string | null;
}

export const NOT_ASKED: Readonly<ServerCheck> = Object.freeze({
  reachable: null,
  latency_ms: null,
  version: null,
  authorized: null,
  error: null,
  hint: null,
});
