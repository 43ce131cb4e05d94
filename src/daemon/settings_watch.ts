import type { Reread } from "../app/settings/reread_settings.ts";
import { Alarm } from "../core/alarm.ts";
import type { Fetch } from "../core/http/bounded_fetch.ts";
import { isCertificateTrouble, troubleOf } from "../core/failures/connection_trouble.ts";
import { DAY_MS, SECOND_MS } from "../core/time/duration.ts";
import type { Runtime } from "../core/runtime.ts";
import type { Log } from "../log/logger.ts";
import type { SettingsChanged } from "./settings_guard.ts";

export interface SettingsWatchParts {
  /** @param askStash Reads what Stash's settings page holds as well */
  reread(askStash: boolean, stop: AbortSignal): Promise<Reread>;
  log: Log;
  runtime: Pick<Runtime, "sleep">;
}

/** How often the files are read while a server refuses what they say: it costs a millisecond. */
const AGAIN_MS = 5 * SECOND_MS;

/**
 * Reads the settings again when a server refuses the token or key, or shows a certificate that is
 * not trusted, and when a person asks for it. With other settings the daemon begins anew, within
 * the same process; settings that cannot be used are said, and nothing changes.
 */
export class SettingsWatch {
  readonly name = "settings watch";
  readonly #alarm = new Alarm();
  /** Servers whose last answer was a refusal. */
  readonly #refusing = new Set<string>();
  #askedByPerson = false;
  #stashDue = false;
  /** The problem that was said, and need not be said again. */
  #said = "";

  constructor(private readonly parts: SettingsWatchParts) {}

  /** A person wants the settings to be read now. */
  ask(): void {
    this.#askedByPerson = true;
    this.#alarm.ring();
  }

  /** The same requests, looked at for refusals of what the settings say. */
  watched(server: string, fetch: Fetch): Fetch {
    return async (url, init) => {
      try {
        const answer = await fetch(url, init);
        if (answer.status === 401) this.#refused(server);
        else if (answer.ok) this.#refusing.delete(server);
        return answer;
      } catch (thrown) {
        if (isCertificateTrouble(troubleOf(thrown))) this.#refused(server);
        throw thrown;
      }
    };
  }

  /** Until stopped, or other settings are to be used. */
  async run(stop: AbortSignal): Promise<SettingsChanged | void> {
    const { reread, runtime } = this.parts;
    while (!stop.aborted) {
      await this.#alarm.sleep(runtime, this.#refusing.size > 0 ? AGAIN_MS : DAY_MS, stop);
      if (stop.aborted) return;
      const asked = this.#askedByPerson;
      const askStash = asked || this.#stashDue;
      this.#askedByPerson = false;
      this.#stashDue = false;
      const found = await reread(askStash, stop);
      if (stop.aborted) return;
      if (found.kind === "changed") {
        return { kind: "settings changed", message: `${listed(found.keys)} changed` };
      }
      this.#say(found, asked);
    }
  }

  #refused(server: string): void {
    this.#stashDue = true;
    if (this.#refusing.has(server)) return;
    this.#refusing.add(server);
    this.#alarm.ring();
  }

  #say(found: Exclude<Reread, { kind: "changed" }>, asked: boolean): void {
    const { log } = this.parts;
    const problem = found.kind === "broken" ? found.problem : "";
    const isNew = problem !== this.#said;
    this.#said = problem;
    if (found.kind === "broken" && (asked || isNew)) {
      log.error(`The settings cannot be used as they are now, those before stay: ${problem}`, {
        event: "settings_broken",
        hint: "Correct them; plexsync config check says whether they are right",
      });
    } else if (found.kind === "same" && asked) {
      log.info("The settings were read again, and are the same as before", {
        event: "settings_same",
        hint: "Flags and variables of the environment take a restart of plexsync run",
      });
    }
  }
}

function listed(keys: readonly string[]): string {
  const [last, ...rest] = keys.toReversed();
  return rest.length === 0 ? `${last} has` : `${rest.toReversed().join(", ")} and ${last} have`;
}
