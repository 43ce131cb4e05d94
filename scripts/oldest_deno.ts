/**
 * The oldest Deno that makes, tests and compiles this project. Older ones lack the compiler's
 * `--exclude-unused-npm`, and in those before 2.8 a signal of `AbortSignal.any` can be collected
 * while somebody waits for it: the demo hangs in 2.7.12 and before.
 */
export const OLDEST_DENO = "2.9.0";

/** Whether version `a` comes before `b`; both are `MAJOR.MINOR.PATCH`, with anything behind it. */
export function isOlder(a: string, b: string): boolean {
  const [left, right] = [numbers(a), numbers(b)];
  const at = left.findIndex((part, i) => part !== right[i]);
  return at >= 0 && left[at]! < right[at]!;
}

function numbers(version: string): number[] {
  return version.split(/[.+-]/, 3).map(Number);
}
