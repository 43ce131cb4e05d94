import { assertEquals, assertThrows } from "@std/assert";
import { EventLines, EventTooLongError } from "../../src/plex/notifications/event_lines.ts";
import { readEvents } from "../../src/plex/notifications/events.ts";

const STREAM = "event: ping\ndata: {}\n\n" +
  ': a comment\nevent: timeline\ndata: {"a":1}\n\n' +
  'event: activity\r\nid: 7\r\ndata:{"b":\r\ndata: 2}\r\n\r\n' +
  "event: empty\n\n" +
  'data: {"c":3}\n\n';
const WANT = ['{"a":1}', '{"b":\n2}', '{"c":3}'];

Deno.test("EventLines takes the messages out of a stream however the network cut it", () => {
  assertEquals(new EventLines(100).push(STREAM), WANT);
  for (let cut = 1; cut < STREAM.length; cut++) {
    const lines = new EventLines(100);
    const got = [...lines.push(STREAM.slice(0, cut)), ...lines.push(STREAM.slice(cut))];
    assertEquals(got, WANT, `cut at ${cut}`);
  }
});

for (const what of ["data: " + "x".repeat(101), "data: xxxxxxxxxx\n".repeat(11)]) {
  Deno.test(`EventLines refuses an event without end: ${what.slice(0, 20).trim()}…`, () => {
    assertThrows(() => new EventLines(100).push(what), EventTooLongError);
  });
}

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
