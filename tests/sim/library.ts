/** Made-up libraries: what Stash curates, and what of it Plex holds. */
import * as words from "./library_words.ts";
import { type Random, seededRandom } from "./random.ts";
import type { SceneSeed } from "./stash/server.ts";

export interface LibraryOptions {
  /** How many scenes. */
  scenes: number;
  /** Equal seeds and options give equal libraries. */
  seed: number;
  /** Scenes that Plex does not have, in per cent; exactly the rounded number. Default 0. */
  missingPercent?: number;
  /** Scenes whose own path Plex lacks, while two copies elsewhere look the same. Default 0. */
  ambiguous?: number;
  /** Folder of all files as Stash sees it. Default "/data/scenes". */
  stashRoot?: string;
  /** The same folder as Plex sees it. Default: `stashRoot`. */
  plexRoot?: string;
}

export interface PlexFile {
  path: string;
  /** Bytes. */
  size: number;
  durationMs: number;
}

export interface Library {
  /** Ids are "1" to the number of scenes. */
  scenes: SceneSeed[];
  plexItems: { files: PlexFile[] }[];
  missingIds: string[];
  ambiguousIds: string[];
}

type Fate = "present" | "missing" | "ambiguous";
interface SeedFile {
  path: string;
  size: number;
  duration: number;
}

const FIRST_CREATED_S = Date.UTC(2022, 0, 1) / 1000;
const LAST_CREATED_S = Date.UTC(2026, 5, 30) / 1000;
const DAY_S = 86_400;
const PERFORMER_COUNT = 300;

/** @throws {RangeError} numbers that do not fit together */
export function generateLibrary(options: LibraryOptions): Library {
  const { scenes: count, seed, missingPercent = 0, ambiguous = 0 } = options;
  const stashRoot = trimSlash(options.stashRoot ?? "/data/scenes");
  const plexRoot = trimSlash(options.plexRoot ?? stashRoot);
  const missing = Math.round(missingPercent * count / 100);
  if (!Number.isInteger(count) || count < 0) throw new RangeError("scenes must be 0 or more");
  if (!(missingPercent >= 0 && missingPercent <= 100)) {
    throw new RangeError("missingPercent must be from 0 to 100");
  }
  if (!Number.isInteger(ambiguous) || ambiguous < 0 || missing + ambiguous > count) {
    throw new RangeError(`ambiguous must be from 0 to ${count - missing}: it is ${ambiguous}`);
  }
  // Fates have a generator of their own: the scenes are the same whatever Plex lacks.
  const fates = dealFates(count, missing, ambiguous, seededRandom(seed ^ 0x5eed));
  const random = seededRandom(seed);
  const library: Library = { scenes: [], plexItems: [], missingIds: [], ambiguousIds: [] };
  for (let index = 0; index < count; index++) {
    const fate = fates[index] ?? "present";
    const scene = makeScene(index + 1, fate, stashRoot, random);
    library.scenes.push(scene.seed);
    if (fate === "missing") library.missingIds.push(String(index + 1));
    if (fate === "ambiguous") library.ambiguousIds.push(String(index + 1));
    library.plexItems.push(...plexItemsOf(scene.files, fate, stashRoot, plexRoot));
  }
  return library;
}

/** Exact numbers: the first of a shuffled row are missing, the next ambiguous. */
function dealFates(count: number, missing: number, ambiguous: number, random: Random): Fate[] {
  const fates: Fate[] = new Array(count).fill("present");
  const order = Array.from({ length: count }, (_, index) => index);
  for (let at = 0; at < missing + ambiguous; at++) {
    const other = random.whole(at, count - 1);
    [order[at], order[other]] = [order[other] as number, order[at] as number];
    fates[order[at] as number] = at < missing ? "missing" : "ambiguous";
  }
  return fates;
}

function plexItemsOf(
  files: SeedFile[],
  fate: Fate,
  stashRoot: string,
  plexRoot: string,
): { files: PlexFile[] }[] {
  if (fate === "missing") return [];
  const seen = (file: SeedFile, path: string): PlexFile => ({
    path,
    size: file.size,
    durationMs: Math.round(file.duration * 1000),
  });
  if (fate === "present") {
    return [{
      files: files.map((file) => seen(file, plexRoot + file.path.slice(stashRoot.length))),
    }];
  }
  // Neither folder has anything in common with the scene's own: no evidence tells them apart.
  const [file] = files;
  if (file === undefined) return [];
  const base = file.path.slice(file.path.lastIndexOf("/") + 1);
  return ["Archive A", "Archive B"].map((folder) => ({
    files: [seen(file, `${plexRoot}/${folder}/${base}`)],
  }));
}

