import type { ErrorType } from "./error_types.ts";

/** What a person can do about each type; printed beside every failure. */
export const HINTS: Readonly<Record<ErrorType, string>> = {
  TransientError: "Retried by itself; if it persists, check the connection to Plex",
  PlexTemporaryError:
    "Retried by itself; if it persists, look into Plex's own log for a busy or damaged database",
  PlexServerDown: "Work resumes by itself once Plex answers; check that Plex runs and plex_url",
  PlexUnauthorized:
    "Set plex_token to a valid token of the server's owner; work resumes by itself after that",
  PlexNotFound:
    "Check that the file is in the Plex library, try a library scan in Plex, and check path_map",
  AmbiguousMatch:
    "Remove the duplicate in Plex, or pin the scene to the right one: plexsync match pin SCENE ITEM",
  SharedItem:
    "Split the item in Plex, let only one of the scenes have the file, or pin it to one: plexsync match pin SCENE ITEM",
  PermanentError: "Correct the scene in Stash, then run: plexsync dead retry ID",
  PlexPermanentError:
    "Check the Plex token and that it belongs to the server's owner, then run: plexsync dead retry ID",
  StashUnavailable:
    "Work resumes by itself once Stash answers; check that Stash runs, stash_url and stash_api_key",
  SceneGone: "Nothing to do: the scene was deleted in Stash",
  Unknown: "An unforeseen error; plexsync dead show ID prints its stack trace for a report",
};
