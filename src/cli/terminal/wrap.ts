import { unicodeWidth } from "@std/cli";

/**
 * Words in lines of at most `width` columns; a word that is longer stands in a line of its own.
 * @param indent Put before each line but the first
 */
export function wrap(text: string, width: number, indent = ""): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && unicodeWidth(longer) > width) {
      lines.push(line);
      line = indent + word;
    } else line = longer;
  }
  return [...lines, line].join("\n");
}

/**
 * Names and what they mean in two columns, the second one wrapped.
 * @param width Of all of it
 */
export function pairs(rows: readonly (readonly [string, string])[], width: number): string {
  // A name that is far longer than the others has its meaning below it.
  const left = Math.min(MAX_NAME, Math.max(...rows.map(([name]) => unicodeWidth(name)))) + 4;
  const margin = " ".repeat(left);
  return rows.map(([name, meaning]) => {
    const text = wrap(meaning, width - left).replaceAll("\n", `\n${margin}`);
    const gap = left - 2 - unicodeWidth(name);
    return gap < 2 ? `  ${name}\n${margin}${text}` : `  ${name}${" ".repeat(gap)}${text}`;
  }).join("\n");
}

const MAX_NAME = 26;
