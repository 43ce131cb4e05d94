import type { ActivityEvent, PlexEvent, TimelineEvent } from "./plex_event.ts";
import { number, type Row, row, rows, text } from "../lenient.ts";

/**
 * The events in one message, empty for anything else: a WebSocket frame has a container
 * with arrays, a server-sent event a lone object without one. `status` is
 * left out: it names no section and comes at the start of a scan too.
 */
export function readEvents(message: string): PlexEvent[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(message);
  } catch {
    // Whatever this was, it was a hint at most.
    return [];
  }
  const outer = row(parsed);
  const container = row(outer?.NotificationContainer) ?? outer;
  if (container === null) return [];
  return [
    ...rows(container.TimelineEntry).map(timelineEvent),
    ...rows(container.ActivityNotification).map(activityEvent),
  ];
}

function timelineEvent(entry: Row): TimelineEvent {
  return {
    kind: "timeline",
    identifier: text(entry.identifier),
    sectionId: text(entry.sectionID),
    itemId: text(entry.itemID),
    state: number(entry.state),
    metadataState: text(entry.metadataState),
    mediaState: text(entry.mediaState),
  };
}

function activityEvent(entry: Row): ActivityEvent {
  const activity = row(entry.Activity);
  return {
    kind: "activity",
    event: text(entry.event),
    type: text(activity?.type),
    sectionId: text(row(activity?.Context)?.librarySectionID),
  };
}
