import { basicCredentials } from "../core/http/basic_credentials.ts";
import type { Config } from "./config.ts";
import { ENTRIES } from "./schema.ts";

/** The values that must never leave in a log, an error or an answer. */
export function secretsOf(config: Config): string[] {
  const { stashUser, stashPassword } = config;
  // It travels in another form than the one it is set in.
  const basic = stashPassword === "" ? [] : [basicCredentials(stashUser, stashPassword)];
  const secrets = ENTRIES.filter((entry) => entry.secret)
    .map((entry) => config[entry.property])
    .filter((value) => typeof value === "string" && value !== "") as string[];
  return [...secrets, ...basic];
}
