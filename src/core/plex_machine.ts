/** Key in `meta` of the `machineIdentifier` of the Plex server that the ratingKeys belong to. */
export const PLEX_MACHINE = "plex_machine";
