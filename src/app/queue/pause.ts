import { PAUSED_AT } from "../../core/meta_keys.ts";
import type { Installation } from "../installation.ts";

/** Since when work is paused, and whether it was so before. */
export interface Paused {
  since_at: number;
  already: boolean;
}

/** No job is taken from now on, also after a restart; what is in hand is brought to its end. */
export function pauseWork({ store, runtime }: Pick<Installation, "store" | "runtime">): Paused {
  const before = store.meta.get(PAUSED_AT);
  if (before !== undefined) return { since_at: before, already: true };
  const now = runtime.now();
  store.meta.set(PAUSED_AT, now);
  return { since_at: now, already: false };
}

/** @returns since when it was paused, epoch ms; null when it was not */
export function resumeWork({ store }: Pick<Installation, "store">): number | null {
  const before = store.meta.get(PAUSED_AT) ?? null;
  store.meta.remove(PAUSED_AT);
  return before;
}
