import { unicodeWidth } from "@std/cli";
import type { Invocation } from "../frame/command.ts";
import { escapeLine } from "../../core/text/escape.ts";
import { fitWidths, shorten } from "./fit.ts";
import { type Cell, cellText, type Paint, paintOf, textOf } from "./paint.ts";

/**
 * A table for people: left-aligned columns, two blanks between them; "" without rows. On a terminal
 * no line is wider than it: what does not fit is cut.
 */
export function table(
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  { columns }: Pick<Paint, "columns"> = { columns: null },
): string {
  return rows.length === 0 ? "" : inColumns([head, ...rows], columns);
}

/** The same without a head: what is said of one thing, a name and a value per line. */
export function facts(rows: readonly (readonly Cell[])[]): string {
  return inColumns(rows, null);
}

const GAP = "  ";

/** @param most Width of a line; null for any */
function inColumns(rows: readonly (readonly Cell[])[], most: number | null): string {
  const count = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from(
    { length: count },
    (_, at) => Math.max(...rows.map((row) => unicodeWidth(escapeLine(textOf(row[at]))))),
  );
  const fitted = fitWidths(widths, GAP.length, most);
  return rows.map((row) =>
    row.map((cell, at) => {
      const text = shorten(escapeLine(textOf(cell)), fitted[at]!);
      return cellText(cell, text, at === row.length - 1 ? 0 : fitted[at]);
    }).join(GAP).trimEnd() + "\n"
  ).join("");
}

/** Prints `value` as JSON when asked to, else the text. */
export function print(
  { world, json }: Invocation,
  value: unknown,
  text: (paint: Paint) => string,
): void {
  world.stdout(json ? JSON.stringify(value, null, 2) + "\n" : text(paintOf(world)));
}

/** Says something beside the result, on stderr. */
export function note({ world }: Invocation, text: string): void {
  world.stderr(new TextEncoder().encode(escapeLine(text) + "\n"));
}
