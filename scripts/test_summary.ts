/** What a test run counted, read from the line with which `deno test` ends. */

/** Numbers of tests (not of steps). */
export interface TestSummary {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

// Example: "FAILED | 12 passed (3 steps) | 1 failed (1 step) | 2 ignored (45ms)"
const SUMMARY = /^(?:ok|FAILED) \| (\d+) passed\b[^|]*\| (\d+) failed\b[^|]*(?:\| (\d+) ignored)?/;
// deno-lint-ignore no-control-regex
const ANSI = /\x1b\[[0-9;]*m/g;

/**
 * The last summary line in the output of `deno test`, or undefined when there is none: then no
 * test run came to its end (a module did not load, the runner was killed).
 */
export function readSummary(output: string): TestSummary | undefined {
  for (const line of output.replaceAll(ANSI, "").split(/\r?\n/).reverse()) {
    const match = SUMMARY.exec(line);
    if (match) {
      return { passed: Number(match[1]), failed: Number(match[2]), skipped: Number(match[3] ?? 0) };
    }
  }
  return undefined;
}

/** `N passed, N failed`, and the skipped ones when there are any. */
export function formatSummary({ passed, failed, skipped }: TestSummary): string {
  return `${passed} passed, ${failed} failed` + (skipped > 0 ? `, ${skipped} skipped` : "");
}
