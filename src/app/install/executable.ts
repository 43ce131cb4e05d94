import { UserError } from "../../core/failures/errors.ts";
import { readBuild, readEmbedded } from "../../store/database/embedded.ts";

/** The commit that this executable was made of; null from source, or where it is not known. */
export function readCommit(): string | null {
  return readBuild()?.commit ?? null;
}

/** The licence of one part of the executable. */
export interface Licence {
  readonly name: string;
  /** Null where the part has none of its own, or none that is known. */
  readonly version: string | null;
  /** Its short name by SPDX, such as `MIT`. */
  readonly licence: string;
  readonly text: string;
}

/**
 * The licences of all that is in this executable.
 * @throws {UserError} from source, where nothing is in one
 */
export function readLicences(): Licence[] {
  const bytes = readEmbedded("licences.json");
  if (bytes === null) {
    throw new UserError(
      "Cannot show the licences: from source nothing is packed together",
      "failed",
      "deno task compile packs them into the executable; plexsync's own is in the file LICENSE",
    );
  }
  return JSON.parse(new TextDecoder().decode(bytes));
}
