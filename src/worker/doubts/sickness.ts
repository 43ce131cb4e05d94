import { asPlexsyncError, PlexsyncError } from "../../core/failures/errors.ts";
import type { WorkContext } from "../context.ts";

/** Why the target itself is of no use after these failures; null where it answers and knows us. */
export async function sicknessOf(
  target: WorkContext["target"],
  errors: readonly PlexsyncError[],
): Promise<PlexsyncError | null> {
  const isAnonymous = errors.some(({ type }) => type === "PlexUnauthorized");
  return await failureOf(() => target.identity()) ??
    (isAnonymous ? await failureOf(() => target.checkAccess()) : null);
}

/** A write that got no answer in time looks like the item's own until the server is silent too. */
export function asOutage(error: PlexsyncError, sick: PlexsyncError): PlexsyncError {
  return sick.type === "PlexUnauthorized"
    ? sick
    : new PlexsyncError("PlexServerDown", error.message, { cause: sick, status: error.status });
}

async function failureOf(ask: () => Promise<unknown>): Promise<PlexsyncError | null> {
  try {
    await ask();
    return null;
  } catch (thrown) {
    return asPlexsyncError(thrown);
  }
}
