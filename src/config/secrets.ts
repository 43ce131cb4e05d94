import type { Config } from "./config.ts";
import { ENTRIES } from "./schema.ts";

/** The values that must never leave in a log, an error or an answer. */
export function secretsOf(config: Config): string[] {
  return ENTRIES.filter((entry) => entry.secret)
    .map((entry) => config[entry.property])
    .filter((value) => typeof value === "string" && value !== "") as string[];
}
