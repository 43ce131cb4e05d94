/**
 * Resolves when one of the signals aborts.
 *
 * Not by `AbortSignal.any`: before Deno 2.8 what that gives is collected as garbage while nothing
 * but a listener waits for it, and then the wait never ends.
 */
export function aborted(...signals: readonly AbortSignal[]): Promise<void> {
  if (signals.some((signal) => signal.aborted)) return Promise.resolve();
  return new Promise((done) => {
    const end = () => {
      for (const signal of signals) signal.removeEventListener("abort", end);
      done();
    };
    for (const signal of signals) signal.addEventListener("abort", end);
  });
}
