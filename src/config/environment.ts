import { nearest } from "../core/text/nearest.ts";
import type { FileAccess } from "./files.ts";
import { emptyLayer, type Layer, type Origin } from "./origin.ts";
import { ENTRIES, KEYS } from "./schema.ts";
import { type Entry, envName } from "./setting.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** Variables of the program that are no settings. */
const OWN_NAMES = [
  "PLEXSYNC_CONFIG",
  "PLEXSYNC_DATA_DIR",
  "PLEXSYNC_SOCKET",
  "PLEXSYNC_IMPORTS",
  "PLEXSYNC_BIN",
];

/**
 * Settings from `PLEXSYNC_<KEY>`, secrets also from the file that
 * `PLEXSYNC_<KEY>_FILE` names and from `$CREDENTIALS_DIRECTORY/<key>` (systemd).
 * An empty variable counts as not set, as compose files write it, except where
 * empty is an answer (`stash_api_key`).
 */
export function readEnvironment(env: Environment, files: FileAccess): Layer {
  const layer = emptyLayer();
  for (const entry of ENTRIES) readEntry(layer, entry, env, files);
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && value !== "") warnOfUnknown(layer, name);
  }
  return layer;
}

function readEntry(layer: Layer, entry: Entry, env: Environment, files: FileAccess): void {
  const name = envName(entry.key);
  const value = env[name];
  const path = entry.secret ? env[`${name}_FILE`] || undefined : undefined;
  if (value !== undefined && (value !== "" || (entry.emptyMeans && path === undefined))) {
    layer.values.set(entry.key, { raw: value, origin: { source: "environment", detail: name } });
    if (path !== undefined) layer.problems.push(`${name} and ${name}_FILE are both set: keep one`);
  } else if (path !== undefined) {
    const origin: Origin = { source: "environment", detail: `${name}_FILE` };
    readSecret(layer, entry, path, origin, files, `named by ${name}_FILE`);
  } else if (entry.secret && env.CREDENTIALS_DIRECTORY) {
    const credential = `${env.CREDENTIALS_DIRECTORY}/${entry.key}`;
    readSecret(layer, entry, credential, { source: "credential", detail: credential }, files);
  }
}

/** @param namedBy Who named the file; without it the file may be missing */
function readSecret(
  layer: Layer,
  entry: Entry,
  path: string,
  origin: Origin,
  files: FileAccess,
  namedBy?: string,
): void {
  try {
    const text = files.readText(path);
    if (text !== undefined) {
      layer.values.set(entry.key, { raw: text.replace(/[\r\n]+$/, ""), origin });
    } else if (namedBy !== undefined) {
      layer.problems.push(`Cannot read ${entry.key} from ${path}, ${namedBy}: no such file`);
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const by = namedBy === undefined ? "" : `, ${namedBy}`;
    layer.problems.push(`Cannot read ${entry.key} from ${path}${by}: ${reason}`);
  }
}

/** A warning and no error: an environment may hold variables of other programs. */
function warnOfUnknown(layer: Layer, name: string): void {
  if (!/^PLEXSYNC_/i.test(name) || OWN_NAMES.includes(name)) return;
  const known = ENTRIES.some(({ key, secret }) =>
    name === envName(key) || (secret && name === `${envName(key)}_FILE`)
  );
  if (known) return;
  const key = name.slice("PLEXSYNC_".length).replace(/_FILE$/, "");
  const near = envName(nearest(key, KEYS)!);
  const why = name === `${near}_FILE` ? "; only secrets can come from a file of their own" : "";
  layer.warnings.push(
    `Environment variable ${name} is no setting and is ignored: the nearest is ${near}${why}`,
  );
}
