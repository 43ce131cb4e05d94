import { HOUR_MS, MINUTE_MS } from "../../core/time/duration.ts";
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
/** Two looks so far apart show that a library is gone: what passes by itself has passed by then. */
const GONE_AFTER_MS = MINUTE_MS;
/** The same where it answers otherwise than with 404, as it does at times from what Plex remembers. */
const GONE_LATER_MS = HOUR_MS;

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

  /**
   * Whether it is gone, by one more look at which it neither can be listed nor is among the libraries.
   * @param error Why it cannot be listed
   */
  isGone(sectionId: string, error: PlexsyncError): boolean {
    const since = this.all.find(({ section }) => section === sectionId)?.absentSince ?? null;
    if (since === null) return false;
    return this.runtime.now() - since >= (isMissing(error) ? GONE_AFTER_MS : GONE_LATER_MS);
  }

  /** @param isAbsent It is not among the libraries either; undefined where that is not known */
  failed(
    { section, title }: IndexedSection,
    error: PlexsyncError,
    isAbsent: boolean | undefined,
  ): void {
    const now = this.runtime.now();
    const { all } = this;
    const known = all.find((each) => each.section === section);
    const absentSince = isAbsent === undefined
      ? known?.absentSince ?? null
      : isAbsent
      ? Math.min(known?.absentSince ?? now, now)
      : null;
    const before = this.#pauses.get(section)?.lengthMs ?? FIRST_PAUSE_MS / 2;
    const lengthMs = absentSince !== null && isMissing(error)
      ? GONE_AFTER_MS
      : Math.min(2 * before, LONGEST_PAUSE_MS);
    this.#pauses.set(section, { until: now + lengthMs, lengthMs, error });
    const told = (known?.told ?? false) || absentSince === null;
    const since = known?.since ?? now;
    const fresh = { section, title, since, message: error.message, absentSince, told };
    this.#keep([...all.filter((each) => each !== known), fresh]);
    if (told && known?.told !== true) this.#say(title, error);
  }

  #say(title: string, error: PlexsyncError): void {
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
    const known = all.find((each) => each.section === section);
    if (known === undefined) return;
    this.#keep(all.filter((each) => each !== known));
    if (!known.told) return;
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
    for (const section of this.#pauses.keys()) {
      if (!sectionIds.includes(section)) this.#pauses.delete(section);
    }
  }

  #keep(sections: readonly UnreadSection[]): void {
    const key = unreadSectionsOf(this.target.id);
    if (sections.length === 0) this.meta.remove(key);
    else this.meta.set(key, sections);
  }
}

/** Whether the target says that there is no such library. */
export function isMissing(error: PlexsyncError): boolean {
  return error.status === 404;
}
