/** One entry of a `timeline` notification: something happened to an item. */
export interface TimelineEvent {
  kind: "timeline";
  /** What the entry is about; the library is `com.plexapp.plugins.library`. */
  identifier: string;
  /** Of the section; "" when Plex does not say. */
  sectionId: string;
  /** ratingKey; "" when Plex does not say. */
  itemId: string;
  /** 0 created … 5 processed, 9 deleted; null when Plex does not say. */
  state: number | null;
  metadataState: string;
  mediaState: string;
}

/** Work of the server started, went on or ended. */
export interface ActivityEvent {
  kind: "activity";
  /** `started`, `updated`, `ended`. */
  event: string;
  /** Such as `library.update.section`. */
  type: string;
  /** "" when Plex does not say, as at the start of a scan. */
  sectionId: string;
}

/** What Plex tells by itself. A hint to refresh the index, never the truth: nothing is replayed. */
export type PlexEvent = TimelineEvent | ActivityEvent;
