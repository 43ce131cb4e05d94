import { inSlices } from "../../core/in_slices.ts";
import type { IndexedFile, Item } from "../../core/sync/item.ts";
import type { LogPort } from "../../core/log_port.ts";
import type { Runtime } from "../../core/runtime.ts";
import type { IndexedSection, ItemIndex } from "../../store/library/item_index.ts";
import type { ListingPage, Section, Target } from "../../target/target.ts";
import type { Relistings } from "./relistings.ts";

/** Odd stamps that are said one by one. */
const MAX_SAID = 20;
/** So many that a listing did not meet are asked for, before all of them are forgotten. */
const ASKED_FOR = 10;
/** Items: 500 of three files each took 90 ms. */
const PUT_AT_ONCE = 100;

export interface SectionReaderParts {
  target: Target;
  index: ItemIndex;
  relistings: Relistings;
  runtime: Runtime;
  log: LogPort;
}

/** Reads what the target lists of a section into the index, and says what is odd about it. */
export class SectionReader {
  /** Items whose odd stamps were said. */
  readonly #said = new Set<string>();
  /** Sections whose listings left out what is there, which was said. */
  readonly #short = new Set<string>();

  constructor(private readonly parts: SectionReaderParts) {}

  /** Lists all of a section. @returns what is known of it now */
  async listAll(section: IndexedSection): Promise<IndexedSection> {
    const { target, index, relistings, runtime, log } = this.parts;
    const started = runtime.now();
    let cursor = 0;
    let items = 0;
    let missing = 0;
    let complete = false;
    for await (const page of target.listing(refOf(section), null)) {
      await this.#inSlices(page.files, (some) => index.put(some, started));
      this.#sayAhead(page.ahead);
      cursor = Math.max(cursor, page.cursor);
      items = page.total;
      missing = page.missing;
      complete = page.complete;
      this.#sayUnread(section, page.unread);
    }
    this.#sayMissing(section, missing, items);
    // A listing that did not see all proves nothing about what it did not meet.
    const isWhole = complete && await this.#areGone(section, started);
    const dropped = isWhole ? index.dropUnseen(section.section, started) : 0;
    if (isWhole) relistings.listed(section.section, started);
    // An item that was missed meanwhile, its page may have come before.
    const isCertain = isWhole && !relistings.isMissedSince(section.section, started);
    const listedAt = isCertain
      ? started
      : relistings.missed(section.section, started, runtime.now());
    const row = { ...section, cursor, refreshed_at: started, listed_at: listedAt };
    index.putSection(row);
    log.debug(`Index: listed "${section.title}": ${items} items, ${dropped} forgotten`, {
      event: "index_listing",
      duration_ms: runtime.now() - started,
    });
    return row;
  }

  /** Lists what changed since the last time. @returns what is known of it now */
  async listChanges(section: IndexedSection): Promise<IndexedSection> {
    const { target, index, relistings, runtime, log } = this.parts;
    const started = runtime.now();
    let { cursor } = section;
    let files = 0;
    let missing = 0;
    for await (const page of target.listing(refOf(section), section.cursor)) {
      if (page.sinceAhead) return await this.#listAnew(section);
      // Most are what we wrote ourselves, and hold the same files: nothing is to be kept of them.
      await this.#inSlices(page.files, (some) => index.putChanged(some, started));
      this.#sayAhead(page.ahead);
      cursor = Math.max(cursor, page.cursor);
      files += page.files.length;
      missing = page.missing;
      this.#sayUnread(section, page.unread);
      this.#sayMissing(section, missing, page.total);
    }
    const { section: id } = section;
    // Meanwhile an item may have been missed.
    let listedAt = Math.min(section.listed_at, index.section(id)?.listed_at ?? Infinity);
    if (missing === 0) relistings.followed(id, started);
    // What it left out, the cursor has passed.
    else listedAt = relistings.missed(id, listedAt, started);
    const row = { ...section, cursor, refreshed_at: started, listed_at: listedAt };
    index.putSection(row);
    log.debug(`Index: delta of "${section.title}": ${files} files`, {
      event: "index_delta",
      duration_ms: runtime.now() - started,
    });
    return row;
  }

  /** What came since a cursor that lies in the future no question about changes would show. */
  async #listAnew(section: IndexedSection): Promise<IndexedSection> {
    const { target, log } = this.parts;
    log.warning(
      `${target.title}'s clock is behind what was seen of "${section.title}": ` +
        "all of it is listed again",
      { event: "index_cursor", section: section.title },
    );
    return await this.listAll(section);
  }

  /** All files of an item come in one slice. */
  async #inSlices(
    files: readonly IndexedFile[],
    put: (some: readonly IndexedFile[]) => void,
  ): Promise<void> {
    const items = [...Map.groupBy(files, ({ item }) => item).values()];
    await inSlices(items, PUT_AT_ONCE, this.parts.runtime, (some) => put(some.flat()));
  }

  /** Whether what a listing did not meet is gone: an answer can leave out what is there. */
  async #areGone({ section, title }: IndexedSection, listedAt: number): Promise<boolean> {
    const { target, index } = this.parts;
    const unseen = index.unseen(section, listedAt, ASKED_FOR);
    if (unseen.length === 0) {
      this.#short.delete(section);
      return true;
    }
    let read: Map<string, Item>;
    try {
      read = await target.read(unseen);
    } catch {
      // Nobody knows, and nothing is forgotten for that.
      return false;
    }
    const present = [...read.values()].find((item) => item.section === section);
    if (present === undefined) return true;
    const what = `leaves out item ${present.id}, which is there`;
    this.#sayShort({ section, title }, what, { rating_key: present.id });
    return false;
  }

  #sayUnread(section: IndexedSection, unread: string): void {
    if (unread !== "") this.#sayShort(section, `leaves out ${unread}`, {});
  }

  #sayMissing(section: IndexedSection, missing: number, counted: number): void {
    if (missing === 0) return;
    const what = `counts ${counted} items and gives ${counted - missing}`;
    this.#sayShort(section, what, { count: missing });
  }

  /** Said once, until a listing of the section was whole. */
  #sayShort(
    { section, title }: Pick<IndexedSection, "section" | "title">,
    what: string,
    fields: Record<string, unknown>,
  ): void {
    const { target, log } = this.parts;
    if (this.#short.has(section)) return;
    this.#short.add(section);
    log.warning(
      `${target.title}'s listing of "${title}" ${what}: ` +
        "nothing is forgotten for it, and all is listed again in a minute, later less often",
      { event: "index_listing_short", section: title, ...fields },
    );
  }

  #sayAhead(ahead: ListingPage["ahead"]): void {
    const { target, log } = this.parts;
    for (const { item, stamp } of ahead) {
      if (this.#said.has(item) || this.#said.size >= MAX_SAID) continue;
      this.#said.add(item);
      log.warning(
        `Item ${item} was added or changed at a time that lies ahead of ${target.title}'s ` +
          `clock, by which new files are not looked for: ${stamp}`,
        { event: "index_stamp", rating_key: item },
      );
    }
  }
}

function refOf({ section, item_type }: IndexedSection): Pick<Section, "id" | "type"> {
  return { id: section, type: item_type };
}
