import type { Installation } from "../../app/installation.ts";
import {
  type AnswerKey,
  libraryValue,
  signIn,
  trialOf,
  tryLibraries,
  tryPlex,
  tryStash,
  tryToken,
  type Verdict,
  withAnswer,
} from "../../app/settings/setup.ts";
import type { Section } from "../../target/target.ts";
import type { TomlValue } from "../../config/toml_edit.ts";
import { chooseLibraries, titlesText } from "../../core/match/libraries.ts";
import { UserError } from "../../core/failures/errors.ts";
import type { Draft } from "./init_draft.ts";
import type { Prompt } from "../terminal/prompt.ts";

/** Offered where nothing is known: where the servers are by their own defaults. */
const USUAL = { stash_url: "http://127.0.0.1:9999", plex_url: "http://127.0.0.1:32400" } as const;

/** Asks a person until both servers are found and let us in. */
export class InitDialog {
  /** A code was typed in at Plex: the token belongs to this installation's own id. */
  signedIn = false;

  constructor(
    private readonly draft: Draft,
    private readonly trial: Installation,
    private readonly prompt: Prompt,
  ) {}

  async stash(): Promise<void> {
    const { draft, prompt } = this;
    for (;;) {
      this.#address("stash_url", "Address of Stash");
      const verdict = await tryStash(this.#trial());
      if (verdict.kind === "fine") {
        prompt.say(`  Stash ${verdict.found || "of an unknown version"} answers`);
        // Without a password it has no key, and asks for none.
        draft.known.add("stash_api_key");
        return;
      }
      if (verdict.kind === "refused" && !draft.known.has("stash_api_key")) {
        this.#key();
      } else this.#again(verdict, "stash_api_key", "stash_url");
    }
  }

  /** @returns all libraries of Plex */
  async plex(): Promise<Section[]> {
    const { draft, prompt } = this;
    for (;;) {
      this.#address("plex_url", "Address of Plex");
      const verdict = await tryPlex(this.#trial());
      if (verdict.kind === "fine") {
        prompt.say(`  Plex ${verdict.found} answers`);
        const libraries = await this.#token();
        if (libraries !== null) return libraries;
        draft.known.delete("plex_url");
      } else this.#again(verdict, "plex_token", "plex_url");
    }
  }

  /** Whether Plex has the libraries that the settings name; says so where it has not. */
  async hasLibraries(all: readonly Section[]): Promise<boolean> {
    const verdict = await tryLibraries(this.#trial(), all);
    if (verdict.kind !== "fine") this.#sayFailed(verdict);
    return verdict.kind === "fine";
  }

  /** @returns what is to stand in the config file for it */
  libraries(all: readonly Section[]): TomlValue {
    const { prompt } = this;
    if (all.length === 0) {
      const hint = "Make one in Plex whose files are those of Stash, then do this again";
      throw new UserError("Cannot find a library of films or series in Plex", "failed", hint);
    }
    prompt.say("Libraries of Plex:");
    all.forEach(({ title, folders }, at) =>
      prompt.say(`  ${at + 1}  ${title}  ${folders.join(", ")}`)
    );
    const usual = all.length === 1 ? "1" : "";
    for (;;) {
      const answer = prompt.ask("Which ones? Numbers or names with commas, or all", usual);
      const chosen = chosenBy(answer, all);
      if (typeof chosen === "string") prompt.say(`  ${chosen}`);
      // Also those that are still to come.
      else if (answer.toLowerCase() === "all" && chosen.length === all.length) return "all";
      else return libraryValue(all, chosen);
    }
  }

  async #token(): Promise<Section[] | null> {
    const { draft, prompt } = this;
    for (;;) {
      if (!draft.known.has("plex_token")) await this.#askToken();
      const verdict = await tryToken(this.#trial());
      if (verdict.kind === "fine") {
        prompt.say(`  "${verdict.found.name}" takes the token`);
        return verdict.found.libraries;
      }
      this.#again(verdict, "plex_token", "plex_url");
      if (!draft.known.has("plex_url")) return null;
    }
  }

  async #askToken(): Promise<void> {
    const { draft, prompt } = this;
    const token = prompt.secret("Token of Plex (not shown), or only Enter to sign in");
    if (token !== "") {
      this.#take("plex_token", token);
      return;
    }
    try {
      const { code, link, token } = await signIn(this.trial);
      prompt.say(`Open ${link} on any device, as the owner of the server, and type: ${code}`);
      prompt.say("  Waiting for that …");
      this.#take("plex_token", await token());
      this.signedIn = true;
    } catch (thrown) {
      if (!(thrown instanceof UserError)) throw thrown;
      this.#sayFailed({ message: thrown.message, hint: thrown.hint ?? "" });
    }
    if (!draft.known.has("plex_token")) await this.#askToken();
  }

  #address(key: "stash_url" | "plex_url", question: string): void {
    const { draft, prompt } = this;
    while (!draft.known.has(key)) {
      const now = key === "stash_url" ? draft.config.stashUrl : draft.config.plexUrl;
      this.#take(key, prompt.ask(question, now || USUAL[key]));
    }
  }

  /** With no answer the address is asked for again: it may be that of something else. */
  #key(): void {
    const { draft, prompt } = this;
    const where = "there: Settings > Security; not shown; only Enter: another address";
    const answer = prompt.secret(`API key of Stash (${where})`);
    this.#take("stash_api_key", answer);
    if (answer !== "") return;
    // The one that was refused is not tried at another address.
    draft.known.delete("stash_api_key");
    draft.known.delete("stash_url");
  }

  #take(key: AnswerKey, raw: string): void {
    try {
      this.draft.config = withAnswer(this.draft.config, key, raw);
      this.draft.known.add(key);
    } catch (thrown) {
      if (!(thrown instanceof UserError)) throw thrown;
      this.prompt.say(`  ${thrown.message}`);
    }
  }

  /** Says what is wrong, and forgets what has to be asked again. */
  #again<T>(
    verdict: Exclude<Verdict<T>, { kind: "fine" }>,
    secret: AnswerKey,
    address: AnswerKey,
  ): void {
    this.#sayFailed(verdict);
    this.draft.known.delete(verdict.kind === "refused" ? secret : address);
  }

  #sayFailed({ message, hint }: { message: string; hint: string }): void {
    this.prompt.say(`  ${message}`);
    if (hint !== "") this.prompt.say(`  hint: ${hint}`);
  }

  #trial(): Installation {
    return trialOf(this.trial, this.draft.config);
  }
}

/** @returns why it cannot be, for people */
function chosenBy(answer: string, all: readonly Section[]): readonly Section[] | string {
  const names = answer.split(",").map((each) => each.trim()).filter((each) => each !== "");
  if (names.length === 0) return "Please name one at least";
  const byNumber = names.map((name) => all[Number(name) - 1]);
  if (byNumber.every((each) => each !== undefined)) return [...new Set(byNumber)];
  const choice = chooseLibraries(all, names);
  if (choice.kind === "chosen") return choice.libraries;
  return choice.kind === "missing"
    ? `There is no library ${choice.name}`
    : `Several are called ${choice.name}: ${titlesText(choice.libraries)}; take the number`;
}
