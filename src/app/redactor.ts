import type { Config } from "../config/config.ts";
import { secretsOf } from "../config/secrets.ts";
import { createRedactor } from "../core/text/redact.ts";
import { redactDeep } from "../core/text/redact_deep.ts";

/**
 * Masks the installation's secrets in what is read from the database before it is shown: a message
 * stored with an error may quote what a server or library said.
 */
export function redactorOf({ config }: { config: Config }): <T>(value: T) => T {
  const redact = createRedactor(secretsOf(config));
  return (value) => redactDeep(value, redact);
}
