/** Timeline entries: what tells of new, changed and deleted items. */
import { ITEM_TYPES, type SimRecord } from "./model.ts";
import type { Row } from "./wire.ts";
import type { World } from "./world.ts";

export const STATE = { created: 0, progress: 1, matching: 2, loading: 4, finished: 5, deleted: 9 };

/** One entry; `extra` adds or replaces members such as metadataState. */
export function timelineEntry(
  world: World,
  record: SimRecord,
  state: number,
  extra: Row = {},
): Row {
  const id = (text: string) => world.switches.numericIds ? Number(text) : text;
  return {
    identifier: "com.plexapp.plugins.library",
    sectionID: id(record.sectionKey),
    itemID: id(record.ratingKey),
    type: ITEM_TYPES[record.type],
    title: String(record.values.title ?? ""),
    state,
    updatedAt: record.updatedAt ?? world.seconds(),
    ...extra,
  };
}

export function sendTimeline(world: World, entries: Row[]): void {
  world.hub.send("timeline", "TimelineEntry", entries);
}

/** Edits come back to everybody, their author included. */
export function echoEdit(world: World, record: SimRecord): void {
  if (!world.switches.echoEdits || world.hub.listeners === 0) return;
  const finished = timelineEntry(world, record, STATE.finished);
  sendTimeline(world, [finished]);
  if (world.switches.noise) {
    sendTimeline(world, [{ ...finished, mediaState: "analyzing" }]);
  }
}

/** A deletion, as either generation of servers tells it. */
export function sendDeleted(world: World, record: SimRecord): void {
  const oldStyle = world.switches.deletionStyle === "state9";
  const entry = timelineEntry(world, record, STATE.deleted, { metadataState: "deleted" });
  sendTimeline(world, [oldStyle ? entry : { ...entry, type: -1 }]);
}

/** Entries that have nothing to do with the library. */
export function sendForeignNoise(world: World): void {
  if (!world.switches.noise) return;
  sendTimeline(world, [{
    identifier: "tv.plex.providers.epg.cloud:1",
    sectionID: -1,
    itemID: "900001",
    type: 4,
    title: "News",
    state: STATE.finished,
    updatedAt: world.seconds(),
  }]);
  world.hub.send("progress", "ProgressNotification", [{ message: "Working" }]);
}
