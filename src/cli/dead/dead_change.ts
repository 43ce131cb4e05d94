import { discardLetters, retryLetters, selectLetters } from "../../app/queue/letters.ts";
import { UserError } from "../../core/failures/errors.ts";
import type { DeadFilter } from "../../store/queue/dead_filter.ts";
import { confirmed, DECLINED } from "../terminal/ask_first.ts";
import { type DeadRequest, notFound, readSelection, type Selection } from "./dead_selection.ts";
import { note, print } from "../terminal/output.ts";
import { plural } from "../../core/text/wording.ts";

/** Puts the scenes back into the queue. */
export function retry(request: DeadRequest): number {
  const { installation, invocation } = request;
  const { count, filter } = selectLetters(installation, select(request));
  note(invocation, `${letters(count)} will be put back`);
  const { ids: retried, missing } = retryLetters(installation, filter);
  print(invocation, { retried, missing }, () => `Put back ${plural(retried.length, "scene")}\n`);
  if (missing.length > 0) throw notFound(missing);
  return 0;
}

/** Forgets dead letters: by ID, by filter, or all. */
export function discard(request: DeadRequest): number {
  return remove(request, "discarded");
}

/** Forgets all dead letters that fit. */
export function purge(request: DeadRequest): number {
  return remove(request, "purged");
}

function remove(request: DeadRequest, verb: "discarded" | "purged"): number {
  const { installation, invocation } = request;
  const { count, filter } = selectLetters(installation, select(request));
  const sure = confirmed(invocation, count, `${letters(count)} will be ${verb}`);
  const { ids: removed, missing } = sure
    ? discardLetters(installation, filter)
    : { ids: [], missing: [] };
  const verbed = verb === "purged" ? "Purged" : "Discarded";
  print(invocation, { [verb]: removed, missing }, () => `${verbed} ${letters(removed.length)}\n`);
  if (missing.length > 0) throw notFound(missing);
  return sure ? 0 : DECLINED;
}

/** @throws {UserError} usage: it was not said which */
function select(request: DeadRequest): DeadFilter {
  const { by, filter }: Selection = readSelection(request);
  if (by === "nothing") {
    throw new UserError(
      "Say which: IDs, --all, --outage, or filters such as --type PlexNotFound",
      "usage",
    );
  }
  return filter;
}

function letters(count: number): string {
  return plural(count, "dead letter");
}
