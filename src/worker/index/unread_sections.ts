import { MINUTE_MS } from "../../core/time/duration.ts";
import { isDue } from "../../core/time/clock.ts";
import type { PlexsyncError } from "../../core/failures/errors.ts";
import type { LogPort } from "../../core/log_port.ts";
import { type UnreadSection, unreadSectionsOf } from "../../core/meta_keys.ts";
import type { Runtime } from "../../core/runtime.ts";
import type { IndexedSection } from "../../store/library/item_index.ts";
import type { Meta } from "../../store/meta.ts";
import type { Target } from "../../target/target.ts";

/** One that does not answer takes two time-outs at each try, which all others wait for. */
const FIRST_PAUSE_MS = MINUTE_MS;
const LONGEST_PAUSE_MS = 10 * MINUTE_MS;

/** Until when a section is left alone, and why. */
interface Pause {
  until: number;
  lengthMs: number;
  error: PlexsyncError;
}

/**
 * Sections that the target cannot list, while it lists others: each pauses alone. Kept, since a
 * scene that is not found must not be given up in a restart either.
 */
export class UnreadSections {
  /** Of this process: a fresh one asks at once. */
  readonly #pauses = new Map<string, Pause>();

  constructor(
    private readonly target: Pick<Target, "id" | "title">,
    private readonly meta: Pick<Meta, "get" | "set" | "remove">,
    private readonly runtime: Pick<Runtime, "now">,
    private readonly log: LogPort,
  ) {}

  get all(): readonly UnreadSection[] {
    return this.meta.get(unreadSectionsOf(this.target.id)) ?? [];
  }

  has(sectionId: string): boolean {
    return this.all.some(({ section }) => section === sectionId);
  }

  /** Why it could not be listed in this process. */
  errorOf(sectionId: string): PlexsyncError | undefined {
    return this.#pauses.get(sectionId)?.error;
  }

  /** Whether it is not to be asked for yet. */
  isResting(sectionId: string): boolean {
    const pause = this.#pauses.get(sectionId);
    return pause !== undefined && !isDue(pause.until, this.runtime.now(), LONGEST_PAUSE_MS);
  }

  /** Whether one is to be asked for again. */
  get isDue(): boolean {
    return this.all.some(({ section }) => !this.isResting(section));
  }

  /** All are asked for again at once. */
  endPauses(): void {
    for (const pause of this.#pauses.values()) pause.until = 0;
  }

  failed({ section, title }: IndexedSection, error: PlexsyncError): void {
    const before = this.#pauses.get(section)?.lengthMs ?? FIRST_PAUSE_MS / 2;
    const lengthMs = Math.min(2 * before, LONGEST_PAUSE_MS);
    const now = this.runtime.now();
    this.#pauses.set(section, { until: now + lengthMs, lengthMs, error });
    const { all } = this;
    const known = all.find((each) => each.section === section);
    const fresh = { section, title, since: known?.since ?? now, message: error.message };
    this.#keep([...all.filter((each) => each !== known), fresh]);
    if (known !== undefined) return;
    this.log.warning(
      `${this.target.title} cannot list library "${title}": ${error.message}. Others go on; ` +
        "scenes that are in none of them wait for it, and spend no attempt",
      {
        event: "section_unread",
        section: title,
        error_type: error.type,
        hint: error.hint,
        said: ["section"],
      },
    );
  }

  read({ section, title }: IndexedSection): void {
    this.#pauses.delete(section);
    const { all } = this;
    if (!all.some((each) => each.section === section)) return;
    this.#keep(all.filter((each) => each.section !== section));
    this.log.info(`${this.target.title} lists library "${title}" again`, {
      event: "section_read",
      section: title,
      said: ["section"],
    });
  }

  /** Forgets those that are not among the libraries any more. */
  keepOnly(sectionIds: readonly string[]): void {
    const { all } = this;
    const kept = all.filter(({ section }) => sectionIds.includes(section));
    if (kept.length < all.length) this.#keep(kept);
  }

  #keep(sections: readonly UnreadSection[]): void {
    const key = unreadSectionsOf(this.target.id);
    if (sections.length === 0) this.meta.remove(key);
    else this.meta.set(key, sections);
  }
}
