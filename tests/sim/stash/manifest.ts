/** A plugin's manifest, read as strictly as Stash reads it. */
import { basename, dirname } from "node:path";
import { parseDocument } from "yaml";

/** A manifest that Stash refuses; the message is what its log says. */
export class BadManifest extends Error {
  override name = "BadManifest";
}

/** Every member is there: an absent key of the file is an empty value. */
export type Manifest = ReturnType<typeof config> & {
  /** File name without `.yml`. */
  id: string;
  /** Absolute path of the file. */
  path: string;
  /** Folder that holds the file: `{pluginDir}`. */
  dir: string;
};
export type ManifestTask = Manifest["tasks"][number];
export type ManifestHook = Manifest["hooks"][number];

const INTERFACES = new Set(["", "raw", "rpc", "js"]);

/**
 * @param path Absolute path; its base name ends in `.yml`
 * @throws {BadManifest} no YAML, an unknown key, a key twice, or a value of the wrong kind
 */
export function parseManifest(path: string, text: string): Manifest {
  // Stash decodes into strings whatever a plain scalar looks like, so `version: 1.0` stays "1.0".
  const document = parseDocument(text, { schema: "failsafe", logLevel: "silent" });
  const [error] = document.errors;
  if (error !== undefined) throw new BadManifest(`yaml: ${error.message.split("\n")[0]}`);
  const read = config(document.toJS());
  if (!INTERFACES.has(read.interface)) {
    throw new BadManifest(`invalid interface type ${read.interface}`);
  }
  return {
    ...read,
    interface: read.interface || "raw",
    id: basename(path, ".yml"),
    path,
    dir: dirname(path),
  };
}

/** Turns the value of one key into what Stash has of it; an absent key comes as undefined. */
type Reader<T> = (value: unknown) => T;

// The failsafe schema leaves even a null as the text that stands for it.
const isNull = (value: unknown) => value == null || ["", "~", "null"].includes(value as string);

const text: Reader<string> = (value) => {
  if (isNull(value)) return "";
  if (typeof value !== "string") throw wrong(value, "string");
  return value;
};

function list<T>(item: Reader<T>): Reader<T[]> {
  return (value) => {
    if (isNull(value)) return [];
    if (!Array.isArray(value)) throw wrong(value, "list");
    return value.map(item);
  };
}

function map<T>(item: Reader<T>): Reader<Record<string, T>> {
  return (value) =>
    Object.fromEntries(Object.entries(object(value)).map(([key, each]) => [key, item(each)]));
}

/** @param type Name of the Go type, for the message about an unknown key */
function struct<T extends object>(
  type: string,
  fields: { [K in keyof T]: Reader<T[K]> },
): Reader<T> {
  return (value) => {
    const given = object(value);
    const unknown = Object.keys(given).find((key) => !Object.hasOwn(fields, key));
    if (unknown !== undefined) {
      throw new BadManifest(`yaml: unmarshal errors: field ${unknown} not found in type ${type}`);
    }
    const names = Object.keys(fields) as (keyof T & string)[];
    return Object.fromEntries(names.map((name) => [name, fields[name](given[name])])) as T;
  };
}

function object(value: unknown): Record<string, unknown> {
  if (isNull(value)) return {};
  if (typeof value !== "object" || Array.isArray(value)) throw wrong(value, "map");
  return value as Record<string, unknown>;
}

function wrong(value: unknown, wanted: string): BadManifest {
  const short = JSON.stringify(value).slice(0, 60);
  return new BadManifest(`yaml: unmarshal errors: cannot unmarshal ${short} into ${wanted}`);
}

const operation = {
  name: text,
  description: text,
  /** Added to `exec`. */
  execArgs: list(text),
  /** Values are strings, whatever they look like. */
  defaultArgs: map(text),
};

const config = struct("plugin.Config", {
  name: text,
  description: text,
  url: text,
  version: text,
  /** "raw", "rpc" or "js". */
  interface: text,
  exec: list(text),
  /** Level of lines without a prefix; "" stands for error. */
  errLog: text,
  tasks: list(struct("plugin.OperationConfig", operation)),
  // Trigger names are not checked: one with a typing error never fires.
  hooks: list(struct("plugin.HookConfig", { ...operation, triggeredBy: list(text) })),
  ui: struct("plugin.UIConfig", {
    requires: list(text),
    javascript: list(text),
    css: list(text),
    assets: map(text),
    csp: struct("plugin.PluginCSP", {
      "script-src": list(text),
      "style-src": list(text),
      "connect-src": list(text),
    }),
  }),
  settings: map(struct("plugin.SettingConfig", {
    displayName: text,
    description: text,
    /** "STRING" (the default), "NUMBER" or "BOOLEAN". */
    type: text,
  })),
});
