/** What a resolver knows of the request it answers, and how it does several things for it. */
import { StashError } from "./entities.ts";
import type { HookCaller } from "./hooks.ts";

export interface Asked extends HookCaller {
  /** Scheme, host and prefix as the client sees them. */
  baseUrl: string;
}

/** @throws {StashError} the client has gone: Stash reads nothing more for it */
export function stillAsked({ signal }: Asked): void {
  if (signal.aborted) throw new StashError("context canceled");
}

/** Never side by side: that is what makes a bulk edit slow. */
export async function inTurn<T, R>(
  items: readonly T[],
  work: (item: T, index: number) => R | Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  for (const [index, item] of items.entries()) results.push(await work(item, index));
  return results;
}
