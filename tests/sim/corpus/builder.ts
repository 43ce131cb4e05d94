/** Collects the scenes, the items and the truth of a corpus. */
import type {
  LibraryDocument,
  PlexItemDocument,
  PlexSectionDocument,
} from "../library_document.ts";
import * as words from "../library_words.ts";
import type { Random } from "../random.ts";
import type { SceneTruth, Verdict } from "./truth.ts";

type MediaDocument = PlexItemDocument["media"][number];
type PartDocument = MediaDocument["parts"][number];
type SceneDocument = LibraryDocument["stash"]["scenes"][number];

/** The bytes of one film: no two contents are equal. */
export interface Content {
  size: number;
  durationMs: number;
}

/** One folder as both servers see it. */
export interface Mount {
  section: string;
  stash: string;
  plex: string;
}

/** A rule of the path map that this corpus needs. */
export interface CorpusPathRule {
  stash: string;
  plex: string;
}

export const FILMS: Mount = { section: "1", stash: "/data/films", plex: "/mnt/media/films" };
export const VIDEOS: Mount = { section: "3", stash: "F:\\Videos", plex: "/mnt/videos" };
export const NAS: Mount = { section: "4", stash: "\\\\NAS\\Video", plex: "\\\\nas\\video" };
export const SERIES: Mount = { section: "5", stash: "/data/series", plex: "/mnt/media/series" };
/** Both see it under the same path, which begins like another one's. */
export const CLIPS: Mount = { section: "6", stash: "/data2/clips", plex: "/data2/clips" };
export const LOOSE: Mount = { section: "7", stash: "/pool/loose", plex: "/loose" };
/** What Plex calls /data is another disk than what Stash calls so. */
export const OTHER_DISK = { section: "2", plex: "/data/films" };
/** A second library over a part of the first one's folder. */
export const AGAIN = { section: "8", folder: "Shared" };
/** Copies that Stash does not see. */
export const ARCHIVE = { section: "1", plex: "/mnt/media/archive" };

export const PATH_MAP: readonly CorpusPathRule[] = [
  { stash: "/data", plex: "/mnt/media" },
  { stash: "F:\\Videos", plex: "/mnt/videos" },
  { stash: "/pool", plex: "/" },
];

export const SECTIONS: readonly PlexSectionDocument[] = [
  { key: FILMS.section, title: "Films", type: "movie", locations: [FILMS.plex, ARCHIVE.plex] },
  { key: OTHER_DISK.section, title: "Other disk", type: "movie", locations: [OTHER_DISK.plex] },
  { key: VIDEOS.section, title: "Videos", type: "movie", locations: [VIDEOS.plex] },
  { key: NAS.section, title: "NAS", type: "movie", locations: [NAS.plex] },
  { key: SERIES.section, title: "Series", type: "show", locations: [SERIES.plex] },
  { key: CLIPS.section, title: "Clips", type: "movie", locations: [CLIPS.plex] },
  { key: LOOSE.section, title: "Loose", type: "movie", locations: [LOOSE.plex] },
  {
    key: AGAIN.section,
    title: "Shared films",
    type: "movie",
    locations: [`${FILMS.plex}/${AGAIN.folder}`],
  },
];

/** Epoch seconds at which everything was added. */
const ADDED_AT = Date.UTC(2024, 0, 1) / 1000;
/** ratingKeys go through this prime in steps of the other: scattered, and never the same twice. */
const KEYS = 1_000_003;
const KEY_STEP = 387_911;

export class CorpusBuilder {
  readonly truth: SceneTruth[] = [];
  readonly #items: PlexItemDocument[] = [];
  readonly #scenes: SceneDocument[] = [];
  readonly #sceneIds: number[];
  #contents = 0;
  #names = 0;

  /** @param scenes How many there will be: their ids are dealt at random */
  constructor(scenes: number, readonly random: Random) {
    this.#sceneIds = shuffled(Array.from({ length: scenes }, (_, at) => at + 1), random);
  }

  /** Scenes still to be made. */
  get left(): number {
    return this.#sceneIds.length;
  }

