import type { Installation, Settings } from "../../app/installation.ts";
import { type AnswerKey, ANSWERS, withAnswer } from "../../app/settings/setup.ts";
import type { SetupFile } from "../../app/settings/setup_file.ts";
import type { Config } from "../../config/config.ts";
import type { TomlValue } from "../../config/toml_edit.ts";
import { UserError } from "../../core/failures/errors.ts";
import type { Invocation } from "../frame/command.ts";

/** The flags that name a file with a secret, by the setting. */
export const SECRET_FLAGS = {
  stash_api_key: "stash-api-key-file",
  plex_token: "plex-token-file",
} as const;

/** What is known so far: the settings, and which of the answers are in them. */
export interface Draft {
  config: Config;
  known: Set<AnswerKey>;
}

/** What `init` works with. */
export interface SetUp {
  invocation: Invocation;
  /** As they are before. */
  settings: Settings;
  /** What the servers are tried with. */
  trial: Installation;
  draft: Draft;
  file: SetupFile;
}

/** What was found out besides the draft. */
export interface Found {
  /** As the config file is to have it; null: it is known already, and stays as it is. */
  library: TomlValue | null;
  /** The token belongs to the trial's own id. */
  signedIn: boolean;
}

/** @throws {UserError} a file with a secret cannot be read */
export function draftOf({ values }: Invocation, { loaded, config }: Settings): Draft {
  const isKnown = (key: AnswerKey) => loaded.origins[key]?.source !== "default";
  const draft: Draft = { config, known: new Set(ANSWERS.filter(isKnown)) };
  for (const [key, flag] of Object.entries(SECRET_FLAGS)) {
    const path = values[flag];
    if (path === undefined) continue;
    draft.config = withAnswer(draft.config, key, readSecret(path, flag));
    draft.known.add(key as AnswerKey);
  }
  return draft;
}

function readSecret(path: string, flag: string): string {
  try {
    return Deno.readTextFileSync(path).replace(/[\r\n]+$/, "");
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    throw new UserError(`Cannot read ${path}, named by --${flag}: ${reason}`, "usage");
  }
}
