/**
 * Random libraries with their truth. Disks hold files of films; Stash and Plex mount them, each
 * where it likes. Which film a file holds is known here alone: whoever matches sees paths, sizes and
 * lengths, of which many films have the same.
 */

/** A file as one side knows it. */
export interface SeenFile {
  path: string;
  /** Bytes; 0 when it is not known. */
  size: number;
  durationMs: number | null;
}

export interface RandomLibrary {
  /** What the owner may know: where Plex has the folders of Stash. */
  rules: { stash: string; plex: string }[];
  scenes: { id: string; files: SeenFile[]; films: Set<number> }[];
  items: { key: string; section: string; files: SeenFile[]; films: Set<number> }[];
}

interface DiskFile {
  rel: string[];
  film: number;
  size: number;
  ms: number;
}

interface Disk {
  files: DiskFile[];
  stash: string;
  /** Its mounts in Plex, each a library; [] when Plex does not have it. */
  plex: string[];
}

/** Names that some servers or file systems take for one another, and some that none does. */
const NAMES = [
  ...["1.mp4", "1.MP4", "é.mp4", "e\u0301.mp4", "É.mp4", "ß.mp4", "ss.mp4", "SS.mp4", "ſ.mp4"],
  ...["a b.mp4", "a%20b.mp4", "a+b.mp4", "a%2Bb.mp4", "x.mp4", "x .mp4", "x.mp4 ", "x.mp4."],
  ...["İ.mp4", "i\u0307.mp4", "ı.mp4", "i.mp4", "ﬁ.mp4", "fi.mp4", "cd1.mp4", "cd2.mp4", "Ω.mp4"],
  ...["\u2126.mp4", "가.mp4", "\u1100\u1161.mp4", "A_B.mp4", "A&B.mp4", "#1.mp4", "1?.mp4"],
];
const FOLDERS = ["A", "a", "Á", "A\u0301", "Season 1", "f.", "f ", "f", "50%", "%41"];
const ROOTS = ["/data", "/media", "/mnt/v", "/DATA", "F:\\Videos", "\\\\nas\\v", "/data/data"];

/** A generator of numbers in [0, 1), the same for the same seed. */
function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function randomLibrary(seed: number): RandomLibrary {
  const random = numbers(seed);
  const below = (count: number) => Math.floor(random() * count);
  const pick = <T>(all: readonly T[]): T => all[below(all.length)]!;
  const chance = (share: number) => random() < share;

  const disks = makeDisks(pick, chance, below);
  return {
    rules: disks.filter(({ plex }) => plex.length === 1)
      .map(({ stash, plex }) => ({ stash, plex: plex[0]! })),
    scenes: makeScenes(disks, chance, below),
    items: makeItems(disks, chance, below),
  };
}

type Pick = <T>(all: readonly T[]) => T;
type Chance = (share: number) => boolean;
type Below = (count: number) => number;

function makeDisks(pick: Pick, chance: Chance, below: Below): Disk[] {
  const roots = ROOTS.toSorted(() => chance(0.5) ? 1 : -1);
  const disks = Array.from({ length: 1 + below(3) }, (_, at): Disk => ({
    files: [],
    stash: roots[at]!,
    plex: chance(0.15) ? [] : [chance(0.4) ? roots[at]! : roots[(at + 1) % 4]!],
  }));
  // No two disks under one path on one side: both could not be there.
  const taken = new Set<string>();
  for (const disk of disks) {
    disk.plex = disk.plex.filter((root) => !taken.has(root) && taken.add(root));
  }
  const sizes = [1_000, 2_000, 3_000];
  const lengths = [60_000, 61_500, 90_000];
  let film = 0;
  for (let left = 4 + below(20); left > 0; left--) {
    const made = { film: film++, size: pick(sizes), ms: pick(lengths) };
    for (let copies = chance(0.25) ? 2 : 1; copies > 0; copies--) {
      const rel = [...Array.from({ length: below(3) }, () => pick(FOLDERS)), pick(NAMES)];
      const disk = pick(disks);
      const isTaken = disk.files.some((file) => file.rel.join("/") === rel.join("/"));
      if (!isTaken) disk.files.push({ rel, ...made });
    }
  }
  return disks;
}

function seen(root: string, { rel, size, ms }: DiskFile): SeenFile {
  const separator = root.includes("\\") ? "\\" : "/";
  return { path: [root, ...rel].join(separator), size, durationMs: ms };
}

/** All files of all disks: of one that Stash does not know nobody could tell whose it is. */
function makeScenes(disks: readonly Disk[], chance: Chance, below: Below): RandomLibrary["scenes"] {
  const scenes: RandomLibrary["scenes"] = [];
  for (const { files, stash } of disks) {
    for (const file of files) {
      const made = seen(stash, file);
      if (chance(0.05)) made.durationMs = null;
      // Copies of a film are mostly files of one scene; now and then a scene has files of two films.
      const own = scenes.find(({ films }) => films.has(file.film));
      const home = own !== undefined && chance(0.8)
        ? own
        : chance(0.05) && scenes.length > 0
        ? scenes[below(scenes.length)]!
        : undefined;
      if (home === undefined) {
        scenes.push({ id: String(scenes.length + 1), files: [made], films: new Set([file.film]) });
      } else {
        home.files.push(made);
        home.films.add(file.film);
      }
    }
  }
  return scenes;
}

function makeItems(disks: readonly Disk[], chance: Chance, below: Below): RandomLibrary["items"] {
  const items: RandomLibrary["items"] = [];
  for (const { files, plex } of disks) {
    for (const root of plex) {
      const section = String(1 + disks.findIndex((disk) => disk.plex.includes(root)));
      for (const file of files) {
        if (chance(0.3)) continue;
        const made = seen(root, file);
        // Not analysed yet, or encoded anew since it was.
        if (chance(0.1)) made.size = 0;
        if (chance(0.1)) made.durationMs = null;
        if (chance(0.1)) made.size += 7;
        const isMerged = items.length > 0 && chance(0.1);
        const home = isMerged ? items[below(items.length)]! : undefined;
        if (home === undefined || home.section !== section) {
          const key = String(100 + items.length);
          items.push({ key, section, files: [made], films: new Set([file.film]) });
        } else {
          home.files.push(made);
          home.films.add(file.film);
        }
      }
    }
  }
  return items;
}
