import { MASK } from "../core/text/redact.ts";
import type { LoadedConfig } from "./load.ts";
import { describeOrigin } from "./origin.ts";
import { ENTRIES } from "./schema.ts";
import { defaultText, type Entry } from "./setting.ts";

/** One setting as `config show` prints it, also the object of its `--json`. */
export interface ConfigRow {
  key: string;
  /** Secrets are masked; `(not set)` when there is no value. */
  value: string;
  origin: string;
  default: string;
  meaning: string;
  /** What values can be: a sentence's end, after "must be". */
  allowed: string;
}

const NOT_SET = "(not set)";

function valueText(entry: Entry, value: unknown): string {
  const text = entry.kind.show(value);
  if (text === "") return NOT_SET;
  return entry.secret ? MASK : text;
}

/** The default as people read it. */
export function defaultShown(entry: Entry): string {
  const text = defaultText(entry);
  if (text !== "") return text;
  return entry.requiredFor === undefined ? NOT_SET : "required";
}

/** All settings in the order of the table, with where each value came from. */
export function describeConfig(loaded: LoadedConfig): ConfigRow[] {
  return ENTRIES.map((entry) => ({
    key: entry.key,
    value: valueText(entry, loaded.config[entry.property]),
    origin: describeOrigin(loaded.origins[entry.key] ?? { source: "default" }),
    default: defaultShown(entry),
    meaning: entry.meaning,
    allowed: entry.kind.allowed,
  }));
}
