/** Items, sections and the indexes over them. Every change of an item goes through here. */
import type { FieldName, SimItem, SimMedia, SimRecord, SimSection } from "./model.ts";
import type { SimFileSeed, SimPlexItemSeed, SimSectionSeed } from "./options.ts";
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
  readonly byPath = new Map<string, SimItem>();
  /** Files that exist, whether Plex has scanned them or not. */
  readonly disk = new Map<string, SimFileSeed>();
  /** Raised by every change; orders of listings are cached under it. */
  revision = 0;
  #bySection = new Map<string, Set<SimItem>>();
  #byBaseName = new Map<string, Set<SimItem>>();
  #shows = new Map<string, SimItem>();
  #nextRatingKey = 1;
  #nextMediaId = 1;
  #nextPartId = 1;

  constructor(
    seeds: SimSectionSeed[] = [DEFAULT_SECTION],
    private readonly tags: TagTable,
    /** Epoch seconds. */
    private readonly seconds: () => number,
  ) {
    let locationId = 1;
    for (const seed of seeds) {
      const at = seconds();
      this.sections.set(seed.key, {
        key: seed.key,
        title: seed.title,
        type: seed.type,
        agent: seed.agent ?? "tv.plex.agents.none",
        uuid: crypto.randomUUID(),
        locations: seed.locations.map((path) => ({ id: locationId++, path })),
        createdAt: at,
        updatedAt: at,
        scannedAt: at,
        contentChangedAt: 1000,
        refreshing: false,
      });
      this.#bySection.set(seed.key, new Set());
    }
  }

  /** ratingKeys are shared by items and collections and never used again. */
  takeRatingKey(): number {
    return this.#nextRatingKey++;
  }

  itemsOf(sectionKey: string): Iterable<SimItem> {
    return this.#bySection.get(sectionKey) ?? [];
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
   * Adds an item with its files, which are then on disk as well.
   * @throws {Error} the seed has no file or names no section
   */
  add(seed: SimPlexItemSeed): SimItem {
    const versions = [...(seed.files ?? []).map((file) => [file]), ...(seed.stacks ?? [])];
    const first = versions[0]?.[0];
    if (first === undefined) throw new Error("An item needs at least one file");
    const section = seed.sectionKey === undefined
      ? this.sectionOf(first.path) ?? this.sections.values().next().value
      : this.sections.get(seed.sectionKey);
    if (section === undefined) throw new Error(`No section for ${first.path}`);
    const title = seed.title ?? titleFromFile(first.path);
    const item = section.type === "show"
      ? this.#newEpisode(section, title, seed.show ?? "Show")
      : this.#newItem(section, "movie", title);
    this.#preset(item, seed);
    for (const parts of versions) this.addMedia(item, parts);
    if (seed.trashed) item.deletedAt = this.seconds();
    return item;
  }

  addMedia(item: SimItem, files: SimFileSeed[]): void {
    const media: SimMedia = {
      id: this.#nextMediaId++,
      optimized: files.some((file) => file.optimized === true),
      parts: files.map(({ path, size = 1_000_000, durationMs = 600_000 }) => ({
        id: this.#nextPartId++,
        file: path,
        size,
        durationMs,
      })),
    };
    item.media.push(media);
    for (const file of files) {
      this.disk.set(file.path, file);
      this.byPath.set(file.path, item);
      const name = baseName(file.path);
      const sharing = this.#byBaseName.get(name);
      if (sharing === undefined) this.#byBaseName.set(name, new Set([item]));
      else sharing.add(item);
    }
    this.changed(item);
  }

  /** Forgets an item; its tags and images are the caller's business. */
  delete(item: SimItem): void {
    this.items.delete(item.ratingKey);
    this.#bySection.get(item.sectionKey)?.delete(item);
    for (const { file } of item.media.flatMap((media) => media.parts)) {
      this.byPath.delete(file);
      const sharing = this.#byBaseName.get(baseName(file));
      sharing?.delete(item);
      if (sharing?.size === 0) this.#byBaseName.delete(baseName(file));
    }
    this.changed(item);
  }

  /** Notes that something about the record, and so about its section, is different now. */
  changed(record: SimRecord): void {
    this.revision += 1;
    const section = this.sections.get(record.sectionKey);
    if (section !== undefined) section.contentChangedAt += 1;
  }

  #newItem(section: SimSection, type: SimItem["type"], title: string): SimItem {
    const id = this.takeRatingKey();
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

  #newEpisode(section: SimSection, title: string, showTitle: string): SimItem {
    const key = `${section.key}:${showTitle}`;
    let show = this.#shows.get(key);
    if (show === undefined) {
      show = this.#newItem(section, "show", showTitle);
      this.#shows.set(key, show);
    }
    const episode = this.#newItem(section, "episode", title);
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
