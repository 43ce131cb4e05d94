import { isDue } from "../../core/time/clock.ts";
import { MINUTE_MS } from "../../core/time/duration.ts";
import { PlexsyncError } from "../../core/failures/errors.ts";
import { isAnother } from "../../core/journal/item_files.ts";
import type { Item } from "../../core/sync/item.ts";
import type { LogPort } from "../../core/log_port.ts";
import type { Runtime } from "../../core/runtime.ts";
import type { IndexedSection, ItemIndex } from "../../store/library/item_index.ts";
import type { Store } from "../../store/store.ts";
import { isListingDue, LISTED_EVERY_MS, Relistings } from "./relistings.ts";
import { SameServer } from "./same_server.ts";
import { SectionReader } from "./section_reader.ts";
import { SectionList, type SectionsSeen } from "./section_list.ts";
import { isMissing, UnreadSections } from "./unread_sections.ts";
import type { Section, Target } from "../../target/target.ts";

/** A section is listed for such items no more often: they may be others at each look. */
const LISTED_FOR_OTHERS_MS = 10 * MINUTE_MS;

/** What one refresh found out about some sections, by id. */
interface Round {
  rows: Map<string, IndexedSection>;
  failed: Map<string, PlexsyncError>;
  /** One was read after the last that could not be: it is not the server that fails. */
  isProven: boolean;
}

/** Keeps the index near to what the target has, with as few requests as will do. */
export class IndexKeeper {
  /** Sections that are kept equal; null before they were asked for. */
  #sections: IndexedSection[] | null = null;
  readonly #list: SectionList;
  readonly #reader: SectionReader;
  #underWay: Promise<boolean> | null = null;
  /** By section: when it may be listed again for an item that is another film. */
  readonly #othersAt = new Map<string, number>();
  readonly #relistings = new Relistings();
  /** Which item holds which file, as far as is known. */
  readonly index: ItemIndex;
  readonly server: SameServer;
  /** Sections that cannot be listed while others can. */
  readonly unread: UnreadSections;

