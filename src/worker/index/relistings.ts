import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../core/time/duration.ts";

/** With nothing amiss, in ms. */
export const LISTED_EVERY_MS = DAY_MS;
/** What a listing left out, a scene may wait for. */
const FIRST_WAIT_MS = MINUTE_MS;
/** A listing of a large library takes the target a minute, and what is wrong with it may never end. */
const LONGEST_WAIT_MS = HOUR_MS;
/** What is missed so soon after a listing, the listing did not cure. */
const CALM_MS = MINUTE_MS;

/** Whether all of a section is to be listed, by when it was. Epoch ms; 0 for never. */
export function isListingDue(listedAt: number, now: number): boolean {
  const age = now - listedAt;
  // A negative age: the clock was set back.
  return listedAt === 0 || age < 0 || age >= LISTED_EVERY_MS;
}

/**
 * When sections are listed again because something was left out: in a minute, and after twice as long
 * each time that this did not help, up to an hour.
 */
export class Relistings {
  readonly #waits = new Map<string, { nextMs: number; wholeAt: number | null }>();
  readonly #missedAt = new Map<string, number>();

  /**
   * Something of a section was left out.
   * @param listedAt When all of it was listed
   * @returns when it would have been, so that it is time again at the end of the wait
   */
  missed(section: string, listedAt: number, now: number): number {
    this.#missedAt.set(section, now);
    const nextMs = this.#waits.get(section)?.nextMs ?? FIRST_WAIT_MS;
    const again = now - LISTED_EVERY_MS + nextMs;
    // Not from each such answer anew: they may never end.
    if (listedAt <= again) return listedAt;
    const longer = Math.min(2 * nextMs, LONGEST_WAIT_MS);
    this.#waits.set(section, { nextMs: longer, wholeAt: null });
    return again;
  }

  /** Whether something was left out since then, in this process. */
  isMissedSince(section: string, at: number): boolean {
    return (this.#missedAt.get(section) ?? -Infinity) >= at;
  }

  /** All of a section was listed, as far as can be told. */
  listed(section: string, at: number): void {
    const wait = this.#waits.get(section);
    if (wait !== undefined) wait.wholeAt = at;
  }

  /** Nothing is left out of what changed in a section: after a listing, all is well again. */
  followed(section: string, at: number): void {
    const { wholeAt = null } = this.#waits.get(section) ?? {};
    if (wholeAt !== null && Math.abs(at - wholeAt) >= CALM_MS) this.#waits.delete(section);
  }
}
