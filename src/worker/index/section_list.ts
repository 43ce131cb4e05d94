import { isDue } from "../../core/time/clock.ts";
import { MINUTE_MS } from "../../core/time/duration.ts";
import { asPlexsyncError, NeedsAttention, PlexsyncError } from "../../core/failures/errors.ts";
import { libraryAmbiguous, libraryMissing, noLibrary } from "../../core/failures/problems.ts";
import type { LogPort } from "../../core/log_port.ts";
import { chooseLibraries, hasBlankEdge, titlesText } from "../../core/match/libraries.ts";
import type { Runtime } from "../../core/runtime.ts";
import type { IndexedSection, ItemIndex } from "../../store/library/item_index.ts";
import type { Section, SectionsListed, Target } from "../../target/target.ts";
import type { UnreadSections } from "./unread_sections.ts";

/** How often it is asked which libraries there are: a small request. */
const ASKED_EVERY_MS = 10 * MINUTE_MS;

/** More libraries than anybody has. */
const MAX_STRANGERS = 1_000;

export interface SectionListParts {
  target: Pick<Target, "id" | "title" | "sections">;
  index: ItemIndex;
  unread: UnreadSections;
  runtime: Pick<Runtime, "now">;
  log: LogPort;
  /** Names or keys of the libraries to look in; empty for all. */
  names: readonly string[];
}

/** What a list of libraries says of those that are kept equal. */
export interface SectionsSeen {
  /** All that are to be kept equal from now on, but for those of `gone` and `left`. */
  sections: IndexedSection[];
  /** Those that were not among them before. */
  fresh: IndexedSection[];
  /** Neither listed nor to be read, twice. */
  gone: IndexedSection[];
  /** There, and not meant by the config any more. */
  left: IndexedSection[];
  /** Of those that cannot be read: whether they are absent from a list that is whole. */
  absent: ReadonlyMap<string, boolean>;
}

/**
 * Which libraries of a target are kept equal. They come and go while a process lives. A list that
 * lacks one proves little: a server that starts gives what it has so far. So whatever was there is
 * held for there until it cannot be read either, at two looks.
 */
export class SectionList {
  #all: readonly Section[] = [];
  /** Epoch ms. */
  #dueAt = 0;
  /** Ids of sections that were listed, or heard of before the last question. */
  readonly #known = new Set<string>();
  readonly #strangers = new Set<string>();
  /** Why the libraries that are meant cannot be told any more, which was said. */
  #said = "";

  constructor(private readonly parts: SectionListParts) {}

  /** All libraries as the target was last asked; [] before. */
  get all(): readonly Section[] {
    return this.#all;
  }

  /** Whether it is time to ask for them again. */
  get isDue(): boolean {
    return isDue(this.#dueAt, this.parts.runtime.now(), ASKED_EVERY_MS);
  }

  /**
   * Whether nothing is known of a section yet: they are asked for again soon then, once for each,
   * since those of music and photos are never among them.
   */
  isStrange(sectionId: string): boolean {
    if (this.#known.has(sectionId) || this.#strangers.size >= MAX_STRANGERS) return false;
    this.#strangers.add(sectionId);
    this.#dueAt = 0;
    return true;
  }

  /**
   * Those to begin with.
   * @throws {NeedsAttention} a library of the config does not exist
   */
  async first(): Promise<IndexedSection[]> {
    const { target, index, unread, log, names } = this.parts;
    const { sections: all } = await this.#ask();
    const known = index.sections();
    const absent = known.filter((each) => !has(all, each)).map(asSection);
    const chosen = chooseSections(all, names, target, absent);
    for (const { id, title } of chosen.filter(hasBlankEdge)) {
      log.info(`The title of library "${title}" (key ${id}) has blanks at its edges`, {
        event: "library_title",
        section: id,
      });
    }
    const ids = chosen.map(({ id }) => id);
    index.keepSections(ids);
    unread.keepOnly(ids);
    return chosen.map((section) => asIndexed(section, known));
  }

  /**
   * What a list says that is asked for anew. That none is given changes nothing.
   * @param current Those that are kept equal
   * @param failed Those of them that cannot be read now
   */
  async again(
    current: readonly IndexedSection[],
    failed: ReadonlyMap<string, PlexsyncError>,
  ): Promise<SectionsSeen> {
    const same = { sections: [...current], fresh: [], gone: [], left: [], absent: new Map() };
    let listed: SectionsListed;
    try {
      listed = await this.#ask();
    } catch (thrown) {
      if (!(thrown instanceof PlexsyncError)) throw thrown;
      const { target, log } = this.parts;
      log.debug(`${target.title} was asked for its libraries again: ${thrown.message}`, {
        event: "section_list",
      });
      return same;
    }
    const { sections: all, isWhole } = listed;
    const absent = new Map(
      [...failed.keys()].filter((id) => isWhole || has(all, { section: id }))
        .map((id) => [id, !has(all, { section: id })]),
    );
    const gone = current.filter(({ section }) =>
      absent.get(section) === true && this.parts.unread.isGone(section, failed.get(section)!)
    );
    const chosen = this.#chosen(all, current.filter((each) => !gone.includes(each)));
    const fresh = chosen.filter(({ section }) => !current.some((each) => each.section === section));
    const left = current.filter((each) =>
      !gone.includes(each) && !chosen.some(({ section }) => section === each.section)
    );
    return { sections: chosen, fresh, gone, left, absent };
  }

  /** Forgets those that are kept equal no more, and says so; and which ones have come. */
  settle({ sections, fresh, gone, left }: SectionsSeen): void {
    const { index, unread } = this.parts;
    for (const section of fresh) this.#say(section, "section_new", "has", "it is synced as well");
    if (gone.length + left.length === 0) return;
    const ids = sections.map(({ section }) => section);
    index.keepSections(ids);
    unread.keepOnly(ids);
    for (const section of gone) {
      this.#say(
        section,
        "section_gone",
        "no longer has",
        "its scenes are looked for in the others",
      );
    }
    for (const section of left) {
      const what = "it is not among those to sync any more";
      this.#say(section, "section_left", "has", what);
    }
  }

  #say({ section, title }: IndexedSection, event: string, has: string, what: string): void {
    const { target, log } = this.parts;
    log.info(`${target.title} ${has} library "${title}" (key ${section}): ${what}`, {
      event,
      section: title,
      said: ["section"],
    });
  }

