/**
 * The closed list of error types. Stored in dead letters and counted in stats,
 * so a name never changes its meaning.
 */
export const ERROR_TYPES = [
  "TransientError",
  "PlexTemporaryError",
  "PlexServerDown",
  "PlexUnauthorized",
  "PlexNotFound",
  "AmbiguousMatch",
  "SharedItem",
  "PermanentError",
  "PlexPermanentError",
  "StashUnavailable",
  "SceneGone",
  "Unknown",
] as const;

export type ErrorType = (typeof ERROR_TYPES)[number];
