import { aborted } from "../core/aborted.ts";
import { PlexsyncError } from "../core/failures/errors.ts";
import type { StashClient } from "../stash/client.ts";

/**
 * Reads again what Stash's settings page holds, which could not be read at the start.
 * @returns whether the settings in force are still the right ones
 * @throws {PlexsyncError} Stash does not answer
 */
export type ConfirmSettings = () => Promise<boolean>;

/** The daemon is to be started anew with the settings that Stash holds. */
export interface SettingsChanged {
  kind: "settings changed";
  /** What changed, as a sentence without its end. */
  message: string;
}

const OTHERS = "Stash holds other settings than those in use";

/**
 * Lets nothing be synced by settings that may be the wrong ones: before the first scene is read it
 * makes sure of them, and ends the daemon when others are to be used.
 */
export class SettingsGuard {
  readonly name = "settings guard";
  readonly #changed = new AbortController();
  #isConfirmed = false;

  constructor(private readonly confirm: ConfirmSettings) {}

  /** The same client, which reads no scene before the settings are confirmed. */
  guard(stash: StashClient): StashClient {
    return {
      ...stash,
      scenes: async (ids) => {
        if (!this.#isConfirmed) this.#isConfirmed = await this.confirm();
        if (this.#isConfirmed) return await stash.scenes(ids);
        this.#changed.abort();
        throw new PlexsyncError("StashUnavailable", OTHERS);
      },
    };
  }

  /** Until stopped, or other settings are to be used. */
  async run(stop: AbortSignal): Promise<SettingsChanged | void> {
    await aborted(stop, this.#changed.signal);
    if (this.#changed.signal.aborted && !stop.aborted) {
      return { kind: "settings changed", message: OTHERS };
    }
  }
}
