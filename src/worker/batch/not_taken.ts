import { PlexsyncError } from "../../core/failures/errors.ts";
import type { Shortfall } from "../../core/sync/verify.ts";
import type { Writing } from "./write.ts";

/** The item that was written is not there any more. */
export function wentAway({ ready }: Writing): PlexsyncError {
  return new PlexsyncError(
    "PlexTemporaryError",
    `Item ${ready.item.id} went away while it was written`,
  );
}

/** The item that was written is another film by now: whose it is has to be looked for again. */
export function becameAnother({ ready: { item } }: Writing, target: string): PlexsyncError {
  return new PlexsyncError(
    "PlexNotFound",
    `Item ${item.id} was another film by the time it was written to; ${target} has to be looked ` +
      "through for the scene's own",
  );
}

/** What was written, twice, does not stand there. */
export function notTaken({ ready }: Writing, rest: Shortfall, target: string): PlexsyncError {
  const silent = rest.fields.filter((name) => !rest.foreign.includes(name));
  const parts = [
    ...silent.length > 0
      ? [`${target} answered 200 but did not change ${silent.join(", ")} of item ${ready.item.id}`]
      : [],
    ...rest.foreign.length > 0
      ? [
        `something else than was written, twice, stands in ${rest.foreign.join(", ")} of item ` +
        ready.item.id,
      ]
      : [],
  ];
  return new PlexsyncError("PlexPermanentError", parts.join("; "), {
    hint: `Look at the item in ${target}: it may refuse the value, or another program may write ` +
      "there; then run: plexsync dead retry ID",
  });
}
