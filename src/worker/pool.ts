/**
 * Runs `work` over `items`, at most `limit` at a time, in order of start.
 * Begins no further item once `stopped()` is true. `work` must not reject.
 */
export async function pool<T>(
  items: readonly T[],
  limit: number,
  stopped: () => boolean,
  work: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < items.length && !stopped()) await work(items[next++]!);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, lane));
}
