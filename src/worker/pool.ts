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

/**
 * The same over whatever `next` gives, until it gives null. Where `next` rejects, so does this, once
 * all that was begun has ended.
 */
export async function poolOf<T>(
  next: () => Promise<T | null>,
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const lane = async () => {
    for (let item = await next(); item !== null; item = await next()) await work(item);
  };
  const ends = await Promise.allSettled(Array.from({ length: limit }, lane));
  for (const end of ends) if (end.status === "rejected") throw end.reason;
}
