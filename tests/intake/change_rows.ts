/**
 * The kinds of change in Stash, who sees each of them, and how to bring it about: the rows of a
 * table of the chapter on matching, and a test each. The hook column says for what Stash
 * runs hooks; tests of the hook run the real plugin.
 */
import type { SimStash, StashVersion } from "../sim/stash/server.ts";
import { ask } from "../sim/stash/testing.ts";
import type { StashRig } from "./stash_rig.ts";

export interface ChangeRow {
  change: string;
  hook: boolean;
  /** Scenes that the poll finds. */
  poll: string[];
  /** The oldest version with which it does so. */
  since?: StashVersion;
  /** Scenes that the full walk finds. */
  sweep: string[];
  make(rig: StashRig): unknown;
}

/** Scenes 1 to 4 as they are before each change. */
export const LIBRARY = [
  { id: "1", title: "One", performers: ["Ann"], tags: ["Red"], studio: "House" },
  { id: "2", title: "Two", performers: ["Bob"], tags: ["Red", "Blue"] },
  { id: "3", title: "Three", performers: ["Ann"], tags: ["Blue"] },
  { id: "4", title: "Four" },
].map((scene) => ({
  ...scene,
  files: [{ path: `/data/a/${scene.id}.mp4`, size: 9, duration: 9 }],
}));

const YEAR_MS = 365 * 24 * 60 * 60_000;

/** A GraphQL mutation as Stash's own pages send it. */
async function mutate(stash: SimStash, call: string): Promise<void> {
  const { errors } = await ask(stash, `mutation { ${call} }`);
  if (errors !== undefined) throw new Error(errors[0]?.message);
}

/** A change that brings stamps of its own, or moves none. */
function underOldStamps({ runtime }: StashRig, change: () => void): void {
  runtime.jump(-YEAR_MS);
  change();
  runtime.jump(YEAR_MS);
}

export const CHANGE_ROWS: readonly ChangeRow[] = [
  {
    change: "Scene edited: form, tagger, rating, cover, Identify",
    hook: true,
    poll: ["1"],
    sweep: ["1"],
    make: ({ stash }) => mutate(stash, `sceneUpdate(input: { id: 1, title: "New" }) { id }`),
  },
  {
    change: "Several scenes edited at once",
    hook: true,
    poll: ["1", "3"],
    sweep: ["1", "3"],
    make: ({ stash }) =>
      mutate(stash, `bulkSceneUpdate(input: { ids: [1, 3], details: "New" }) { id }`),
  },
  {
    change: "New scene",
    hook: true,
    poll: ["5"],
    sweep: ["5"],
    make: ({ stash }) => stash.scan({ files: [{ path: "/data/a/5.mp4" }], covers: false }),
  },
  {
    change: "Another copy of a scene's file",
    hook: true,
    poll: ["2"],
    sweep: ["2"],
    make: ({ stash }) => stash.scan({ files: [{ path: "/data/b/2.mp4", scene_id: "2" }] }),
  },
  {
    change: "File moved or renamed, found by a scan",
    hook: true,
    poll: ["2"],
    since: "0.30",
    sweep: ["2"],
    make: ({ stash }) => stash.scan({ moved: [{ from: "/data/a/2.mp4", to: "/data/b/two.mp4" }] }),
  },
  {
    change: "File moved by Stash itself (renamer plugins)",
    hook: false,
    poll: ["2"],
    since: "0.30",
    sweep: ["2"],
    make: ({ stash }) =>
      stash.upsert([{ id: "2", files: [{ path: "/data/b/2.mp4", size: 9, duration: 9 }] }]),
  },
  {
    change: "Folder renamed",
    hook: false,
    poll: [],
    sweep: ["1", "2", "3", "4"],
    make: ({ stash }) => stash.scan({ renamed_folders: [{ from: "/data/a", to: "/data/z" }] }),
  },
  {
    change: "Auto-tag",
    hook: false,
    poll: ["4"],
    sweep: ["4"],
    make: ({ stash }) => stash.upsert([{ id: "4", tags: ["Blue"] }]),
  },
  {
    change: "Cover generated",
    hook: false,
    poll: ["4"],
    sweep: [],
    make: ({ stash }) => stash.setCover("4", new Uint8Array([1, 2, 3, 4])),
  },
  {
    change: "Scenes merged: the one that stays, and by the walk those that vanish",
    hook: false,
    poll: ["1"],
    sweep: ["1", "4"],
    make: ({ stash }) => mutate(stash, `sceneMerge(input: { source: [4], destination: 1 }) { id }`),
  },
  {
    change: "Scene deleted, or removed by Clean",
    hook: true,
    poll: [],
    sweep: ["3"],
    make: ({ stash }) => mutate(stash, "sceneDestroy(input: { id: 3 })"),
  },
  {
    change: "Performer, studio or tag renamed",
    hook: true,
    poll: ["1", "3"],
    sweep: ["1", "3"],
    make: ({ stash }) => mutate(stash, `performerUpdate(input: { id: 1, name: "Anna" }) { id }`),
  },
  {
    change: "The same by a batch update from a stash-box",
    hook: false,
    poll: ["1"],
    sweep: ["1"],
    make: ({ stash }) => stash.updateEntity("studio", 1, { name: "Home" }),
  },
  {
    change: "Performer, studio or tag deleted",
    hook: true,
    poll: [],
    sweep: ["1", "2"],
    make: ({ stash }) => mutate(stash, "tagDestroy(input: { id: 1 })"),
  },
  {
    change: "Tags merged",
    hook: true,
    poll: [],
    sweep: ["1", "2"],
    make: ({ stash }) => mutate(stash, "tagsMerge(input: { source: [1], destination: 2 }) { id }"),
  },
  {
    change: "Performers merged",
    hook: false,
    poll: [],
    sweep: ["2"],
    make: (rig) => underOldStamps(rig, () => rig.stash.upsert([{ id: "2", performers: ["Ann"] }])),
  },
  {
    change: "Import, or a database put back",
    hook: false,
    poll: [],
    sweep: ["1", "5"],
    make: (rig) =>
      underOldStamps(rig, () => rig.stash.upsert([{ id: "1", title: "As it was" }, { id: "5" }])),
  },
];

/** The rows as the chapter shows them. */
export function changeCells(): string[][] {
  const soon = (seen: boolean, when: string) => seen ? when : "–";
  return CHANGE_ROWS.map(({ change, hook, poll, since, sweep }) => [
    change,
    soon(hook, "at once"),
    soon(poll.length > 0, "`poll_interval`" + (since === undefined ? "" : ` (v${since})`)),
    soon(sweep.length > 0, "`sweep_interval`"),
  ]);
}
