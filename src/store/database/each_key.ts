/** Asking for many keys in one statement: a call of SQLite for each costs more than what it finds. */

/** More rows than this for each key, and the keys are asked for one by one, each with its limit. */
const FEW = 20;

/** So many rows of one statement for many keys are still all that there are. */
export function rowsFor(keys: number): number {
  return 1_000 + FEW * keys;
}

/**
 * Rows by the key that each was found for.
 * @param at Place of the key
 * @param count Number of keys
 */
export function byKey<Row, Value>(
  rows: readonly Row[],
  count: number,
  at: (row: Row) => number,
  value: (row: Row) => Value,
): Value[][] {
  const found = Array.from({ length: count }, (): Value[] => []);
  for (const row of rows) found[at(row)]!.push(value(row));
  return found;
}