  async #ask(): Promise<SectionsListed> {
    const { target, runtime } = this.parts;
    // Where it fails, too: each further refresh would take its time-out.
    this.#dueAt = runtime.now() + ASKED_EVERY_MS;
    const listed = await target.sections();
    for (const id of [...listed.sections.map(({ id }) => id), ...this.#strangers]) {
      this.#known.add(id);
    }
    this.#strangers.clear();
    // Folders of libraries that are not in a list that is cut short are still of use to people.
    if (listed.isWhole || this.#all.length === 0) this.#all = listed.sections;
    return listed;
  }

  /** Names that nobody can follow any more stop nothing that goes on: a restart asks for them. */
  #chosen(all: readonly Section[], current: readonly IndexedSection[]): IndexedSection[] {
    const { target, names, log } = this.parts;
    const absent = current.filter((each) => !has(all, each)).map(asSection);
    try {
      const chosen = chooseSections(all, names, target, absent);
      this.#said = "";
      return chosen.map((section) => asIndexed(section, current));
    } catch (thrown) {
      if (!(thrown instanceof NeedsAttention) || current.length === 0) throw thrown;
      const { message, hint } = asPlexsyncError(thrown);
      if (this.#said !== message) {
        this.#said = message;
        log.warning(`${message}; the others are synced until the next start, which needs it`, {
          event: "section_named",
          hint,
        });
      }
      return [...current];
    }
  }
}

function has(all: readonly Section[], { section }: Pick<IndexedSection, "section">): boolean {
  return all.some(({ id }) => id === section);
}

/** One that is not listed, as far as it is known. */
function asSection({ section, title, item_type }: IndexedSection): Section {
  return { id: section, title, type: item_type, folders: [] };
}

function asIndexed({ id, title, type }: Section, known: readonly IndexedSection[]): IndexedSection {
  const before = known.find(({ section }) => section === id) ??
    { section: id, cursor: 0, refreshed_at: 0, listed_at: 0 };
  return { ...before, title, item_type: type };
}

/**
 * The sections that the config names.
 * @param absent Those that were there and are not in `all`
 * @throws {NeedsAttention} a name that no section has, or that several have
 */
export function chooseSections(
  all: readonly Section[],
  names: readonly string[],
  target: Pick<Target, "id" | "title">,
  absent: readonly Section[] = [],
): readonly Section[] {
  const choice = chooseLibraries(all, names, absent);
  switch (choice.kind) {
    case "chosen":
      if (choice.libraries.length > 0) return choice.libraries;
      throw new NeedsAttention(noLibrary(target), "usage");
    case "missing":
      throw new NeedsAttention(libraryMissing(target, choice.name, titlesText(all)), "usage");
    case "ambiguous": {
      const keys = choice.libraries.map(({ id }) => id);
      throw new NeedsAttention(libraryAmbiguous(target, choice.name, keys), "usage");
    }
  }
}
