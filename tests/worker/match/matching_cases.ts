/** Small libraries in which a careless matcher writes to the wrong item. */
import type { LibraryDocument } from "../../sim/library_document.ts";

type SceneDocument = LibraryDocument["stash"]["scenes"][number];
type ItemDocument = LibraryDocument["plex"]["items"][number];

export interface TestFile {
  path: string;
  /** Bytes. */
  size: number;
  seconds: number;
}

export const file = (path: string, size: number, seconds: number): TestFile => ({
  path,
  size,
  seconds,
});

/** A scene that has something to write; its title tells it. */
export function sceneOf(id: number, ...files: TestFile[]): SceneDocument {
  return {
    id,
    title: titleOf(id),
    details: `About ${id}`,
    studio: `Studio ${id}`,
    tags: [`Tag ${id}`],
    files: files.map(({ path, size, seconds }) => ({ path, size, duration: seconds })),
  };
}

export const titleOf = (id: number | string) => `Scene ${id}`;

/** An item whose files are versions of it. */
export function itemOf(ratingKey: string, section: string, ...files: TestFile[]): ItemDocument {
  return {
    ratingKey,
    section,
    media: files.map(({ path, size, seconds }) => ({
      parts: [{ file: path, size, duration_ms: seconds * 1000 }],
    })),
  };
}

/** Sections 1 ("/media") and 2 ("/backup") of films. */
export function libraryOf(scenes: SceneDocument[], items: ItemDocument[]): LibraryDocument {
  return {
    plex: {
      sections: [
        { key: "1", title: "Films", type: "movie", locations: ["/media", "/data", "/mnt", "/"] },
        { key: "2", title: "Backup", type: "movie", locations: ["/backup"] },
      ],
      items,
    },
    stash: { scenes },
  };
}

export type Want =
  /** Ids of the items that are written. */
  | { items: string[] }
  | { waits: true }
  | { ambiguous: string[] }
  | { shared: string[] };

export interface Case {
  name: string;
  scenes: SceneDocument[];
  items: ItemDocument[];
  /** By scene. */
  want: Record<string, Want>;
  /** `/data` is Plex's `/media` unless it says else. */
  pathMap?: { stash: string; plex: string }[];
}

const FILM = file("/data/S/a.mp4", 1111, 60);
const waits = { waits: true } as const;
/** One name in composed and in decomposed letters: two files to most servers. */
const [COMPOSED, DECOMPOSED] = ["\u00e9.mp4", "e\u0301.mp4"];

