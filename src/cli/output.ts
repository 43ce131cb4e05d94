import type { Invocation } from "./command.ts";
import { escapeLine } from "../core/escape.ts";

/** A table for people: left-aligned columns, two blanks between them; "" without rows. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return "";
  const lines = [head, ...rows].map((row) => row.map((cell) => escapeLine(cell)));
  const widths = head.map((_, at) => Math.max(...lines.map((row) => [...row[at] ?? ""].length)));
  return lines.map((row) =>
    row.map((cell, at) => at === row.length - 1 ? cell : pad(cell, widths[at]!)).join("  ")
      .trimEnd()
  ).join("\n") + "\n";
}

function pad(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - [...text].length));
}

/** Prints `value` as JSON when asked to, else the text. */
export function print({ world, json }: Invocation, value: unknown, text: () => string): void {
  world.stdout(json ? JSON.stringify(value, null, 2) + "\n" : text());
}

/** An instant for people: local time, or "never" for 0 and null. */
export function instant(at: number | null): string {
  if (!at) return "never";
  const date = new Date(at);
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}
