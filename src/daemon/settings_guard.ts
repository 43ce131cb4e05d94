import { PlexsyncError } from "../core/errors.ts";
import type { StashClient } from "../stash/client.ts";

/**
 * Reads again what Stash's settings page holds, which could not be read at the start.
 * @returns whether the settings in force are still the right ones
 * @throws {PlexsyncError} Stash does not answer
 */
export type ConfirmSettings = () => Promise<boolean>;

/**
 * The same client, which lets nothing be synced by settings that may be the wrong ones: before it
 * reads the first scene it makes sure of them.
 * @param changed Called when other settings are to be used
 */
export function guardSettings(
  stash: StashClient,
  confirm: ConfirmSettings,
  changed: () => void,
): StashClient {
  let confirmed = false;
  return {
    ...stash,
    async scenes(ids) {
      if (!confirmed) confirmed = await confirm();
      if (confirmed) return await stash.scenes(ids);
      changed();
      throw new PlexsyncError("StashUnavailable", "Stash holds other settings than those in use");
    },
  };
}
