import { assert, assertEquals } from "@std/assert";
import { unicodeWidth } from "@std/cli";
import { CHAPTERS, readChapter } from "../../../src/cli/manual/chapters.ts";
import { markdownText } from "../../../src/cli/manual/markdown_text.ts";

const CASES: readonly { when: string; markdown: string; text: string }[] = [
  { when: "headings", markdown: "# All settings\n\n## Of `x`\n", text: "ALL SETTINGS\n\nOf x\n" },
  {
    when: "a paragraph",
    markdown: "one `two` [three](x.md)\nfour **five** snake_case",
    text: "  one two three four\n  five snake_case\n",
  },
  {
    when: "lists",
    markdown: "- one two three four five\n- six\n  seven\n",
    text: "  - one two three four\n    five\n  - six seven\n",
  },
  {
    when: "numbers",
    markdown: "1. one two three four five\n2. six\n",
    text: "  1. one two three four\n     five\n  2. six\n",
  },
  { when: "code", markdown: "```sh\na  b\n\nc\n```\n", text: "    a  b\n\n    c\n" },
  {
    when: "a table of two columns",
    markdown: "| key | meaning |\n| --- | --- |\n| `a` | one two three four |\n| `bb` | x \\| y |",
    text: "  a   one two three\n      four\n  bb  x | y\n",
  },
  {
    when: "a table of more",
    markdown:
      "| key | default | unit | meaning |\n| --- | --- | --- | --- |\n| `a` | 5 |  | of all |",
    text: "  a\n        default: 5\n        of all\n",
  },
];
for (const { when, markdown, text } of CASES) {
  Deno.test(`markdownText() of ${when}`, () => assertEquals(markdownText(markdown, 24), text));
}

for (const name of Object.keys(CHAPTERS)) {
  Deno.test(`the chapter ${name} fits a terminal, but for code`, () => {
    const markdown = readChapter(name);
    const lines = markdownText(markdown, 80).split("\n");
    const code = [...markdown.matchAll(/^```\w*\n([^]*?)^```$/gm)].map(([, text]) => text).join();
    const wide = lines.filter((line) =>
      unicodeWidth(line) > 80 && line.trim().includes(" ") && !code.includes(line.trim())
    );
    assertEquals(wide, []);
    assert(!lines.some((line) => line.includes("| ---")), name);
  });
}
