import { PlexsyncError } from "../core/failures/errors.ts";
import type { StashClient } from "./client.ts";

/** What to do about each status in which Stash runs and serves nothing. */
const NOT_READY: Readonly<Record<string, { reason: string; hint: string }>> = {
  NEEDS_MIGRATION: {
    reason: "its database needs a migration",
    hint: "Open Stash in a browser and run the migration that it asks for; work resumes by itself",
  },
  SETUP: {
    reason: "it is not set up",
    hint: "Open Stash in a browser and finish its set-up; work resumes by itself",
  },
};

/**
 * Stash may run, answer, and still be of no use: then each scene fails alike, and only its status
 * tells whose fault that is.
 * @throws {PlexsyncError} StashUnavailable: it does not answer, or is not ready
 */
export async function assertReady(
  stash: Pick<StashClient, "systemStatus" | "sceneCount">,
): Promise<void> {
  const { status } = await stash.systemStatus();
  if (status !== "OK") {
    const { reason, hint } = NOT_READY[status] ??
      { reason: `its status is "${status}"`, hint: "Open Stash in a browser and see what it says" };
    throw new PlexsyncError("StashUnavailable", `Stash is not ready: ${reason}`, { hint });
  }
  try {
    await stash.sceneCount();
  } catch (thrown) {
    // It says that it is well, and cannot count its scenes: a lock on the database is the usual why.
    if (!(thrown instanceof PlexsyncError) || thrown.status !== 200) throw thrown;
    throw new PlexsyncError("StashUnavailable", thrown.message, {
      status: 200,
      cause: thrown,
      hint: "See in Stash whether a task or a backup holds its database, or restart Stash; work " +
        "resumes by itself",
    });
  }
}
