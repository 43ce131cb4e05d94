import { parse, TomlError } from "smol-toml";
import { nearest } from "../core/text/nearest.ts";
import type { FileAccess } from "./files.ts";
import { emptyLayer, type Layer } from "./origin.ts";
import { ENTRIES, KEYS } from "./schema.ts";

/** Name of the config file. Never `*.yml`: Stash takes each one for a plugin. */
export const CONFIG_FILE_NAME = "plexsync.toml";

/** Where the file is when nobody named one and the data directory has none. */
/** The config file of a data directory. */
export function configFileIn(dataDir: string): string {
  return `${dataDir.replace(/[\\/]+$/, "")}/${CONFIG_FILE_NAME}`;
}

const SYSTEM_CONFIG_FILE = `/etc/plexsync/${CONFIG_FILE_NAME}`;

/** The config file's settings, and its path when there is one. */
export interface FileLayer extends Layer {
  file?: string;
  /** False when there is a file whose content could not be had: what it sets is unknown. */
  complete: boolean;
}

/**
 * Reads the file that was named, else the first that exists of the data
 * directory's and the system's.
 * @param named Path from `--config` or `$PLEXSYNC_CONFIG`; it must exist
 */
export function readConfigFile(
  named: string | undefined,
  dataDir: string | undefined,
  files: FileAccess,
): FileLayer {
  const layer: FileLayer = { ...emptyLayer(), complete: true };
  const standard = [SYSTEM_CONFIG_FILE];
  if (dataDir !== undefined) standard.unshift(configFileIn(dataDir));
  for (const path of named === undefined ? standard : [named]) {
    let text: string | undefined;
    try {
      text = files.readText(path);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return fail(layer, path, `Cannot read the config file ${path}: ${reason}`);
    }
    if (text !== undefined) return readText(layer, path, text, files);
  }
  if (named === undefined) return layer;
  return fail(layer, named, `Cannot read the config file ${named}: no such file`);
}

function fail(layer: FileLayer, file: string, problem: string): FileLayer {
  return { ...layer, file, complete: false, problems: [problem] };
}

function readText(layer: FileLayer, file: string, text: string, files: FileAccess): FileLayer {
  let table: Record<string, unknown>;
  try {
    table = parse(text);
  } catch (error) {
    return fail(layer, file, syntaxProblem(file, error));
  }
  for (const [key, raw] of Object.entries(table)) {
    if (KEYS.includes(key)) {
      layer.values.set(key, { raw, origin: { source: "file", detail: file } });
    } else {
      layer.problems.push(unknownKey(file, text, key, raw));
    }
  }
  warnOfReaders(layer, file, files);
  return { ...layer, file };
}

/** Only the first line of the parser's message: the others quote the file, secrets included. */
function syntaxProblem(file: string, error: unknown): string {
  if (!(error instanceof TomlError)) return `Cannot understand ${file}: it must be TOML`;
  const reason = error.message.split("\n", 1)[0]!.replace(/^Invalid TOML document: /, "");
  return `Cannot understand ${file}, line ${error.line}, column ${error.column}: ${reason}`;
}

function unknownKey(file: string, text: string, key: string, raw: unknown): string {
  const name = RegExp.escape(key);
  const start = new RegExp(`^\\s*(?:\\[+\\s*)?["']?${name}["']?\\s*[=.\\]]`);
  const index = text.split("\n").findIndex((line) => start.test(line));
  const where = index < 0 ? file : `${file}, line ${index + 1}`;
  const near = nearest(key, KEYS)!;
  const isSection = typeof raw === "object" && raw !== null && !Array.isArray(raw) &&
    !(raw instanceof Date);
  const why = isSection ? "; settings stand at the top level, without [sections]" : "";
  return `Unknown key ${JSON.stringify(key)} in ${where}: the nearest is "${near}"${why}`;
}

function warnOfReaders(layer: FileLayer, file: string, files: FileAccess): void {
  const secrets = ENTRIES.filter(({ key, secret }) => secret && layer.values.has(key));
  if (secrets.length === 0) return;
  const mode = files.mode(file);
  if (mode === undefined || (mode & 0o077) === 0) return;
  const held = secrets.map(({ key }) => key).join(", ");
  layer.warnings.push(`Other users can read ${file}, which holds ${held}; run: chmod 600 ${file}`);
}
