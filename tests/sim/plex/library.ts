/** Items, sections and the indexes over them. Every change of an item goes through here. */
import type { FieldName, SimItem, SimMedia, SimRecord, SimSection } from "./model.ts";
import type { SimFileSeed, SimPlexItemSeed, SimSectionSeed, SimVersionSeed } from "./options.ts";
import { baseName, isUnder, titleFromFile } from "./paths.ts";
import type { TagTable } from "./tag_table.ts";

const DEFAULT_SECTION: SimSectionSeed = {
  key: "1",
  title: "Scenes",
  type: "movie",
  locations: ["/data/scenes"],
};

export class Library {
  readonly sections = new Map<string, SimSection>();
  readonly items = new Map<string, SimItem>();
  /** Files that exist, whether Plex has scanned them or not. */
  readonly disk = new Map<string, SimFileSeed>();
  /** Raised by every change; orders of listings are cached under it. */
  revision: number;
  #byPath = new Map<string, Set<SimItem>>();
  #bySection = new Map<string, Set<SimItem>>();
  #byBaseName = new Map<string, Set<SimItem>>();
  #shows = new Map<string, SimItem>();
  #nextRatingKey = 1;
  #nextMediaId = 1;
  #nextPartId = 1;
  #nextLocationId = 1;

  constructor(
    seeds: SimSectionSeed[] = [DEFAULT_SECTION],
    private readonly tags: TagTable,
    /** Epoch seconds. */
    private readonly seconds: () => number,
    /** Where its revisions begin: above those of a library that it replaces. */
    firstRevision = 0,
  ) {
    this.revision = firstRevision;
    for (const seed of seeds) this.addSection(seed);
  }