export const CASES: Case[] = [
  {
    name: "an episode of the same name in another series is another scene's",
    scenes: [
      sceneOf(1, file("/data/Series A/Season 1/01.mp4", 1111, 60)),
      sceneOf(2, file("/data/Series B/Season 1/01.mp4", 5000, 900)),
    ],
    items: [itemOf("7", "1", file("/media/Series B/Season 1/01.mp4", 5000, 900))],
    want: { "1": waits, "2": { items: ["7"] } },
  },
  {
    name: "same name and length, other size: Plex has the SD file, the scene's is the UHD one",
    scenes: [sceneOf(1, file("/data/UHD/a.mp4", 9000, 60))],
    items: [itemOf("7", "1", file("/media/SD/a.mp4", 1000, 60))],
    want: { "1": waits },
  },
  {
    name: "chapters of a camera, equal in all, on two cards of which Plex has one",
    scenes: [
      sceneOf(1, file("/data/card1/GX010001.MP4", 4000, 531)),
      sceneOf(2, file("/data/card2/GX010001.MP4", 4000, 531)),
    ],
    items: [itemOf("7", "1", file("/media/card2/GX010001.MP4", 4000, 531))],
    want: { "1": waits, "2": { items: ["7"] } },
  },
  {
    name: "the same without a rule: nothing tells which card it is",
    pathMap: [],
    scenes: [
      sceneOf(1, file("/data/card1/GX010001.MP4", 4000, 531)),
      sceneOf(2, file("/data/card2/GX010001.MP4", 4000, 531)),
    ],
    items: [itemOf("7", "1", file("/media/card2/GX010001.MP4", 4000, 531))],
    want: { "1": waits, "2": waits },
  },
  {
    name: "two containers that both mount /data on different disks",
    pathMap: [],
    scenes: [sceneOf(1, FILM)],
    items: [itemOf("7", "1", file("/data/S/a.mp4", 5000, 900))],
    want: { "1": waits },
  },
  {
    name: "the same with chapters of one length: the bytes of one scene at the path of another",
    pathMap: [],
    scenes: [
      sceneOf(1, file("/data/GX010001.MP4", 4000, 531)),
      sceneOf(2, file("/more/GX010001.MP4", 5000, 531)),
    ],
    items: [itemOf("7", "1", file("/data/GX010001.MP4", 5000, 531))],
    want: { "1": { shared: ["1", "2"] }, "2": { shared: ["1", "2"] } },
  },
  {
    name: "the same where a rule of the owner tells the path",
    pathMap: [{ stash: "/data", plex: "/data" }],
    scenes: [
      sceneOf(1, file("/data/GX010001.MP4", 4000, 531)),
      sceneOf(2, file("/more/GX010001.MP4", 5000, 531)),
    ],
    items: [itemOf("7", "1", file("/data/GX010001.MP4", 5000, 531))],
    want: { "1": { items: ["7"] }, "2": waits },
  },
  {
    name: "a byte-equal backup under another name",
    scenes: [sceneOf(1, FILM)],
    items: [itemOf("7", "2", file("/backup/a (copy).mp4", 1111, 60))],
    want: { "1": waits },
  },
  {
    name: "a byte-equal copy against the right path with a stale size",
    scenes: [sceneOf(1, FILM)],
    items: [
      itemOf("7", "2", file("/backup/a.mp4", 1111, 60)),
      itemOf("8", "1", file("/media/S/a.mp4", 999, 60)),
    ],
    want: { "1": { items: ["8"] } },
  },
  {
    name: "two files swapped: the path is right whatever size Plex remembers",
    scenes: [sceneOf(1, file("/data/a.mp4", 1, 10)), sceneOf(2, file("/data/b.mp4", 2, 20))],
    items: [
      itemOf("7", "1", file("/media/a.mp4", 2, 20)),
      itemOf("8", "1", file("/media/b.mp4", 1, 10)),
    ],
    want: { "1": { items: ["7"] }, "2": { items: ["8"] } },
  },
  {
    name: "a file that moved is found by name, size and length",
    scenes: [sceneOf(1, FILM)],
    items: [itemOf("7", "1", file("/media/T/a.mp4", 1111, 60))],
    want: { "1": { items: ["7"] } },
  },
  {
    name: "two copies of it elsewhere",
    scenes: [sceneOf(1, FILM)],
    items: [
      itemOf("7", "1", file("/media/T/a.mp4", 1111, 60)),
      itemOf("8", "2", file("/backup/a.mp4", 1111, 60)),
    ],
    want: { "1": { ambiguous: ["7", "8"] } },
  },
  {
    name: "each file of the scene is an item",
    scenes: [sceneOf(1, FILM, file("/data/S/b.mp4", 2222, 90))],
    items: [
      itemOf("7", "1", file("/media/S/a.mp4", 1111, 60)),
      itemOf("8", "1", file("/media/S/b.mp4", 2222, 90)),
    ],
    want: { "1": { items: ["7", "8"] } },
  },
  {
    name: "two versions that Plex has merged are one item",
    scenes: [sceneOf(1, FILM, file("/data/S/b.mp4", 2222, 90))],
    items: [
      itemOf("7", "1", file("/media/S/a.mp4", 1111, 60), file("/media/S/b.mp4", 2222, 90)),
    ],
    want: { "1": { items: ["7"] } },
  },
  {
    name: "an item with the files of two scenes is nobody's",
    scenes: [sceneOf(1, FILM), sceneOf(2, file("/data/S/b.mp4", 2222, 90))],
    items: [
      itemOf("7", "1", file("/media/S/a.mp4", 1111, 60), file("/media/S/b.mp4", 2222, 90)),
    ],
    want: { "1": { shared: ["1", "2"] }, "2": { shared: ["1", "2"] } },
  },
  {
    name: "of two scenes the one with the better evidence has the item",
    scenes: [sceneOf(1, FILM), sceneOf(2, file("/data/S/b.mp4", 2222, 90))],
    items: [
      itemOf("7", "1", file("/media/S/a.mp4", 1111, 60), file("/media/T/b.mp4", 2222, 90)),
    ],
    want: { "1": { items: ["7"] }, "2": waits },
  },
  {
    name: "two rules onto one folder",
    pathMap: [{ stash: "/data", plex: "/media" }, { stash: "/more", plex: "/media" }],
    scenes: [sceneOf(1, FILM), sceneOf(2, file("/more/S/a.mp4", 2222, 90))],
    items: [itemOf("7", "1", file("/media/S/a.mp4", 1111, 60))],
    want: { "1": { shared: ["1", "2"] }, "2": { shared: ["1", "2"] } },
  },
  {
    name: "a rule from a drive of mixed letter case",
    pathMap: [{ stash: "F:\\Videos", plex: "/mnt/videos" }],
    scenes: [sceneOf(1, file("F:\\Videos\\Late Game\\X.mp4", 5, 5))],
    items: [itemOf("7", "1", file("/mnt/videos/Late Game/X.mp4", 6, 6))],
    want: { "1": { items: ["7"] } },
  },
  {
    name: "a rule to the root",
    pathMap: [{ stash: "/data", plex: "/" }],
    scenes: [sceneOf(1, file("/data/x.mp4", 5, 5))],
    items: [itemOf("7", "1", file("/x.mp4", 6, 6))],
    want: { "1": { items: ["7"] } },
  },
  {
    name: "two libraries over one folder",
    scenes: [sceneOf(1, FILM)],
    items: [
      itemOf("7", "1", file("/media/S/a.mp4", 1111, 60)),
      itemOf("8", "2", file("/media/S/a.mp4", 1111, 60)),
    ],
    want: { "1": { items: ["7", "8"] } },
  },
  {
    name: "an item in the trash",
    scenes: [sceneOf(1, FILM)],
    items: [{
      ...itemOf("7", "1", file("/media/S/a.mp4", 1111, 60)),
      deletedAt: 1_700_000_000,
    }],
    want: { "1": waits },
  },
  {
    name: "two names that differ in composed letters alone",
    scenes: [
      sceneOf(1, file(`/data/${COMPOSED}`, 1, 10)),
      sceneOf(2, file(`/data/${DECOMPOSED}`, 2, 20)),
    ],
    items: [
      itemOf("7", "1", file(`/media/${COMPOSED}`, 1, 10)),
      itemOf("8", "1", file(`/media/${DECOMPOSED}`, 2, 20)),
    ],
    want: { "1": { items: ["7"] }, "2": { items: ["8"] } },
  },
  {
    name: "of two such names Stash has one",
    scenes: [sceneOf(1, file(`/data/${COMPOSED}`, 1, 10))],
    items: [
      itemOf("7", "1", file(`/media/${COMPOSED}`, 1, 10)),
      itemOf("8", "1", file(`/media/${DECOMPOSED}`, 2, 20)),
    ],
    want: { "1": { items: ["7"] } },
  },
  {
    name: "of two such names Plex has one",
    scenes: [
      sceneOf(1, file(`/data/${COMPOSED}`, 1, 10)),
      sceneOf(2, file(`/data/${DECOMPOSED}`, 2, 20)),
    ],
    items: [itemOf("8", "1", file(`/media/${DECOMPOSED}`, 2, 20))],
    want: { "1": waits, "2": { items: ["8"] } },
  },
  {
    name: "two names that differ in letter case, where Plex's disk knows none",
    pathMap: [{ stash: "/data", plex: "P:\\Videos" }],
    scenes: [sceneOf(1, file("/data/A.mp4", 1, 10)), sceneOf(2, file("/data/a.mp4", 2, 20))],
    items: [itemOf("8", "1", file("P:\\Videos\\a.mp4", 2, 20))],
    want: { "1": waits, "2": { items: ["8"] } },
  },
  {
    name: "a name with a backslash is no folder where Plex runs on Windows",
    pathMap: [{ stash: "/data", plex: "P:\\Videos" }],
    scenes: [sceneOf(1, file("/data/a\\b.mp4", 1, 10))],
    items: [itemOf("8", "1", file("P:\\Videos\\a\\b.mp4", 2, 20))],
    want: { "1": waits },
  },
  {
    name: "names and folders that differ in blanks and dots at their end",
    scenes: ["x/a.mp4", "x/a.mp4 ", "x/a.mp4.", "x /a.mp4", "x./a.mp4"].map((name, at) =>
      sceneOf(at + 1, file(`/data/${name}`, 5, 10))
    ),
    items: ["x/a.mp4 ", "x/a.mp4.", "x /a.mp4"].map((name, at) =>
      itemOf(String(at + 12), "1", file(`/media/${name}`, 5, 10))
    ),
    want: {
      "1": waits,
      "2": { items: ["12"] },
      "3": { items: ["13"] },
      "4": { items: ["14"] },
      "5": waits,
    },
  },
  {
    name: "a share in another letter case, and a file in the scene's beside one in another",
    pathMap: [{ stash: "\\\\nas\\V", plex: "/media" }],
    scenes: [sceneOf(1, file("\\\\NAS\\v\\A b.mp4", 1, 10))],
    items: [
      itemOf("7", "1", file("/media/A b.mp4", 9, 99)),
      itemOf("8", "1", file("/media/a b.mp4", 1, 10)),
    ],
    want: { "1": { items: ["7"] } },
  },
  {
    name: "300 files of one name, one of which is not there",
    scenes: Array.from(
      { length: 300 },
      (_, n) => sceneOf(n + 1, file(`/data/${n + 1}/1.mp4`, 1000 + n, 60 + n)),
    ),
    items: Array.from(
      { length: 299 },
      (_, n) => itemOf(String(1001 + n), "1", file(`/media/${n + 1}/1.mp4`, 1000 + n, 60 + n)),
    ),
    want: {
      ...Object.fromEntries(
        Array.from({ length: 299 }, (_, n) => [String(n + 1), { items: [String(1001 + n)] }]),
      ),
      "300": waits,
    },
  },
];