function makeScene(
  id: number,
  fate: Fate,
  root: string,
  random: Random,
): { seed: SceneSeed; files: SeedFile[] } {
  const title = makeTitle(id, random);
  const studio = random.chance(90) ? random.pick(words.STUDIOS) : null;
  const date = makeDate(random);
  const created = random.whole(FIRST_CREATED_S, LAST_CREATED_S);
  const seed: SceneSeed = {
    id,
    title: random.chance(0.7) ? "" : title,
    // Without a studio there is always a summary, so every scene has something to sync.
    details: random.chance(85) || studio === null ? makeDetails(random) : "",
    date,
    rating100: random.chance(35) ? random.whole(1, 20) * 5 : null,
    organized: random.chance(60),
    studio,
    performers: several(random.whole(0, 5), () => makePerformer(random)),
    tags: several(random.whole(0, 12), () => makeTag(random)),
    created_at: instant(created),
    updated_at: instant(created + random.whole(0, 100 * DAY_S)),
  };
  const files = makeFiles(id, title, studio, date, root, random);
  seed.files = fate === "ambiguous" ? files.slice(0, 1) : files;
  return { seed, files: seed.files as SeedFile[] };
}

function makeTitle(id: number, random: Random): string {
  if (random.chance(4)) return `${random.pick(words.ODD_TITLES)} ${id}`;
  const short = `${random.pick(words.ADJECTIVES)} ${random.pick(words.NOUNS)}`;
  return random.chance(30) ? `${short} ${id}` : `${short} ${random.pick(words.PLACES)}`;
}

function makeDetails(random: Random): string {
  const paragraphs = random.chance(5) ? random.whole(10, 30) : random.whole(1, 3);
  const breaks = ["\n\n", "\n", "\r\n"];
  let text = "";
  for (let at = 0; at < paragraphs; at++) {
    if (at > 0) text += random.pick(breaks);
    const sentences = random.whole(1, 4);
    for (let n = 0; n < sentences; n++) text += (n > 0 ? " " : "") + random.pick(words.SENTENCES);
  }
  return text;
}

function makeDate(random: Random): string | null {
  const roll = random.next() * 100;
  const year = String(random.whole(1995, 2026));
  const month = String(random.whole(1, 12)).padStart(2, "0");
  const day = String(random.whole(1, 28)).padStart(2, "0");
  if (roll < 4) return null;
  if (roll < 6) return year;
  if (roll < 8) return `${year}-${month}`;
  return `${year}-${month}-${day}`;
}

function makePerformer(random: Random): string {
  if (random.chance(4)) return random.pick(words.ODD_PERFORMERS);
  const which = random.whole(0, PERFORMER_COUNT - 1);
  const first = words.FIRST_NAMES[which % words.FIRST_NAMES.length];
  const last = words.LAST_NAMES[Math.floor(which / words.FIRST_NAMES.length)];
  return `${first} ${last}`;
}

function makeTag(random: Random): string {
  return random.chance(3) ? random.pick(words.ODD_TAGS) : random.pick(words.TAGS);
}

/** The number in the base name keeps scenes apart, so only planned ones are ambiguous. */
function makeFiles(
  id: number,
  title: string,
  studio: string | null,
  date: string | null,
  root: string,
  random: Random,
): SeedFile[] {
  const folder = [studio ?? random.pick(words.FOLDERS), date?.slice(0, 4) ?? "Undated"];
  if (random.chance(10)) folder.push(random.pick(words.FOLDERS));
  const name = `${title.replaceAll(/[\\/\t<>:"|?*]/g, "_")} [${String(id).padStart(6, "0")}]`;
  const path = (part: string[], end: string) => [root, ...part, name + end].join("/");
  const duration = random.whole(60_000, 7_200_000) / 1000;
  const size = Math.round(duration * random.whole(150_000, 1_500_000));
  const files = [{
    path: path(folder, random.pick([".mp4", ".mkv", ".mp4", ".avi"])),
    size,
    duration,
  }];
  if (random.chance(3)) {
    files.push({
      path: path([...folder, "alt"], " - 4K.mp4"),
      size: size * 3 + 1,
      duration: Math.round(duration * 1000 + 40) / 1000,
    });
  }
  return files;
}

/** Up to `count` different values. */
function several(count: number, make: () => string): string[] {
  const values = new Set<string>();
  for (let at = 0; at < count; at++) values.add(make());
  return [...values];
}

function instant(unixSeconds: number): string {
  return new Date(unixSeconds * 1000).toISOString().replace(".000Z", "Z");
}

function trimSlash(path: string): string {
  return path.replace(/\/+$/, "");
}
