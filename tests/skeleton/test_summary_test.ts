import { assertEquals } from "@std/assert";
import { formatSummary, readSummary } from "../../scripts/test_summary.ts";

const outputs: { name: string; output: string; want: string | undefined }[] = [
  {
    name: "a clean run",
    output: "running 3 tests\n\nok | 3 passed | 0 failed (12ms)\n",
    want: "3 passed, 0 failed",
  },
  {
    name: "colours, steps and skipped tests",
    output:
      "\x1b[0m\x1b[31mFAILED\x1b[0m | 12 passed (3 steps) | 1 failed (1 step) | 2 ignored \x1b[0m(45ms)\n",
    want: "12 passed, 1 failed, 2 skipped",
  },
  {
    name: "tests that a filter left out",
    output: "ok | 1 passed | 0 failed | 7 filtered out (2ms)\r\n",
    want: "1 passed, 0 failed",
  },
  {
    name: "a test that printed a summary of its own",
    output:
      "ok | 1 passed | 0 failed (1ms)\nFAILED | 4 passed | 2 failed (9ms)\nerror: Test failed\n",
    want: "4 passed, 2 failed",
  },
  { name: "a module that did not load", output: "error: Module not found\n", want: undefined },
  {
    name: "a line that only mentions one",
    output: "> ok | 1 passed | 0 failed\n",
    want: undefined,
  },
];

for (const { name, output, want } of outputs) {
  Deno.test(`readSummary() on ${name}: ${want ?? "nothing"}`, () => {
    const summary = readSummary(output);
    assertEquals(summary && formatSummary(summary), want);
  });
}
