/** The world as an argument: what a test replaces to make an hour pass at once. */
export interface Runtime {
  /** Epoch milliseconds. */
  now(): number;
  /** [0, 1) */
  random(): number;
  /** Ends early on abort; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
