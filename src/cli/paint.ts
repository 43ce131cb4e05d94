import type { World } from "../app/world.ts";

/** Text with a meaning that is shown as a colour where there are colours. */
export interface Painted {
  text: string;
  /** Parameters of the SGR escape sequence. */
  sgr: string;
}

export type Cell = string | Painted;

const SGR = { good: "32", warn: "33", bad: "31", strong: "1", dim: "2" } as const;

/** Marks what a text means. */
export type Paint = Readonly<Record<keyof typeof SGR, (text: string) => Cell>>;

/** Colours on a terminal, unless `NO_COLOR` is set to anything; plain text elsewhere. */
export function paintOf({ terminal, env }: Pick<World, "terminal" | "env">): Paint {
  const colours = terminal.stdout && !env.NO_COLOR;
  const names = Object.keys(SGR) as (keyof typeof SGR)[];
  const paint = names.map((name) => [
    name,
    (text: string): Cell => colours ? { text, sgr: SGR[name] } : text,
  ]);
  return Object.fromEntries(paint) as Paint;
}

/** The cell as it is written, its text made by `escape`, padded to `width` characters. */
export function cellText(cell: Cell, escape: (text: string) => string, width = 0): string {
  const text = escape(typeof cell === "string" ? cell : cell.text);
  const padding = " ".repeat(Math.max(0, width - [...text].length));
  return typeof cell === "string" ? text + padding : `\x1b[${cell.sgr}m${text}\x1b[0m${padding}`;
}
