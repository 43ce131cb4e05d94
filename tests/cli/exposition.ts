/** A strict reader of Prometheus' text format 0.0.4, to find what a lenient one would pass over. */

export interface Family {
  type: string;
  help: string;
  /** Value by series: the labels as written, "" for none. */
  series: Map<string, number>;
}

const NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const HELP = new RegExp(`^# HELP (${NAME}) ((?:[^\\\\]|\\\\\\\\|\\\\n)*)$`);
const TYPE = new RegExp(`^# TYPE (${NAME}) (counter|gauge)$`);
const LABEL = `[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\]|\\\\\\\\|\\\\"|\\\\n)*"`;
const SAMPLE = new RegExp(
  `^(${NAME})(?:\\{(${LABEL}(?:,${LABEL})*)\\})? (NaN|[+-]Inf|-?\\d+(?:\\.\\d+)?(?:e[+-]\\d+)?)$`,
);

/**
 * The families by name.
 * @throws {Error} naming the first line that breaks the format
 */
export function readExposition(text: string): Map<string, Family> {
  const families = new Map<string, Family>();
  if (!text.endsWith("\n")) throw new Error("The last line has no end");
  const lines = text.slice(0, -1).split("\n");
  let at = 0;
  while (at < lines.length) {
    const help = HELP.exec(lines[at]!);
    const type = TYPE.exec(lines[at + 1] ?? "");
    if (!help) throw new Error(`Not a HELP line: ${lines[at]}`);
    const name = help[1]!;
    if (type?.[1] !== name) throw new Error(`Not the TYPE of ${name}: ${lines[at + 1]}`);
    if (families.has(name)) throw new Error(`${name} is there twice`);
    const family: Family = { type: type[2]!, help: help[2]!, series: new Map() };
    families.set(name, family);
    for (at += 2; at < lines.length && !lines[at]!.startsWith("#"); at++) {
      addSample(family, name, lines[at]!);
    }
    if (family.series.size === 0) throw new Error(`${name} has no sample`);
  }
  return families;
}

function addSample(family: Family, name: string, line: string): void {
  const sample = SAMPLE.exec(line);
  if (sample?.[1] !== name) throw new Error(`Not a sample of ${name}: ${line}`);
  const labels = sample[2] ?? "";
  if (family.series.has(labels)) throw new Error(`This series is there twice: ${line}`);
  const value = Number(sample[3]!.replace("Inf", "Infinity"));
  if (family.type === "counter" && !(name.endsWith("_total") && value >= 0)) {
    throw new Error(`Not a counter: ${line}`);
  }
  family.series.set(labels, value);
}
