import { UserError } from "../core/errors.ts";
import type { DeadFilter } from "../store/dead_filter.ts";
import { confirmed, DECLINED } from "./confirm.ts";
import { type DeadRequest, notFound, readSelection, type Selection } from "./dead_selection.ts";
import { note, plural, print } from "./output.ts";

/** Puts the scenes back into the queue. */
export function retry(request: DeadRequest): number {
  const { store, invocation } = request;
  const { filter, ids } = select(request);
  const { count, maxId } = store.deadLetters.extent(filter);
  note(invocation, `${letters(count)} will be put back`);
  const now = invocation.world.runtime.now();
  const retried = store.deadLetters.retryMatching({ ...filter, upToId: maxId }, now);
  const missing = missingOf(ids, retried);
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
  if (request.words.length > 0) {
    throw new UserError("dead purge takes no IDs", 2, "plexsync dead discard ID… does");
  }
  return remove(request, "purged");
}

function remove(request: DeadRequest, verb: "discarded" | "purged"): number {
  const { store, invocation } = request;
  const { filter, ids } = select(request);
  const { count, maxId } = store.deadLetters.extent(filter);
  const sure = confirmed(invocation, count, `${letters(count)} will be ${verb}`);
  const removed = sure ? store.deadLetters.discard({ ...filter, upToId: maxId }) : [];
  const missing = sure ? missingOf(ids, removed) : [];
  const verbed = verb === "purged" ? "Purged" : "Discarded";
  print(invocation, { [verb]: removed, missing }, () => `${verbed} ${letters(removed.length)}\n`);
  if (missing.length > 0) throw notFound(missing);
  return sure ? 0 : DECLINED;
}

/** @throws {UserError} exit code 2: it was not said which */
function select(request: DeadRequest): { filter: DeadFilter; ids: readonly number[] } {
  const { by, filter }: Selection = readSelection(request);
  if (by === "nothing") {
    throw new UserError(
      "Say which: IDs, --all, --outage, or filters such as --type PlexNotFound",
      2,
    );
  }
  return { filter, ids: filter.ids ?? [] };
}

function missingOf(wanted: readonly number[], found: readonly number[]): number[] {
  const there = new Set(found);
  return wanted.filter((id) => !there.has(id));
}

function letters(count: number): string {
  return plural(count, "dead letter");
}
