import { UserError } from "../core/failures/errors.ts";
import { cutText, escapeLine } from "../core/text/escape.ts";
import { nearest } from "../core/text/nearest.ts";
import { createRedactor, MASK } from "../core/text/redact.ts";
import type { Config } from "./config.ts";
import { type Environment, readEnvironment } from "./environment.ts";
import type { FileAccess } from "./files.ts";
import { describeOrigin, emptyLayer, type Given, type Layer, type Origin } from "./origin.ts";
import { ENTRIES, KEYS } from "./schema.ts";
import { type Entry, envName, isRequired, type Need } from "./setting.ts";
import { CONFIG_FILE_NAME, readConfigFile } from "./toml_file.ts";

/** Everything that settings can come from. */
export interface ConfigSources {
  /** By flag name without dashes in front: `log-level` or `log_level`; `config` names the file. */
  flags: Readonly<Record<string, string>>;
  env: Environment;
  files: FileAccess;
  /** Searched for the config file. */
  dataDir?: string;
  /** The servers that the command needs; their required settings must be there. */
  requireFor: Need;
  /** What Stash stores for the plugin, by key. */
  pluginSettings?: Readonly<Record<string, unknown>> | undefined;
}

/** The settings in force and how they came about. */
export interface LoadedConfig {
  config: Config;
  /** By key, such as `plex_url`. */
  origins: Record<string, Origin>;
  /** The config file that was read. */
  file?: string;
  /** For the log, once there is one. */
  warnings: string[];
}

/** Flags that take part in loading without being settings. */
const OTHER_FLAGS = ["config", "data_dir"];

/**
 * Reads and checks all settings. Precedence: flag, environment, file, Stash
 * plugin settings, default.
 * @throws {UserError} usage: all problems at once, one per line, no secret in any
 */
export function loadConfig(sources: ConfigSources): LoadedConfig {
  const { flags, env, files, dataDir, requireFor, pluginSettings = {} } = sources;
  const fileLayer = readConfigFile(
    flags.config ?? (env.PLEXSYNC_CONFIG || undefined),
    dataDir,
    files,
  );
  const layers = [
    readPlugin(pluginSettings),
    fileLayer,
    readEnvironment(env, files),
    readFlags(flags),
  ];
  const given = new Map(layers.flatMap(({ values }) => [...values]));
  const problems = layers.flatMap((layer) => layer.problems);
  const redact = createRedactor(secretValues(layers));

  const missing: string[] = [];
  const config: Partial<Record<keyof Config, unknown>> = {};
  const origins: Record<string, Origin> = {};
  for (const entry of ENTRIES) {
    const { value, origin, problem } = settle(entry, given.get(entry.key), redact, files);
    config[entry.property] = value;
    origins[entry.key] = origin;
    if (problem !== undefined) problems.push(problem);
    else if (fileLayer.complete && isMissing(entry, value, origin, requireFor)) {
      problems.push(missingProblem(entry));
      missing.push(entry.key);
    }
  }

  if (problems.length > 0) {
    const list = "plexsync help settings lists every key with its range and default";
    const hint = missing.length === 0 ? list : `plexsync init asks for what is missing; ${list}`;
    throw new UserError(problems.map((p) => escapeLine(redact(p))).join("\n"), "usage", hint);
  }
  return {
    // Each property was set in the loop above to what its own kind returned.
    config: config as Config,
    origins,
    ...(fileLayer.file === undefined ? {} : { file: fileLayer.file }),
    warnings: layers.flatMap((layer) => layer.warnings).map((w) => escapeLine(redact(w))),
  };
}

function settle(
  entry: Entry,
  given: Given | undefined,
  redact: (text: string) => string,
  files: FileAccess,
): { value: unknown; origin: Origin; problem?: string } {
  if (given === undefined) return { value: entry.default, origin: { source: "default" } };
  let parsed = entry.kind.parse(given.raw);
  if ("value" in parsed && entry.read !== undefined) parsed = entry.read(parsed.value, files);
  if ("value" in parsed) return { value: parsed.value, origin: given.origin };
  const raw = cutText(redact(shown(entry, given.raw)), 200);
  const problem = `Cannot use ${entry.key} = ${raw} from ` +
    `${describeOrigin(given.origin)}: ${parsed.problem}`;
  return { value: entry.default, origin: given.origin, problem };
}

/** A value in an error message. A URL's query and what follows may be a secret in the wrong place. */
function shown(entry: Entry, raw: unknown): string {
  if (entry.secret) return MASK;
  const text = JSON.stringify(raw) ?? String(raw);
  return text.replace(/(:\/\/[^\s?#"]*[?#])[^"]*/g, `$1${MASK}`);
}

function isMissing(entry: Entry, value: unknown, origin: Origin, need: Need): boolean {
  if (!isRequired(entry, need) || value !== "") return false;
  return origin.source === "default" || entry.emptyMeans === undefined;
}

function missingProblem(entry: Entry): string {
  const empty = entry.emptyMeans === undefined
    ? ""
    : ` (an explicit "" says that ${entry.emptyMeans})`;
  return `${entry.key} is required: set it in ${CONFIG_FILE_NAME} or as ${
    envName(entry.key)
  }${empty}`;
}

function secretValues(layers: readonly Layer[]): string[] {
  return ENTRIES.filter((entry) => entry.secret).flatMap(({ key }) =>
    layers.map((layer) => layer.values.get(key)?.raw).filter((raw) => typeof raw === "string")
  );
}

function readFlags(flags: Readonly<Record<string, string>>): Layer {
  const layer = emptyLayer();
  for (const [flag, raw] of Object.entries(flags)) {
    const key = flag.replaceAll("-", "_");
    const detail = `--${flag.replaceAll("_", "-")}`;
    const entry = ENTRIES.find((candidate) => candidate.key === key);
    if (entry?.secret) {
      const name = envName(key);
      layer.problems.push(
        `Cannot take ${key} from ${detail}: other users can read a command line; ` +
          `use the config file, ${name} or ${name}_FILE`,
      );
    } else if (entry !== undefined) {
      layer.values.set(key, { raw, origin: { source: "flag", detail } });
    } else if (!OTHER_FLAGS.includes(key)) {
      const near = nearest(key, KEYS)!.replaceAll("_", "-");
      layer.problems.push(`Unknown flag ${detail}: the nearest is --${near}`);
    }
  }
  return layer;
}

/**
 * An emptied field of Stash's settings page counts as not set: "" of a text, 0 of a number that
 * cannot be 0.
 */
function readPlugin(settings: Readonly<Record<string, unknown>>): Layer {
  const layer = emptyLayer();
  for (const [key, raw] of Object.entries(settings)) {
    if (raw === undefined || raw === null || raw === "") continue;
    const entry = ENTRIES.find((each) => each.key === key);
    if (raw === 0 && entry !== undefined && "problem" in entry.kind.parse(raw)) continue;
    if (KEYS.includes(key)) layer.values.set(key, { raw, origin: { source: "stash" } });
    else {
      // No error: Stash keeps the values of settings that a plugin no longer has.
      layer.warnings.push(
        `Stash plugin setting ${JSON.stringify(key)} is unknown and ignored: ` +
          `the nearest is "${nearest(key, KEYS)}"`,
      );
    }
  }
  return layer;
}
