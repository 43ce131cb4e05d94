import {
  type AnswerKey,
  ANSWERS,
  libraryValue,
  trialOf,
  tryStash,
  tryToken,
} from "../../app/settings/setup.ts";
import { UserError } from "../../core/failures/errors.ts";
import { titlesText } from "../../core/match/libraries.ts";
import { type Found, SECRET_FLAGS, type SetUp } from "./init_draft.ts";

/**
 * What a set-up goes by where nobody can be asked.
 * @throws {UserError} usage: something is missing
 */
export async function findOut({ trial, draft, settings }: SetUp): Promise<Found> {
  const { known } = draft;
  const missing: AnswerKey[] = ANSWERS.filter((key) => key !== "stash_api_key" && !known.has(key));
  if (missing.length === 0 && !known.has("stash_api_key")) {
    // One without a password has no key.
    if ((await tryStash(trialOf(trial, draft.config))).kind === "refused") {
      missing.push("stash_api_key");
    }
  }
  if (missing.length > 0) throw cannotAsk(missing);
  const none: Found = { library: null, signedIn: false };
  if (settings.loaded.origins.plex_library?.source !== "default") return none;
  const verdict = await tryToken(trialOf(trial, draft.config));
  // What is wrong with Plex is said with all else that is wrong.
  if (verdict.kind !== "fine") return none;
  const { libraries } = verdict.found;
  if (libraries.length > 1) {
    throw new UserError(
      `Cannot ask which libraries are meant: there are ${titlesText(libraries)}`,
      "usage",
      "Name them with --plex-library, or say --plex-library all",
    );
  }
  return { ...none, library: libraryValue(libraries, libraries) };
}

function cannotAsk(missing: readonly AnswerKey[]): UserError {
  const flags = missing.map((key) =>
    key === "stash_api_key" || key === "plex_token"
      ? `--${SECRET_FLAGS[key]} FILE`
      : `--${key.replaceAll("_", "-")} URL`
  );
  return new UserError(
    `Cannot ask here for what is missing: ${missing.join(", ")}`,
    "usage",
    `Give ${flags.join(", ")}`,
  );
}
