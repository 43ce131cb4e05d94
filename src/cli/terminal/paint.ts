import { unicodeWidth } from "@std/cli";
import type { World } from "../../app/world.ts";

/** Text with a meaning that is shown as a colour, or as a link, where there are such. */
export interface Painted {
  text: string;
  /** Parameters of the SGR escape sequence. */
  sgr?: string;
  /** Address that the text leads to. */
  link?: string;
}

export type Cell = string | Painted;

const SGR = { good: "32", warn: "33", bad: "31", strong: "1", dim: "2" } as const;

export type Meaning = keyof typeof SGR;

/** Marks what a text means. */
export interface Paint extends Readonly<Record<Meaning, (text: string) => Cell>> {
  /** The text, leading to an address where there is one. */
  link(text: string, url: string | null): Cell;
  /** How wide what a person looks at is; null when it may be of any width. */
  readonly columns: number | null;
}

/** Colours, links and a width on a terminal, colours unless `NO_COLOR` is set; plain text elsewhere. */
export function paintOf({ terminal, env }: Pick<World, "terminal" | "env">): Paint {
  const colours = terminal.stdout && !env.NO_COLOR;
  const links = terminal.stdout && env.TERM !== "dumb";
  const names = Object.keys(SGR) as Meaning[];
  const meanings = names.map((name) => [
    name,
    (text: string): Cell => colours ? { text, sgr: SGR[name] } : text,
  ]);
  return {
    ...Object.fromEntries(meanings) as Record<Meaning, (text: string) => Cell>,
    link: (text, url) => links && url !== null ? { text, link: url } : text,
    columns: terminal.stdout ? terminal.columns() : null,
  };
}

/** What is read of a cell. */
export function textOf(cell: Cell = ""): string {
  return typeof cell === "string" ? cell : cell.text;
}

/** The cell with another text, as it is written, padded to `width` columns. */
export function cellText(cell: Cell, text: string, width = 0): string {
  const padding = " ".repeat(Math.max(0, width - unicodeWidth(text)));
  if (typeof cell === "string") return text + padding;
  const { sgr, link } = cell;
  const coloured = sgr === undefined ? text : `\x1b[${sgr}m${text}\x1b[0m`;
  if (link === undefined) return coloured + padding;
  return `\x1b]8;;${encodeURI(link)}\x1b\\${coloured}\x1b]8;;\x1b\\${padding}`;
}
