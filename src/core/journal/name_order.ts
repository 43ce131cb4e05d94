import { valueKey } from "../sync/fields.ts";

/**
 * Whether names stand in another order than they were to: a server that only adds to a list puts
 * what comes back at its end. Names that just one of the lists has do not count.
 */
export function isReordered(wanted: readonly string[], standing: readonly string[]): boolean {
  const there = new Set(standing.map(keyOf));
  const meant = new Set(wanted.map(keyOf));
  const ours = wanted.map(keyOf).filter((key) => there.has(key));
  const theirs = standing.map(keyOf).filter((key) => meant.has(key));
  return ours.some((key, at) => key !== theirs[at]);
}

function keyOf(name: string): string {
  return valueKey("names", name);
}
