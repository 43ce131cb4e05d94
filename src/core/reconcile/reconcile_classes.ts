/** What a reconciliation finds a scene, or an item, to be. */
export const RECONCILE_CLASSES = [
  /** The scene has no item in Plex. */
  "missing",
  /** It has an item, which holds none of the fields that a sync would fill. */
  "empty",
  /** Plex differs from the scene, which changed since our last write or was never written. */
  "stale",
  /** The scene is as it was at our last write, but Plex no longer is. */
  "drifted",
  /** Nothing to do. */
  "equal",
  /** Cannot be compared, or is not synced. */
  "skipped",
  /** An item that we wrote to for a scene that Stash no longer has. */
  "orphaned",
] as const;
export type ReconcileClass = (typeof RECONCILE_CLASSES)[number];

/** Those that a sync can do something about. */
export const QUEUED_CLASSES = ["missing", "empty", "stale", "drifted"] as const;
export type QueuedClass = (typeof QUEUED_CLASSES)[number];
