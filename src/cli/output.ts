import type { Invocation } from "./command.ts";
import { escapeLine } from "../core/escape.ts";
import { type Cell, cellText, type Paint, paintOf } from "./paint.ts";

/** A table for people: left-aligned columns, two blanks between them; "" without rows. */
export function table(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return rows.length === 0 ? "" : columns([head, ...rows]);
}

/** The same without a head: what is said of one thing, a name and a value per line. */
export function facts(rows: readonly (readonly Cell[])[]): string {
  return columns(rows);
}

function columns(rows: readonly (readonly Cell[])[]): string {
  const count = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from(
    { length: count },
    (_, at) => Math.max(...rows.map((row) => [...cellText(plain(row[at]), escapeLine)].length)),
  );
  return rows.map((row) =>
    row.map((cell, at) => cellText(cell, escapeLine, at === row.length - 1 ? 0 : widths[at]))
      .join("  ").trimEnd() + "\n"
  ).join("");
}

function plain(cell: Cell = ""): string {
  return typeof cell === "string" ? cell : cell.text;
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
