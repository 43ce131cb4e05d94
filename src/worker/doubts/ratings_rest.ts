import type { WorkContext } from "../context.ts";

type RatingsContext = Pick<WorkContext, "target" | "unpaid" | "log">;

/** The target hears no rating. Said once. */
export function ratingsRest({ target, unpaid, log }: RatingsContext): void {
  if (unpaid.refusedToAll.has("unrated")) return;
  unpaid.refusedToAll.add("unrated");
  log.warning(`${target.title} takes ratings and does not change them; all else is written`, {
    event: "ratings_rest",
    hint: `Look whether plex_token is the owner's, and whether something before ${target.title} ` +
      "answers in its place, such as a log-in page; they are tried again every ten minutes, or " +
      "leave them out: sync_rating = false",
  });
}

/** It heard one. Said where it had been said that it does not. */
export function ratingHeard({ target, unpaid, log }: RatingsContext): void {
  if (!unpaid.refusedToAll.delete("unrated")) return;
  log.info(`${target.title} changes ratings again`, { event: "ratings_back" });
}
