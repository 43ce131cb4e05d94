import { parse, stringify } from "smol-toml";

/** What can stand in the file for a setting. */
export type TomlValue = string | number | boolean | readonly TomlValue[] | {
  readonly [key: string]: TomlValue;
};

/**
 * The text of a config file with these settings in it. All else stays as it is, comments and order
 * included; where that cannot be done, the values alone.
 * @param text What stands there now: TOML
 * @param settings By key
 */
export function withSettings(text: string, settings: Readonly<Record<string, TomlValue>>): string {
  const wanted = { ...parse(text), ...settings };
  let edited = text;
  for (const [key, value] of Object.entries(settings)) edited = withSetting(edited, key, value);
  return isSame(edited, wanted) ? edited : stringify(wanted);
}

function withSetting(text: string, key: string, value: TomlValue): string {
  const line = `${key} = ${literal(value)}`;
  const lines = text.split("\n");
  const name = RegExp.escape(key);
  const start = lines.findIndex((each) => new RegExp(`^\\s*["']?${name}["']?\\s*=`).test(each));
  if (start >= 0) {
    const end = endOf(lines, start, key);
    return [...lines.slice(0, start), line, ...lines.slice(end)].join("\n");
  }
  // Behind a [[table]] it would belong to that.
  const table = lines.findIndex((each, at) =>
    /^\s*\[/.test(each) && parsed(lines.slice(0, at).join("\n")) !== undefined
  );
  const at = table >= 0
    ? table
    : text === "" || text.endsWith("\n")
    ? lines.length - 1
    : lines.length;
  const after = lines.slice(at);
  return [...lines.slice(0, at), line, ...(after.length > 0 ? after : [""])].join("\n");
}

/** The line behind a setting, whose value may go over several. */
function endOf(lines: readonly string[], start: number, key: string): number {
  for (let end = start + 1; end <= lines.length; end++) {
    const found = parsed(lines.slice(start, end).join("\n"));
    if (found !== undefined && Object.keys(found).join() === key) return end;
  }
  return start + 1;
}

function literal(value: TomlValue): string {
  if (typeof value === "string") return JSON.stringify(value).replaceAll("\x7f", "\\u007f");
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (typeof value !== "object") return String(value);
  return `{ ${
    Object.entries(value).map(([key, each]) => `${key} = ${literal(each)}`).join(", ")
  } }`;
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    return parse(text);
  } catch {
    // A value that goes on in the next line.
    return undefined;
  }
}

function isSame(text: string, wanted: Record<string, unknown>): boolean {
  const found = parsed(text);
  if (found === undefined) return false;
  const sorted = (table: Record<string, unknown>) =>
    JSON.stringify(Object.entries(table).sort(([a], [b]) => a < b ? -1 : 1));
  return sorted(found) === sorted(wanted);
}