  constructor(
    private readonly target: Target,
    private readonly store: Pick<Store, "of" | "meta">,
    private readonly runtime: Runtime,
    private readonly log: LogPort,
    /** Names or keys of the libraries to look in; empty for all. */
    readonly libraries: readonly string[],
  ) {
    this.index = store.of(target.id).index;
    this.server = new SameServer(target, store.meta);
    this.unread = new UnreadSections(target, store.meta, runtime, log);
    const { index, unread } = this;
    this.#list = new SectionList({ target, index, unread, runtime, log, names: libraries });
    this.#reader = new SectionReader({
      target,
      index,
      relistings: this.#relistings,
      runtime,
      log,
    });
  }

  /**
   * When the index was last brought up to date, as far as it can be, epoch ms; 0 for never. What a
   * section brings that is read again later is newer than that.
   */
  get refreshedAt(): number {
    const known = this.#known.filter(({ section }) => !this.unread.has(section));
    return known.length === 0 ? 0 : Math.min(...known.map((section) => section.refreshed_at));
  }

  /** Whether all of a section is to be listed, which the next refresh does. */
  get isListingDue(): boolean {
    const now = this.runtime.now();
    return this.#known.some(({ section, listed_at }) =>
      isListingDue(listed_at, now) && !this.unread.isResting(section)
    );
  }

  get #known(): readonly IndexedSection[] {
    return this.#sections ?? this.index.sections();
  }

  /** All libraries as the target was last asked; [] before. */
  get sections(): { section: Section; isSynced: boolean }[] {
    return this.#list.all.map((section) => ({ section, isSynced: this.isSynced(section.id) }));
  }

  /** Whether a section is one of those that are synced; all are while it is not known yet. */
  isSynced(sectionId: string): boolean {
    return this.#sections?.some(({ section }) => section === sectionId) ?? true;
  }

  /**
   * Whether what happens in a section may be of use here. Which libraries there are is asked for
   * with the next refresh, where that is not known of this one.
   */
  heardOf(sectionId: string): boolean {
    return this.isSynced(sectionId) || this.#list.isStrange(sectionId);
  }

  /**
   * Brings the index up to date unless it is fresher than `maxAgeMs`: a full listing of a
   * section that is new, was not listed for a day or left something out, else what changed since
   * the last time.
   * A section that cannot be listed pauses alone, while another can.
   * @returns true when the target was asked
   * @throws {NeedsAttention} a library of the config does not exist
   * @throws {PlexsyncError} no section can be listed
   */
  refresh(maxAgeMs: number): Promise<boolean> {
    // Whoever comes while it is under way shares it: the worker, and what hears the target's news.
    this.#underWay ??= this.#refresh(maxAgeMs).finally(() => {
      this.#underWay = null;
    });
    return this.#underWay;
  }

  /**
   * Lists all anew, however fresh the index is.
   * @returns those of `items` that the target does list
   * @throws As `refresh`; and a section of one of the others cannot be listed
   */
  async listed(items: readonly string[]): Promise<string[]> {
    const began = this.runtime.now();
    this.#sections = this.#sections?.map((section) => ({ ...section, listed_at: 0 })) ?? null;
    this.unread.endPauses();
    await this.refresh(0);
    const seen = this.index.seenSince(began, items);
    const unseen = items.filter((item) => !seen.includes(item));
    // That it is not listed proves nothing where its section is not.
    for (const { section } of this.index.ofItems(unseen).flat()) {
      const error = this.unread.errorOf(section);
      if (error !== undefined) throw error;
    }
    return seen;
  }

  /**
   * Takes up what items were just read to be. One that is another film by now tells that the target
   * was put back from a copy: no question about changes shows what else is another, and all of its
   * section is listed again.
   * @returns those that are other than they were known to be
   */
  takeUp(items: readonly Item[]): string[] {
    const now = this.runtime.now();
    const known = this.index.ofItems(items.map(({ id }) => id));
    const outdated = this.index.correct(items, now);
    const others = items.filter(({ files }, at) => isAnother(known[at]!, files));
    for (const [section, [item]] of Map.groupBy(others, ({ section }) => section)) {
      this.#listForOther(section, item!, now);
    }
    return outdated;
  }

  #listForOther(id: string, item: Item, now: number): void {
    const section = this.#sections?.find(({ section }) => section === id);
    if (section === undefined || !isDue(this.#othersAt.get(id) ?? 0, now, LISTED_FOR_OTHERS_MS)) {
      return;
    }
    this.#othersAt.set(id, now + LISTED_FOR_OTHERS_MS);
    this.#listedBy(id, now - LISTED_EVERY_MS);
    this.log.warning(
      `Item ${item.id} of "${section.title}" is another film than before, as after a copy of ` +
        `${this.target.title} was put back: all of it is listed again`,
      { event: "index_other_item", section: section.title, rating_key: item.id },
    );
  }

  async #refresh(maxAgeMs: number): Promise<boolean> {
    const now = this.runtime.now();
    const age = now - this.refreshedAt;
    // A negative age: the clock was set back, and says nothing about freshness.
    const isFresh = age >= 0 && age < maxAgeMs && !this.unread.isDue && !this.isListingDue;
    if (this.#sections !== null && isFresh) return false;
    await this.server.assert();
    const sections = await this.#askedFor();
    this.#sections = sections;
    this.#sections = await this.#readEach(sections);
    return true;
  }

  async #askedFor(): Promise<IndexedSection[]> {
    if (this.#sections === null) return await this.#list.first();
    if (!this.#list.isDue) return this.#sections;
    const seen = await this.#list.again(this.#sections, new Map());
    this.#list.settle(seen);
    return seen.sections;
  }

  /** @throws {PlexsyncError} none can be read */
  async #readEach(sections: readonly IndexedSection[]): Promise<IndexedSection[]> {
    const round: Round = { rows: new Map(), failed: new Map(), isProven: true };
    await this.#readSome(sections, round, sections.length === 1);
    const seen = await this.#seenAgain(sections, round);
    await this.#readSome(seen.fresh, round, false);
    await this.#prove(round);
    const { rows, failed } = round;
    for (const section of seen.sections) {
      const { section: id } = section;
      const error = failed.get(id);
      if (error !== undefined) this.unread.failed(section, error, seen.absent.get(id));
      else if (rows.has(id)) this.unread.read(section);
    }
    this.#list.settle(seen);
    return seen.sections.map((section) => rows.get(section.section) ?? section);
  }

  /** @param isOnly What fails there is the target's failure, but that there is no such section */
  async #readSome(
    sections: readonly IndexedSection[],
    round: Round,
    isOnly: boolean,
  ): Promise<void> {
    // Those that failed before come first, so that the others prove what they are asked for anyway.
    const isUnread = ({ section }: IndexedSection) => Number(this.unread.has(section));
    for (const section of sections.toSorted((a, b) => isUnread(b) - isUnread(a))) {
      const { section: id } = section;
      if (this.unread.isResting(id)) continue;
      try {
        round.rows.set(id, await this.#read(section));
        round.isProven = true;
      } catch (thrown) {
        if (!(thrown instanceof PlexsyncError) || isOnly && !isMissing(thrown)) throw thrown;
        await this.#assertUp(thrown);
        round.failed.set(id, thrown);
        round.isProven = false;
      }
    }
  }

  /** One that cannot be read may be gone, and another one in its place. */
  async #seenAgain(
    sections: readonly IndexedSection[],
    { rows, failed }: Round,
  ): Promise<SectionsSeen> {
    const isWorthIt = failed.size > 0 && (rows.size > 0 || [...failed.values()].some(isMissing));
    if (isWorthIt) return await this.#list.again(sections, failed);
    return { sections: [...sections], fresh: [], gone: [], left: [], absent: new Map() };
  }

  /** @throws {PlexsyncError} none can be read */
  async #prove(round: Round): Promise<void> {
    if (round.isProven) return;
    const [well] = round.rows.values();
    if (well === undefined) throw [...round.failed.values()][0]!;
    round.rows.set(well.section, await this.#reader.listChanges(well));
  }

  async #read(section: IndexedSection): Promise<IndexedSection> {
    const now = this.runtime.now();
    if (isListingDue(section.listed_at, now)) return await this.#reader.listAll(section);
    if (!this.unread.has(section.section)) return await this.#reader.listChanges(section);
    // Its items may have been taken for gone meanwhile, and no change shows that they are back.
    const listed_at = this.#relistings.missed(section.section, section.listed_at, now);
    return await this.#reader.listChanges({ ...section, listed_at });
  }

  /** With the server down each further section would only take its time-outs. */
  async #assertUp(failure: PlexsyncError): Promise<void> {
    try {
      await this.server.assert();
    } catch (thrown) {
      throw thrown instanceof PlexsyncError ? failure : thrown;
    }
  }

  /**
   * An item that is not given is taken for gone. It may be there all the same, under another id for
   * instance, and would not be found again: a listing soon shows it.
   */
  forget(item: string): void {
    const [row] = this.index.ofItem(item);
    this.index.dropItem(item);
    const section = row && this.index.section(row.section);
    if (section === undefined) return;
    const { section: id, listed_at } = section;
    this.#listedBy(id, this.#relistings.missed(id, listed_at, this.runtime.now()));
  }

  /**
   * Takes a section for listed by then at the latest, so that it is listed again sooner. What is kept
   * of it is newer than what is at hand while others are read.
   */
  #listedBy(id: string, at: number): void {
    const sooner = (section: IndexedSection) => ({
      ...section,
      listed_at: Math.min(section.listed_at, at),
    });
    const kept = this.index.section(id);
    if (kept === undefined || kept.listed_at <= at) return;
    this.index.putSection(sooner(kept));
    this.#sections = this.#sections?.map((each) => each.section === id ? sooner(each) : each) ??
      null;
  }
}
