import type { Installation } from "../../app/installation.ts";
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
import type { Section } from "../../target/target.ts";
import { type Found, SECRET_FLAGS, type SetUp } from "./init_draft.ts";

/**
 * What a set-up goes by where nobody can be asked.
 * @throws {UserError} usage: something is missing; all of it that can be told is named
 */
export async function findOut({ trial, draft, settings }: SetUp): Promise<Found> {
  const { known } = draft;
  const asked = trialOf(trial, draft.config);
  const missing = new Set<AnswerKey>(ANSWERS.filter((key) => !known.has(key)));
  if (missing.has("stash_api_key") && !await wantsKey(asked, missing)) {
    missing.delete("stash_api_key");
  }
  const isChosen = settings.loaded.origins.plex_library?.source !== "default";
  const canList = !isChosen && !missing.has("plex_url") && !missing.has("plex_token");
  const libraries = canList ? await librariesOf(asked) : null;
  const unclear = libraries !== null && libraries.length > 1 ? libraries : [];
  if (missing.size > 0 || unclear.length > 0) throw cannotAsk([...missing], unclear);
  const library = libraries === null ? null : libraryValue(libraries, libraries);
  return { library, signedIn: false };
}

/** A Stash without a password has no key, and where there is no Stash it cannot be told. */
async function wantsKey(asked: Installation, missing: ReadonlySet<AnswerKey>): Promise<boolean> {
  return !missing.has("stash_url") && (await tryStash(asked)).kind === "refused";
}

/** null where Plex does not tell: what is wrong with it is said with all else that is wrong. */
async function librariesOf(asked: Installation): Promise<readonly Section[] | null> {
  const verdict = await tryToken(asked);
  return verdict.kind === "fine" ? verdict.found.libraries : null;
}

/** @param unclear The libraries to choose from; none where that is clear */
function cannotAsk(missing: readonly AnswerKey[], unclear: readonly Section[]): UserError {
  const names: string[] = [...missing];
  const flags = missing.map((key) =>
    key === "stash_api_key" || key === "plex_token"
      ? `--${SECRET_FLAGS[key]} FILE`
      : `--${key.replaceAll("_", "-")} URL`
  );
  if (unclear.length > 0) {
    names.push(`plex_library (there are ${titlesText(unclear)})`);
    flags.push("--plex-library NAME,… or --plex-library all");
  }
  return new UserError(
    `Cannot ask here for what is missing: ${names.join(", ")}`,
    "usage",
    `Give ${flags.join(", ")}`,
  );
}
