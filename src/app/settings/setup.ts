import type { Config } from "../../config/config.ts";
import type { TomlValue } from "../../config/toml_edit.ts";
import { entryOf } from "../../config/schema.ts";
import { asPlexsyncError, UserError } from "../../core/failures/errors.ts";
import { chooseLibraries, hasBlankEdge } from "../../core/match/libraries.ts";
import { CLIENT_IDENTIFIER } from "../../core/meta_keys.ts";
import { VERSION } from "../../core/version.ts";
import { beginSignIn, type SignIn } from "../../target/plex/sign_in.ts";
import type { Section } from "../../target/target.ts";
import { checkOnline } from "../checks/config_check.ts";
import type { Finding } from "../checks/finding.ts";
import { type Installation, openInstallation, openToAsk, type Settings } from "../installation.ts";
import { chooseSections } from "../../worker/index/section_list.ts";
import { askingPlex, askingStash } from "../connections/mistaken.ts";
import { clientIdentifier, plexOf, stashOf } from "../connections/servers.ts";
import { DEFAULT_TARGET, targetsOf } from "../targets.ts";
import { transportTo } from "../connections/transport.ts";

// What `plexsync init` finds out and decides; who asks a person is the command.

/** What has to be known before anything can be synced. */
export const ANSWERS = ["stash_url", "stash_api_key", "plex_url", "plex_token"] as const;

export type AnswerKey = typeof ANSWERS[number];

/** What came of a question to a server. */
export type Verdict<T> =
  | { kind: "fine"; found: T }
  /** refused: it is there, and wants another token or key. */
  | { kind: "refused" | "failed"; message: string; hint: string };

/**
 * The settings with another value for one of them.
 * @throws {UserError} it cannot be one
 */
export function withAnswer(config: Config, key: string, raw: unknown): Config {
  const entry = entryOf(key);
  const parsed = entry.kind.parse(raw);
  if ("value" in parsed) return { ...config, [entry.property]: parsed.value };
  const shown = entry.secret ? "" : ` = ${JSON.stringify(raw)}`;
  throw new UserError(`Cannot use ${key}${shown}: ${parsed.problem}`, "usage");
}

/** What the servers are tried with; of it nothing is left on the disk. */
export async function openTrial(settings: Settings): Promise<Installation & Disposable> {
  return await openToAsk(settings);
}

/** The same trial with other settings. */
export function trialOf(trial: Installation, config: Config): Installation {
  return { ...trial, config, targets: targetsOf(config) };
}

/** Whether Stash is there and takes the key: its version. */
export async function tryStash(installation: Installation): Promise<Verdict<string>> {
  const { config, stop } = installation;
  const version = async () => (await stashOf(config, stop).version()).version;
  return await tried(() => askingStash(version, installation));
}

/** Whether Plex is there: its version. */
export async function tryPlex(installation: Installation): Promise<Verdict<string>> {
  const version = async () => (await targetOf(installation).identity()).version;
  return await tried(() => askingPlex(version, settingsOf(installation), installation));
}

/** Whether Plex takes the token: its name and the libraries. */
export async function tryToken(
  installation: Installation,
): Promise<Verdict<{ name: string; libraries: Section[] }>> {
  return await tried(async () => {
    const target = targetOf(installation);
    const { name } = await target.checkAccess();
    const { sections } = await target.sections();
    return { name, libraries: sections };
  });
}

/** Whether the libraries that the settings name are among all that Plex has. */
export async function tryLibraries(
  installation: Installation,
  all: readonly Section[],
): Promise<Verdict<readonly Section[]>> {
  const { plexLibrary } = installation.config;
  const target = targetOf(installation);
  return await tried(() => Promise.resolve(chooseSections(all, plexLibrary, target)));
}

/** All that is looked at before the settings are kept. */
export async function checkSetup(installation: Installation): Promise<Finding[]> {
  return (await checkOnline(installation)).filter(({ check }) => check !== "Path rules");
}

/** Signs in to Plex by a code that a person types elsewhere. */
export async function signIn(installation: Installation): Promise<SignIn> {
  const { config, store, runtime } = installation;
  const url = config.plexSignInUrl;
  const { fetch } = transportTo(url, config);
  const identifier = clientIdentifier(store);
  return await beginSignIn({
    url,
    fetch,
    runtime,
    version: VERSION,
    clientIdentifier: identifier,
  });
}

/**
 * Opens the installation that was set up.
 * @param trial What signed in to Plex: another id would be another device there. Null: nothing did
 */
export async function openSetup(
  settings: Settings,
  trial: Pick<Installation, "store"> | null,
): Promise<Installation & Disposable> {
  const installation = await openInstallation(settings);
  const { meta } = installation.store;
  if (trial !== null && meta.get(CLIENT_IDENTIFIER) === undefined) {
    meta.set(CLIENT_IDENTIFIER, clientIdentifier(trial.store));
  }
  return installation;
}

/**
 * Libraries that a person chose, as the config file has them: names where these are clear, keys
 * where they are not.
 */
export function libraryValue(all: readonly Section[], chosen: readonly Section[]): TomlValue {
  return namesValue(chosen.map((library) => {
    const found = chooseLibraries(all, [library.title]);
    const isClear = found.kind === "chosen" && found.libraries.length === 1 &&
      found.libraries[0] === library && !hasBlankEdge(library);
    return isClear ? library.title : library.id;
  }));
}

/** Names as the config file has them: in a text a comma parts two of them. */
export function namesValue(names: readonly string[]): TomlValue {
  return names.length === 1 && !names[0]!.includes(",") ? names[0]! : names;
}

function targetOf(installation: Installation) {
  return plexOf(settingsOf(installation), installation);
}

function settingsOf({ targets }: Installation) {
  return targets.find(({ key }) => key === DEFAULT_TARGET)!;
}

async function tried<T>(question: () => Promise<T>): Promise<Verdict<T>> {
  try {
    return { kind: "fine", found: await question() };
  } catch (thrown) {
    if (thrown instanceof UserError) {
      return { kind: "failed", message: thrown.message, hint: thrown.hint ?? "" };
    }
    const { type, message, hint, status } = asPlexsyncError(thrown);
    const refused = type === "PlexUnauthorized" || status === 401;
    return { kind: refused ? "refused" : "failed", message, hint };
  }
}
