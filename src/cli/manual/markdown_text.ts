import { pairs, wrap } from "../terminal/wrap.ts";

/** The text stands this far in; headings do not. */
const MARGIN = "  ";

/**
 * A chapter as it is read in a terminal: headings, paragraphs, lists and code as they are, and a
 * table as its rows, one below the other.
 * @param markdown Without comments
 * @param width Of a line; a line of code may be longer
 */
export function markdownText(markdown: string, width: number): string {
  const within = width - MARGIN.length;
  return blocksOf(markdown).map((block) => {
    const heading = /^(#+) (.+)$/.exec(block);
    if (heading !== null) {
      return heading[1] === "#" ? plain(heading[2]!).toUpperCase() : plain(heading[2]!);
    }
    return textOf(block, within).split("\n").map((line) => (MARGIN + line).trimEnd()).join("\n");
  }).join("\n\n") + "\n";
}

/** Parts between empty lines; a block of code is one whatever stands in it. */
function blocksOf(markdown: string): string[] {
  return [...markdown.matchAll(/^```\w*\n[^]*?^```$|^[^\n]+(?:\n(?!```)[^\n]+)*/gm)]
    .map(([block]) => block);
}

function textOf(block: string, width: number): string {
  const code = /^```\w*\n([^]*?)\n?```$/.exec(block);
  if (code !== null) return code[1]!.replace(/^(?=.)/gm, MARGIN);
  if (block.startsWith("|")) return tableText(block, width);
  if (/^(- |\d+\. )/.test(block)) return listText(block, width);
  return wrap(plain(block.replaceAll("\n", " ")), width);
}

function listText(block: string, width: number): string {
  return block.split(/\n(?=- |\d+\. )/).map((item) => {
    const [, mark = "", text = ""] = /^(- |\d+\. )([^]*)$/.exec(item) ?? [];
    const margin = " ".repeat(mark.length);
    const flat = plain(text.replaceAll(/\n\s*/g, " "));
    return mark + wrap(flat, width - mark.length).replaceAll("\n", `\n${margin}`);
  }).join("\n");
}

/** Two columns stand side by side; of more, a row is its name and below it the rest. */
function tableText(block: string, width: number): string {
  const [head = [], , ...rows] = block.split("\n").map(cellsOf);
  if (head.length === 2) {
    return pairs(rows.map(([name = "", meaning = ""]) => [name, meaning]), width)
      .replace(/^ {2}/gm, "");
  }
  return rows.map(([name = "", ...rest]) => {
    const meaning = rest.pop() ?? "";
    const facts = rest.map((cell, at) => cell === "" ? "" : `${head[at + 1]}: ${cell}`)
      .filter((fact) => fact !== "").join("; ");
    const last = meaning === "" || isBare(head.at(-1)!) ? meaning : `${head.at(-1)}: ${meaning}`;
    const below = [facts, last].filter((line) => line !== "")
      .map((line) => wrap(line, width - 6).replace(/^/gm, "      "));
    return [name === "" ? "(all of it)" : wrap(name, width), ...below].join("\n");
  }).join("\n");
}

/** What a last column holds that is clear without its heading. */
function isBare(heading: string): boolean {
  return ["meaning", "hint", "answer", "tells", "holds"].includes(heading);
}

function cellsOf(row: string): string[] {
  return row.replace(/^\| ?/, "").replace(/ ?\|$/, "").split(/(?<!\\)\|/)
    .map((cell) => plain(cell.trim().replaceAll("\\|", "|")));
}

/** Without the marks of code, links and emphasis. */
function plain(text: string): string {
  return text.replace(/\[([^\]]+)\]\([^)]+\)/g, "$1").replace(/\*\*(.+?)\*\*/g, "$1")
    .replace(/(?<![\w])_(\w+)_(?!\w)/g, "$1").replaceAll("`", "");
}
