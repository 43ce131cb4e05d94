/** The two shapes of every answer: XML by default, JSON on request. */
import { XMLBuilder } from "fast-xml-parser";

/** Names the XML element of a row where it differs from the name of the JSON array. */
export const XML_NAME = Symbol("xml element name");

export type Scalar = string | number | boolean | null | undefined;

/** Scalars are attributes; rows and arrays of rows are child elements. */
export interface Row {
  [key: string]: Scalar | Row | Row[];
  [XML_NAME]?: string | undefined;
}

/** JSON text of `{[root]: row}`: unset scalars and empty lists are absent. */
export function toJson(root: string, row: Row): string {
  return JSON.stringify(
    {
      [root]: row,
    },
    (_key, value) =>
      value === null || Array.isArray(value) && value.length === 0 ? undefined : value,
  );
}

/** XML text with the row as root element; booleans are 1 and 0. */
export function toXml(root: string, row: Row): string {
  const tree = { "?xml": { "@_version": "1.0", "@_encoding": "UTF-8" }, [root]: element(row) };
  return builder.build(tree);
}

const builder = new XMLBuilder({
  ignoreAttributes: false,
  attributeNamePrefix: "@_",
  suppressEmptyNode: true,
  suppressBooleanAttributes: false,
  format: true,
  indentBy: "",
  // Escaped below: the builder's own escaping would lose line feeds in attributes.
  processEntities: false,
  attributeValueProcessor: (_name: string, value: unknown) => escapeAttribute(String(value)),
});

function element(row: Row): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(row)) {
    if (value === null || value === undefined) continue;
    if (typeof value !== "object") {
      out[`@_${key}`] = typeof value === "boolean" ? (value ? "1" : "0") : String(value);
      continue;
    }
    for (const child of Array.isArray(value) ? value : [value]) {
      const name = child[XML_NAME] ?? key;
      ((out[name] ??= []) as unknown[]).push(element(child));
    }
  }
  return out;
}

const ESCAPES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\n": "&#10;",
  "\r": "&#13;",
  "\t": "&#9;",
};

function escapeAttribute(text: string): string {
  return text
    // deno-lint-ignore no-control-regex -- XML 1.0 cannot carry these at all
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "")
    .replace(/[&<>"\n\r\t]/g, (char) => ESCAPES[char] ?? char);
}
