/** Runs a script's work so that a signal or the end of its time ends it in order. */

const EXIT_BY_SIGNAL = { SIGINT: 130, SIGTERM: 143 } as const;
type EndingSignal = keyof typeof EXIT_BY_SIGNAL;

/**
 * @param limit Work that takes longer is stopped, and fails with this reason
 * @param work Gives its exit code; it rejects when it is stopped
 * @param failed Told why it rejected, or null when it was for a signal
 * @returns the exit code: that of the work, 1, or that of the signal
 */
export async function untilEnded(
  limit: { ms: number; reason: string },
  work: (stop: AbortSignal) => Promise<number>,
  failed: (error: unknown) => void,
): Promise<number> {
  const stop = new AbortController();
  let signal: EndingSignal | undefined;
  const unlisten = onSignal((name) => {
    signal = name;
    stop.abort(new Error(name));
  });
  const timer = setTimeout(() => stop.abort(new Error(limit.reason)), limit.ms);
  try {
    return await work(stop.signal);
  } catch (error) {
    failed(signal === undefined ? error : null);
    return signal === undefined ? 1 : EXIT_BY_SIGNAL[signal];
  } finally {
    clearTimeout(timer);
    unlisten();
  }
}

/** Calls `handler` for signals that ask to end, until the returned function is called. */
function onSignal(handler: (signal: EndingSignal) => void): () => void {
  const names = Object.keys(EXIT_BY_SIGNAL) as EndingSignal[];
  const listeners = names.filter((name) => name === "SIGINT" || Deno.build.os !== "windows")
    .map((name) => [name, () => handler(name)] as const);
  for (const [name, listener] of listeners) Deno.addSignalListener(name, listener);
  return () => {
    for (const [name, listener] of listeners) Deno.removeSignalListener(name, listener);
  };
}