  content(): Content {
    this.#contents += 1;
    return {
      size: 50_000_000 + this.#contents * 7919 + this.random.whole(0, 7000),
      durationMs: this.random.whole(60_000, 7_200_000),
    };
  }

  /** A film that nobody can take for this one: its length is another one too. */
  unlike(content: Content): Content {
    const other = this.content();
    const near = Math.abs(other.durationMs - content.durationMs) < 10_000;
    return near ? { ...other, durationMs: content.durationMs + 60_000 } : other;
  }

  /** A film of the same length in another encoding. */
  reencoded(content: Content): Content {
    return { ...this.content(), durationMs: content.durationMs };
  }

  /** A name that no other scene has, without extension. */
  name(): string {
    this.#names += 1;
    const word = (list: readonly string[]) => this.random.pick(list).replaceAll("/", "_");
    return `${word(words.ADJECTIVES)} ${word(words.NOUNS)} ${this.#names}`;
  }

  /** A folder below a root, with `/`: never the same twice. */
  folder(): string {
    this.#names += 1;
    return `${this.random.pick(words.STUDIOS)}/${this.random.whole(1995, 2026)}-${this.#names}`;
  }

  /** @returns its ratingKey */
  item(section: string, media: MediaDocument[], more: Partial<PlexItemDocument> = {}): string {
    const ratingKey = String(1 + ((this.#items.length + 1) * KEY_STEP) % KEYS);
    this.#items.push({ ratingKey, section, addedAt: ADDED_AT, media, ...more });
    return ratingKey;
  }

  /** An item of one file. @returns its ratingKey */
  film(section: string, file: string, content: Partial<Content>): string {
    return this.item(section, [version(file, content)]);
  }

  /** @returns its id */
  scene(...files: { path: string; content: Content }[]): string {
    const id = this.#sceneIds.pop();
    if (id === undefined) throw new RangeError("Cannot make another scene: there are enough");
    const { random } = this;
    this.#scenes.push({
      id,
      title: `Title of ${id}`,
      details: random.pick(words.SENTENCES),
      date: `${random.whole(1995, 2026)}-0${random.whole(1, 9)}-1${random.whole(0, 9)}`,
      studio: random.pick(words.STUDIOS),
      tags: [random.pick(words.TAGS)],
      performers: [`${random.pick(words.FIRST_NAMES)} ${random.pick(words.LAST_NAMES)}`],
      files: files.map(({ path, content }) => ({
        path,
        size: content.size,
        duration: content.durationMs / 1000,
      })),
    });
    return String(id);
  }

  tell(
    sceneId: string,
    hazard: string,
    items: string[],
    mapped: Verdict,
    ...unmapped: Verdict[]
  ): void {
    this.truth.push({ sceneId, hazard, items: [...items].sort(), mapped, unmapped });
  }

  /** The items in any order but that of the scenes. */
  library(): LibraryDocument {
    return {
      plex: { sections: [...SECTIONS], items: shuffled(this.#items, this.random) },
      stash: { scenes: [...this.#scenes].sort((a, b) => Number(a.id) - Number(b.id)) },
    };
  }
}

/** The same file as Stash and as Plex call it. @param below Path under the mount, with `/` */
export function placeIn(mount: Mount, below: string): { stash: string; plex: string } {
  return { stash: join(mount.stash, below), plex: join(mount.plex, below) };
}

function join(root: string, below: string): string {
  return root.includes("\\") ? `${root}\\${below.replaceAll("/", "\\")}` : `${root}/${below}`;
}

export function part(file: string, { size, durationMs }: Partial<Content>): PartDocument {
  return { file, size, duration_ms: durationMs };
}

/** A version of one file. */
export function version(file: string, content: Partial<Content>): MediaDocument {
  return { parts: [part(file, content)] };
}

function shuffled<T>(list: readonly T[], random: Random): T[] {
  const copy = [...list];
  for (let at = copy.length - 1; at > 0; at--) {
    const other = random.whole(0, at);
    [copy[at], copy[other]] = [copy[other] as T, copy[at] as T];
  }
  return copy;
}