  /** @throws {Error} the key is taken */
  addSection(seed: SimSectionSeed): void {
    if (this.sections.has(seed.key)) throw new Error(`Section ${seed.key} is there`);
    const at = this.seconds();
    this.sections.set(seed.key, {
      key: seed.key,
      title: seed.title,
      type: seed.type,
      agent: seed.agent ?? "tv.plex.agents.none",
      uuid: crypto.randomUUID(),
      locations: seed.locations.map((path) => ({ id: this.#nextLocationId++, path })),
      createdAt: at,
      updatedAt: at,
      scannedAt: at,
      contentChangedAt: 1000 + this.revision,
      refreshing: false,
    });
    this.#bySection.set(seed.key, new Set());
  }

  /** Its items are the caller's business. */
  deleteSection(key: string): void {
    this.sections.delete(key);
    this.#bySection.delete(key);
  }

  /** ratingKeys are shared by items and collections and never used again. */
  takeRatingKey(): number {
    return this.#nextRatingKey++;
  }

  /** From now on ratingKeys that are not given are above these. */
  reserve(given: Iterable<string | undefined>): void {
    for (const key of given) {
      this.#nextRatingKey = Math.max(this.#nextRatingKey, Number(key ?? 0) + 1);
    }
  }

  itemsOf(sectionKey: string): Iterable<SimItem> {
    return this.#bySection.get(sectionKey) ?? [];
  }

  /** More than one where several sections hold its folder. */
  withFile(path: string): Iterable<SimItem> {
    return this.#byPath.get(path) ?? [];
  }

  paths(): Iterable<[string, Iterable<SimItem>]> {
    return this.#byPath;
  }

  byBaseName(name: string): Iterable<SimItem> {
    return this.#byBaseName.get(name) ?? [];
  }

  /** The section with the longest location above the path. */
  sectionOf(path: string): SimSection | undefined {
    let best: { section: SimSection; length: number } | undefined;
    for (const section of this.sections.values()) {
      for (const { path: root } of section.locations) {
        if (isUnder(path, root) && root.length > (best?.length ?? -1)) {
          best = { section, length: root.length };
        }
      }
    }
    return best?.section;
  }

  /**
   * Adds an item with its files, which are then on disk as well unless they are in the trash.
   * @throws {Error} the seed has no file, names no section, or its ratingKey is taken
   */
  add(seed: SimPlexItemSeed): SimItem {
    const versions = versionsOf(seed);
    const first = versions[0]?.files[0];
    if (first === undefined) throw new Error("An item needs at least one file");
    const section = seed.sectionKey === undefined
      ? this.sectionOf(first.path) ?? this.sections.values().next().value
      : this.sections.get(seed.sectionKey);
    if (section === undefined) throw new Error(`No section for ${first.path}`);
    const title = seed.title ?? titleFromFile(first.path);
    const key = seed.ratingKey;
    if (key !== undefined && this.items.has(key)) throw new Error(`ratingKey ${key} is taken`);
    const item = section.type === "show"
      ? this.#newEpisode(section, title, seed.show ?? "Show", key)
      : this.#newItem(section, "movie", title, key);
    this.#preset(item, seed);
    if (seed.trashed) item.deletedAt = this.seconds();
    item.deletedAt = seed.deletedAt ?? item.deletedAt;
    for (const version of versions) this.#addMedia(item, version, seed.deletedAt);
    return item;
  }

  #addMedia(item: SimItem, version: SimVersionSeed, itemDeletedAt: number | undefined): void {
    const { files } = version;
    const media: SimMedia = {
      id: this.#nextMediaId++,
      optimized: version.optimized ?? files.some((file) => file.optimized === true),
      parts: files.map(({ path, size = 1_000_000, durationMs = 600_000 }) => ({
        id: this.#nextPartId++,
        file: path,
        size: size ?? undefined,
        durationMs: durationMs ?? undefined,
      })),
      deletedAt: version.deletedAt ?? itemDeletedAt,
    };
    item.media.push(media);
    for (const file of files) {
      if (media.deletedAt === undefined) this.disk.set(file.path, file);
      addTo(this.#byPath, file.path, item);
      addTo(this.#byBaseName, baseName(file.path), item);
    }
    this.changed(item);
  }

  /** Forgets an item; its tags and images are the caller's business. */
  delete(item: SimItem): void {
    this.items.delete(item.ratingKey);
    this.#bySection.get(item.sectionKey)?.delete(item);
    for (const { file } of item.media.flatMap((media) => media.parts)) {
      takeFrom(this.#byPath, file, item);
      takeFrom(this.#byBaseName, baseName(file), item);
    }
    this.changed(item);
  }

  /** Notes that something about the record, and so about its section, is different now. */
  changed(record: SimRecord): void {
    this.revision += 1;
    const section = this.sections.get(record.sectionKey);
    if (section !== undefined) section.contentChangedAt += 1;
  }

  #newItem(
    section: SimSection,
    type: SimItem["type"],
    title: string,
    ratingKey?: string,
  ): SimItem {
    const id = ratingKey === undefined ? this.takeRatingKey() : Number(ratingKey);
    this.reserve([ratingKey]);
    const at = this.seconds();
    const scheme = section.agent.startsWith("tv.plex.agents.custom") ? section.agent : "plex";
    const item: SimItem = {
      ratingKey: String(id),
      id,
      type,
      sectionKey: section.key,
      guid: section.agent.endsWith(".agents.none")
        ? `${section.agent}://${id}`
        : `${scheme}://${type}/${id.toString(16).padStart(24, "0")}`,
      guids: [],
      values: { title, addedAt: at },
      tags: {},
      locked: new Set(),
      updatedAt: at,
      imageStamp: at,
      media: [],
    };
    this.items.set(item.ratingKey, item);
    this.#bySection.get(section.key)?.add(item);
    return item;
  }

  #newEpisode(
    section: SimSection,
    title: string,
    showTitle: string,
    ratingKey?: string,
  ): SimItem {
    const key = `${section.key}:${showTitle}`;
    let show = this.#shows.get(key);
    if (show === undefined) {
      show = this.#newItem(section, "show", showTitle);
      this.#shows.set(key, show);
    }
    const episode = this.#newItem(section, "episode", title, ratingKey);
    episode.parent = show;
    return episode;
  }

  #preset(item: SimItem, seed: SimPlexItemSeed): void {
    const scalars: FieldName[] = [
      "studio",
      "summary",
      "tagline",
      "contentRating",
      "originallyAvailableAt",
      "userRating",
      "addedAt",
    ];
    for (const field of scalars) {
      const value = seed[field as keyof SimPlexItemSeed];
      if (typeof value === "string" || typeof value === "number") item.values[field] = value;
    }
    if (seed.originallyAvailableAt) item.year = Number(seed.originallyAvailableAt.slice(0, 4));
    item.updatedAt = seed.withoutUpdatedAt ? undefined : seed.updatedAt ?? item.updatedAt;
    item.imageStamp = item.updatedAt ?? item.imageStamp;
    item.guids = seed.guids ?? [];
    for (const name of seed.locked ?? []) item.locked.add(name);
    const plain = { genre: seed.genres, director: seed.directors, label: seed.labels } as const;
    for (const [kind, names] of Object.entries(plain)) {
      const known = kind as keyof typeof plain;
      const next = (names ?? []).map((name) => ({
        tag: this.tags.obtain(known, name, true),
        text: null,
      }));
      this.tags.assign(item, known, next);
    }
    const actors = (seed.actors ?? []).map((actor) => {
      const { name, role, thumb } = typeof actor === "string"
        ? { name: actor, role: undefined, thumb: undefined }
        : actor;
      const tag = this.tags.obtain("actor", name, true);
      if (thumb !== undefined) tag.thumb = thumb;
      return { tag, text: role ?? null };
    });
    this.tags.assign(item, "actor", actors);
  }
}

function versionsOf({ files = [], stacks = [], versions = [] }: SimPlexItemSeed): SimVersionSeed[] {
  return [
    ...files.map((file) => ({ files: [file] })),
    ...stacks.map((files) => ({ files })),
    ...versions,
  ];
}

function addTo(index: Map<string, Set<SimItem>>, key: string, item: SimItem): void {
  const sharing = index.get(key);
  if (sharing === undefined) index.set(key, new Set([item]));
  else sharing.add(item);
}

function takeFrom(index: Map<string, Set<SimItem>>, key: string, item: SimItem): void {
  const sharing = index.get(key);
  sharing?.delete(item);
  if (sharing?.size === 0) index.delete(key);
}
