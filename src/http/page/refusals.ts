import { PlexsyncError, UserError } from "../../core/failures/errors.ts";
import { Refusal } from "../refusal.ts";

/** What an operation refuses, in words for people; null for what nobody foresaw. */
export function refusalOfUser(thrown: unknown): Refusal | null {
  if (thrown instanceof UserError) return new Refusal(409, thrown.message, thrown.hint ?? "");
  if (thrown instanceof PlexsyncError) return new Refusal(502, thrown.message, thrown.hint);
  return null;
}

export function noSuchPage(): Refusal {
  return new Refusal(404, "There is no such page", "The navigation above leads to all there are");
}
