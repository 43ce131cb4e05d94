import { assertEquals } from "@std/assert";
import { readEvents } from "../../../src/target/plex/notifications/events.ts";

const timeline = {
  identifier: "com.plexapp.plugins.library",
  sectionID: "1",
  itemID: "10141",
  type: 1,
  state: 5,
  metadataState: "created",
};
const timelineEvent = {
  kind: "timeline",
  identifier: "com.plexapp.plugins.library",
  sectionId: "1",
  itemId: "10141",
  state: 5,
  metadataState: "created",
  mediaState: "",
};
const activity = {
  event: "ended",
  uuid: "u",
  Activity: { type: "library.update.section", Context: { librarySectionID: "1" } },
};
const activityEvent = {
  kind: "activity",
  event: "ended",
  type: "library.update.section",
  sectionId: "1",
};
const frame = (type: string, name: string, ...entries: unknown[]) => ({
  NotificationContainer: { type, size: entries.length, [name]: entries },
});

const cases: { what: string; message: unknown; want: unknown[] }[] = [
  {
    what: "the entries of a WebSocket frame",
    message: frame("timeline", "TimelineEntry", timeline, { ...timeline, itemID: "2" }),
    want: [timelineEvent, { ...timelineEvent, itemId: "2" }],
  },
  {
    what: "the lone object of a server-sent event",
    message: { TimelineEntry: timeline },
    want: [timelineEvent],
  },
  {
    what: "numbers for ids and text for a state",
    message: { TimelineEntry: { ...timeline, sectionID: 1, itemID: 10141, state: "5" } },
    want: [timelineEvent],
  },
  {
    what: "an activity",
    message: frame("activity", "ActivityNotification", activity),
    want: [activityEvent],
  },
  {
    what: "an activity without a context",
    message: { ActivityNotification: { event: "started", Activity: { type: "x" } } },
    want: [{ kind: "activity", event: "started", type: "x", sectionId: "" }],
  },
  {
    what: "an entry in which everything is missing or of another kind",
    message: { TimelineEntry: [{ state: {}, itemID: ["1"], sectionID: null }, "x", null] },
    want: [{
      kind: "timeline",
      identifier: "",
      sectionId: "",
      itemId: "",
      state: null,
      metadataState: "",
      mediaState: "",
    }],
  },
  { what: "nothing in another type", message: frame("playing", "X", { a: 1 }), want: [] },
  { what: "nothing in an array", message: [timeline], want: [] },
  { what: "nothing in null", message: null, want: [] },
];

for (const { what, message, want } of cases) {
  Deno.test(`readEvents() reads ${what}`, () => {
    assertEquals(readEvents(JSON.stringify(message)) as unknown[], want);
  });
}

Deno.test("readEvents() reads nothing in what is no JSON", () => {
  assertEquals(readEvents("<html>"), []);
});
