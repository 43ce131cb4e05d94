import { NeedsAttention } from "../core/errors.ts";
import type { ItemType } from "../core/item.ts";
import { machineOf } from "../core/meta_keys.ts";
import { libraryMissing, noLibrary, otherServer } from "../core/problems.ts";
import type { Runtime } from "../core/runtime.ts";
import type { IndexedSectionRow, LogPort, PlexPort, PlexSection, StorePort } from "./ports.ts";

const PLEX_MACHINE = machineOf("plex");
const PAGE_SIZE = 500;
const SWEEP_EVERY_MS = 24 * 60 * 60 * 1000;
/** Overlap of a delta: the comparison may be strict, and stamps have whole seconds (plex-api 4.3). */
const DELTA_OVERLAP_SECONDS = 60;
/** The items that carry files, by the type of their section. */
const ITEM_TYPE: Readonly<Record<string, ItemType>> = { movie: "movie", show: "episode" };
const PLEX_TYPE: Readonly<Record<ItemType, number>> = { movie: 1, episode: 4 };

/** Keeps the path index near to what Plex has, with as few requests as will do. */
export class IndexKeeper {
  /** Sections as asked for once per process; a restart or a full sweep asks again. */
  #sections: IndexedSectionRow[] | null = null;
  #underWay: Promise<boolean> | null = null;

  constructor(
    private readonly plex: PlexPort,
    private readonly store: Pick<StorePort, "index" | "meta">,
    private readonly runtime: Runtime,
    private readonly log: LogPort,
    /** Names of the libraries to look in; empty for all. */
    private readonly libraries: readonly string[],
  ) {}

  /** When the index was last brought up to date, epoch ms; 0 for never. */
  get refreshedAt(): number {
    const known = this.#sections ?? this.store.index.sections();
    return known.length === 0 ? 0 : Math.min(...known.map((section) => section.refreshed_at));
  }

  /** Whether a section is one of those that are synced; all are while it is not known yet. */
  isSynced(sectionId: string): boolean {
    return this.#sections?.some(({ section }) => section === sectionId) ?? true;
  }

  /**
   * Brings the index up to date unless it is fresher than `maxAgeMs`: a full sweep of a
   * section that is new or was not swept for a day, else what changed since the last time.
   * @returns true when Plex was asked
   * @throws {NeedsAttention} a library of the config does not exist in Plex
   */
  refresh(maxAgeMs: number): Promise<boolean> {
    // Whoever comes while it is under way shares it: the worker, and what hears from Plex.
    this.#underWay ??= this.#refresh(maxAgeMs).finally(() => {
      this.#underWay = null;
    });
    return this.#underWay;
  }

  async #refresh(maxAgeMs: number): Promise<boolean> {
    const now = this.runtime.now();
    const age = now - this.refreshedAt;
    // A negative age: the clock was set back, and says nothing about freshness.
    if (this.#sections !== null && age >= 0 && age < maxAgeMs) return false;
    await this.#sameServer();
    this.#sections ??= await this.#chosenSections();
    const next: IndexedSectionRow[] = [];
    for (const section of this.#sections) {
      const age = now - section.swept_at;
      const sweep = section.swept_at === 0 || age < 0 || age >= SWEEP_EVERY_MS;
      next.push(sweep ? await this.#sweep(section) : await this.#delta(section));
    }
    this.#sections = next;
    return true;
  }

  /**
   * ratingKeys mean nothing on another server, so nothing is written to one that took the
   * place of ours under the same URL.
   * @throws {NeedsAttention} the server is another one
   */
  async #sameServer(): Promise<void> {
    const { machineIdentifier } = await this.plex.identity();
    const known = this.store.meta.get(PLEX_MACHINE);
    if (known === undefined) this.store.meta.set(PLEX_MACHINE, machineIdentifier);
    else if (known !== machineIdentifier) {
      throw new NeedsAttention(otherServer());
    }
  }

  async #chosenSections(): Promise<IndexedSectionRow[]> {
    const all = (await this.plex.sections()).filter((section) => section.type in ITEM_TYPE);
    const chosen = chooseSections(all, this.libraries);
    this.store.index.keepSections(chosen.map((section) => section.key));
    const known = new Map(this.store.index.sections().map((row) => [row.section, row]));
    return chosen.map(({ key, title, type }) =>
      known.get(key) ?? {
        section: key,
        title,
        item_type: ITEM_TYPE[type]!,
        cursor: 0,
        refreshed_at: 0,
        swept_at: 0,
      }
    );
  }

  async #sweep(section: IndexedSectionRow): Promise<IndexedSectionRow> {
    const started = this.runtime.now();
    let cursor = 0;
    let items = 0;
    let complete = false;
    const pages = this.plex.sweep(section.section, PLEX_TYPE[section.item_type], PAGE_SIZE);
    for await (const page of pages) {
      this.store.index.put(page.files, started);
      cursor = Math.max(cursor, page.maxStamp);
      items = page.totalSize;
      complete = page.complete;
    }
    // A walk that did not see all proves nothing about what it did not meet.
    const dropped = complete ? this.store.index.dropUnseen(section.section, started) : 0;
    const row = { ...section, cursor, refreshed_at: started, swept_at: started };
    this.store.index.putSection(row);
    this.log.debug(`Index: swept "${section.title}": ${items} items, ${dropped} forgotten`, {
      event: "index_sweep",
      duration_ms: this.runtime.now() - started,
    });
    return row;
  }

  async #delta(section: IndexedSectionRow): Promise<IndexedSectionRow> {
    const started = this.runtime.now();
    let { cursor } = section;
    let files = 0;
    const since = Math.max(0, section.cursor - DELTA_OVERLAP_SECONDS);
    for await (
      const page of this.plex.delta(section.section, PLEX_TYPE[section.item_type], since)
    ) {
      this.store.index.put(page.files, started);
      cursor = Math.max(cursor, page.maxStamp);
      files += page.files.length;
    }
    const row = { ...section, cursor, refreshed_at: started };
    this.store.index.putSection(row);
    this.log.debug(`Index: delta of "${section.title}": ${files} files`, {
      event: "index_delta",
      duration_ms: this.runtime.now() - started,
    });
    return row;
  }
}

/**
 * The sections that the config names, by title (letter case ignored) or key; all when it names none.
 * @throws {NeedsAttention} a name that no section has
 */
export function chooseSections(
  all: readonly PlexSection[],
  names: readonly string[],
): PlexSection[] {
  if (names.length === 0) {
    if (all.length > 0) return [...all];
    throw new NeedsAttention(noLibrary(), "usage");
  }
  return names.map((name) => {
    const found = all.find((section) => section.title.toLowerCase() === name.toLowerCase()) ??
      all.find((section) => section.key === name);
    if (found !== undefined) return found;
    throw new NeedsAttention(libraryMissing(name, all.map(({ title }) => title)), "usage");
  });
}
