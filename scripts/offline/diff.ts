/** The differences between two values as shown line by line, for `assert.ts`. */

/** Beyond this many lines on a side the middle is shown whole: the comparison is quadratic. */
const MAX_LINES = 1000;

/**
 * Lines of both sides in order: `-` only in `actual`, `+` only in `expected`, else two spaces.
 * What stands between the first and the last difference is compared by longest common subsequence.
 */
export function diffLines(actual: readonly string[], expected: readonly string[]): string[] {
  let start = 0;
  while (start < actual.length && actual[start] === expected[start]) start++;
  let end = 0;
  const room = Math.min(actual.length, expected.length) - start;
  while (end < room && actual.at(-1 - end) === expected.at(-1 - end)) end++;

  return [
    ...actual.slice(0, start).map((line) => `    ${line}`),
    ...middle(
      actual.slice(start, actual.length - end),
      expected.slice(start, expected.length - end),
    ),
    ...actual.slice(actual.length - end).map((line) => `    ${line}`),
  ];
}

function middle(a: readonly string[], b: readonly string[]): string[] {
  const removed = (line: string) => `-   ${line}`;
  const added = (line: string) => `+   ${line}`;
  if (Math.max(a.length, b.length) > MAX_LINES) return [...a.map(removed), ...b.map(added)];

  const common = commonLengths(a, b);
  const lines: string[] = [];
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) {
      lines.push(`    ${a[i]}`);
      i++;
      j++;
    } else if (common[i + 1]![j]! >= common[i]![j + 1]!) lines.push(removed(a[i++]!));
    else lines.push(added(b[j++]!));
  }
  return [...lines, ...a.slice(i).map(removed), ...b.slice(j).map(added)];
}

/** `[i][j]`: length of the longest common subsequence of `a` from `i` and `b` from `j`. */
function commonLengths(a: readonly string[], b: readonly string[]): number[][] {
  const table = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      table[i]![j] = a[i] === b[j]
        ? table[i + 1]![j + 1]! + 1
        : Math.max(table[i + 1]![j]!, table[i]![j + 1]!);
    }
  }
  return table;
}
