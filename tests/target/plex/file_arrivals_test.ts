import { assert, assertEquals } from "@std/assert";
import type {
  ActivityEvent,
  TimelineEvent,
} from "../../../src/target/plex/notifications/plex_event.ts";
import { FileArrivals } from "../../../src/target/plex/notifications/file_arrivals.ts";

const SECONDS = 1_000;

const arrivals = () => new FileArrivals((id) => id === "1");

function entry(state: number | null, more: Partial<TimelineEvent> = {}): TimelineEvent {
  return {
    kind: "timeline",
    identifier: "com.plexapp.plugins.library",
    sectionId: "1",
    itemId: "100",
    state,
    metadataState: "",
    mediaState: "",
    ...more,
  };
}

function activity(type: string, event: string, sectionId = "1"): ActivityEvent {
  return { kind: "activity", type, event, sectionId };
}

const scan = (event: string, sectionId = "1") =>
  activity("library.update.section", event, sectionId);

/** When it is told, s, if that is done as soon as it is due. */
function tellings(
  told: readonly (readonly [atSeconds: number, TimelineEvent | ActivityEvent])[],
  untilSeconds: number,
): number[] {
  const state = arrivals();
  const at: number[] = [];
  for (let second = 0; second <= untilSeconds; second++) {
    for (const [when, event] of told) if (when === second) state.observe(event, second * SECONDS);
    if (state.waitMs(second * SECONDS) !== 0) continue;
    at.push(second);
    state.told(second * SECONDS);
  }
  return at;
}

const every = (from: number, to: number, step: number, event: TimelineEvent | ActivityEvent) =>
  Array.from(
    { length: Math.floor((to - from) / step) + 1 },
    (_, i) => [from + i * step, event] as const,
  );

const cases: {
  when: string;
  told: readonly (readonly [number, TimelineEvent | ActivityEvent])[];
  want: number[];
}[] = [
  { when: "for an item 5 s after its state 5", told: [[1, entry(5)]], want: [6] },
  {
    when: "once for a state 5 that still says `created`",
    told: [[1, entry(0, { metadataState: "created" })], [
      4,
      entry(5, { metadataState: "created" }),
    ]],
    want: [9],
  },
  {
    when: "never for an entry of the analysis",
    told: [[1, entry(5, { mediaState: "analyzing" })]],
    want: [],
  },
  { when: "10 s after the last state below 5", told: [[1, entry(0)], [3, entry(1)]], want: [13] },
  {
    when: "again at state 5 after a quiet moment was told of",
    told: [[1, entry(1)], [30, entry(5)]],
    want: [11, 35],
  },
  {
    when: "no later for what comes behind a state 5",
    told: [[1, entry(5)], [4, entry(6)], [5, entry(5)]],
    want: [6],
  },
  {
    when: "once for a state 5 that is repeated every 40 s",
    told: every(0, 80, 40, entry(5)),
    want: [5],
  },
  {
    when: "again for an item that finishes after 2 min",
    told: [[0, entry(5)], [130, entry(5)]],
    want: [5, 135],
  },
  { when: "never for a state 9", told: [[1, entry(9)]], want: [] },
  {
    when: "never for a deletion without state 9",
    told: [[1, entry(5, { metadataState: "deleted" })]],
    want: [],
  },
  { when: "never for another section", told: [[1, entry(5, { sectionId: "2" })]], want: [] },
  {
    when: "never for a section id of 0 or less",
    told: [[1, entry(5, { sectionId: "-1" })]],
    want: [],
  },
  {
    when: "never for another provider",
    told: [[1, entry(5, { identifier: "tv.plex.providers.epg" })]],
    want: [],
  },
  {
    when: "never for an entry without an item or a state",
    told: [[1, entry(5, { itemId: "" })], [2, entry(null)]],
    want: [],
  },
  {
    when: "5 s after a scan ended",
    told: [[1, scan("started", "")], [2, scan("updated")], [3, scan("ended")]],
    want: [8],
  },
  {
    when: "after a scan that does not name its section",
    told: [[3, scan("ended", "")]],
    want: [8],
  },
  { when: "never after a scan of another section", told: [[3, scan("ended", "2")]], want: [] },
  {
    when: "later while items are worked on after the scan",
    told: [
      [3, scan("ended")],
      ...every(4, 12, 4, activity("library.update.item.metadata", "ended")),
    ],
    want: [17],
  },
  {
    when: "60 s after the scan though items are still worked on",
    told: [
      [3, scan("ended")],
      ...every(4, 90, 4, activity("library.update.item.metadata", "updated")),
    ],
    want: [63],
  },
  {
    when: "never for work on items without a scan",
    told: [[3, activity("library.refresh.items", "ended")]],
    want: [],
  },
  {
    when: "at most every 5 s in a storm of items",
    told: Array.from({ length: 20 }, (_, i) => [i, entry(5, { itemId: String(i + 1) })] as const),
    want: [5, 10, 15, 20, 25],
  },
];

for (const { when, told, want } of cases) {
  Deno.test(`FileArrivals tells ${when}`, () => assertEquals(tellings(told, 200), want));
}

Deno.test("FileArrivals tells at once after a connect, but not sooner than 5 s after the last time", () => {
  const state = arrivals();
  state.connected(0);
  assertEquals(state.waitMs(0), 0);
  state.told(0);
  assertEquals(state.waitMs(0), null);
  state.connected(2_000);
  assertEquals(state.waitMs(2_000), 3_000);
});

Deno.test("FileArrivals ignores the echo of an own write, told before or after it", () => {
  const state = arrivals();
  state.wrote("100", 0);
  state.observe(entry(5), 1_000);
  state.observe(entry(5, { itemId: "101" }), 1_000);
  state.wrote("101", 2_000);
  state.observe(entry(5, { itemId: "101" }), 3_000);
  assertEquals(state.waitMs(3_000), null);
});

Deno.test("FileArrivals remembers a bounded number of items, and tells of the rest together", () => {
  const state = arrivals();
  for (let id = 1; id <= 10_000; id++) {
    state.observe(entry(5, { itemId: String(id) }), 0);
    state.wrote(String(-id), 0);
  }
  assert(state.size <= 2_000, `${state.size} items`);
  state.told(5_000);
  assertEquals(state.waitMs(5_000), 5_000, "those that had no room");
});

Deno.test("FileArrivals does not wait for times from before the clock was set back", () => {
  const state = arrivals();
  state.observe(entry(5), 3_600_000);
  assertEquals(state.waitMs(0), 0);
  state.told(0);
  assertEquals(state.waitMs(0), null);
});
