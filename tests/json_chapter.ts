/** The chapter on JSON, read as a schema: what each command prints with `--json`. */

/** A field as the chapter has it: `text`, `number`, `true/false` or the name of an object. */
interface Row {
  readonly path: string;
  readonly type: string;
  readonly orNull: boolean;
  readonly mayBeAbsent: boolean;
}

const SCALARS: Readonly<Record<string, string>> = {
  string: "text",
  number: "number",
  boolean: "true/false",
};

/** The fields of one command, objects taken apart: by path, such as `[].files[].size`. */
export type Schema = ReadonlyMap<string, Row>;

/** Every table of the chapter, by the name in the comment before it, such as `dead list`. */
export function readSchemas(chapter: string): Map<string, Schema> {
  const tables = new Map<string, Row[]>();
  for (const [, name, table] of chapter.matchAll(/<!-- json (.+): checked -->\n\n((?:\|.*\n)+)/g)) {
    tables.set(name!, table!.trimEnd().split("\n").slice(2).map(readRow));
  }
  const commands = [...tables.keys()].filter((name) => !name.startsWith("object "));
  return new Map(commands.map((name) => [
    name,
    new Map(expand(tables.get(name)!, tables).map((row) => [row.path, row])),
  ]));
}

function readRow(line: string): Row {
  const [, path = "", type = ""] = line.split("|").map((cell) => cell.trim());
  const [, base = "", orNull, absent] = /^_?([\w/]+?)_?( or null)?(, may be absent)?$/.exec(type) ??
    [];
  if (base === "") throw new Error(`The chapter on JSON has a type that is none: "${type}"`);
  return {
    path: path.replaceAll("`", ""),
    type: base,
    orNull: orNull !== undefined,
    mayBeAbsent: absent !== undefined,
  };
}

/** With the fields of an object in the place of its name. */
function expand(rows: readonly Row[], tables: ReadonlyMap<string, readonly Row[]>): Row[] {
  return rows.flatMap((row) => {
    const object = tables.get(`object ${row.type}`);
    if (object === undefined) {
      if (Object.values(SCALARS).includes(row.type)) return [row];
      throw new Error(`The chapter on JSON has no object "${row.type}"`);
    }
    const inner = expand(object, tables).map((each) => ({
      ...each,
      path: [row.path, each.path].filter((part) => part !== "").join("."),
      mayBeAbsent: each.mayBeAbsent || row.mayBeAbsent,
    }));
    return row.orNull ? [{ ...row, type: "object" }, ...inner] : inner;
  });
}

/**
 * What of a printed document the chapter does not tell, or tells otherwise.
 * @param seen Takes the paths that the document has
 */
export function strangers(document: unknown, schema: Schema, seen: Set<string>): string[] {
  const found: string[] = [];
  const visit = (value: unknown, path: string) => {
    const row = schema.get(path);
    if (row !== undefined) seen.add(path);
    if (Array.isArray(value)) {
      // Nothing can be seen of the elements: they are known when the list itself is.
      if (value.length === 0) markBelow(`${path}[]`);
      for (const each of value) visit(each, `${path}[]`);
    } else if (value === null) {
      const isObject = [...schema.keys()].some((known) => known.startsWith(`${path}.`));
      if (isObject) markBelow(path);
      if (row?.orNull !== true && !isObject) found.push(`${path} is null`);
    } else if (typeof value === "object") {
      if (schema.has(`${path}.*`)) {
        seen.add(`${path}.*`);
        for (const each of Object.values(value!)) check(each, `${path}.*`);
      } else {
        for (const [name, each] of Object.entries(value!)) {
          visit(each, path === "" ? name : `${path}.${name}`);
        }
      }
    } else check(value, path);
  };
  const check = (value: unknown, path: string) => {
    const type = SCALARS[typeof value];
    const row = schema.get(path);
    if (row === undefined) found.push(`${path} (${type}) is not in the chapter`);
    else if (row.type !== type) found.push(`${path} is ${type}, not ${row.type}`);
  };
  const markBelow = (path: string) => {
    for (const known of schema.keys()) if (known.startsWith(path)) seen.add(known);
  };
  visit(document, "");
  return [...new Set(found)];
}

/** What the chapter tells of and no document had. */
export function unseen(schema: Schema, seen: ReadonlySet<string>): string[] {
  return [...schema.values()].filter(({ path, mayBeAbsent }) => !seen.has(path) && !mayBeAbsent)
    .map(({ path }) => path);
}
