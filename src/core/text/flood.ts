import { MINUTE_MS } from "../time/duration.ts";

/**
 * A guard against floods: of lines of one kind the first few in a minute are said, the others
 * counted, and their number is told when the minute is over. Pure; the time is handed in.
 */

/** Time for which lines of one kind are counted together, from the first of them. */
export const FLOOD_WINDOW_MS = MINUTE_MS;

interface Window {
  startedAt: number;
  seen: number;
  hushed: number;
}

/** Open windows by kind. */
export type Flood = ReadonlyMap<string, Window>;

export const NO_FLOOD: Flood = new Map();

/** Lines of one kind that were counted instead of said. */
export interface Hushed {
  kind: string;
  /** 1 or more. */
  count: number;
  /** Time in which they came, up to `FLOOD_WINDOW_MS`. */
  forMs: number;
}

/**
 * One more line of a kind.
 * @param now Epoch ms
 * @param free Lines that a window lets through, 1 or more
 * @returns whether to say it, and what is to be told first of a window that was over
 */
export function meet(
  flood: Flood,
  kind: string,
  now: number,
  free: number,
): { flood: Flood; say: boolean; ended: Hushed | null } {
  const known = flood.get(kind);
  const over = known === undefined || isOver(known, now);
  const window = over ? { startedAt: now, seen: 0, hushed: 0 } : known;
  const say = window.seen < free;
  const next = { ...window, seen: window.seen + 1, hushed: window.hushed + (say ? 0 : 1) };
  return {
    flood: new Map(flood).set(kind, next),
    say,
    ended: over && known !== undefined ? hushedOf(kind, known, now) : null,
  };
}

/**
 * Ends the windows that are over at `now` (epoch ms).
 * @param all Ends the others too: nothing comes after this
 * @returns what is to be told, the oldest first
 */
export function endWindows(
  flood: Flood,
  now: number,
  all = false,
): { flood: Flood; ended: Hushed[] } {
  const over = [...flood].filter(([, window]) => all || isOver(window, now));
  if (over.length === 0) return { flood, ended: [] };
  const rest = new Map(flood);
  for (const [kind] of over) rest.delete(kind);
  const ended = over.sort(([, a], [, b]) => a.startedAt - b.startedAt)
    .map(([kind, window]) => hushedOf(kind, window, now))
    .filter((hushed) => hushed !== null);
  return { flood: rest, ended };
}

/** A clock that was set back ends a window too: it would last for hours otherwise. */
function isOver({ startedAt }: Window, now: number): boolean {
  return now - startedAt >= FLOOD_WINDOW_MS || now < startedAt;
}

function hushedOf(kind: string, { startedAt, hushed }: Window, now: number): Hushed | null {
  if (hushed === 0) return null;
  const elapsed = now < startedAt ? FLOOD_WINDOW_MS : now - startedAt;
  return { kind, count: hushed, forMs: Math.min(elapsed, FLOOD_WINDOW_MS) };
}
