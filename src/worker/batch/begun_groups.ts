import type { Runtime } from "../../core/runtime.ts";
import { watched } from "./watched.ts";

/**
 * What is to be written, one after the other, of groups that are noted before: each group while the
 * last ones of the group before it are being written, so that the target is not left without work.
 */
export class BegunGroups<T> {
  #open: T[] = [];
  #coming: Promise<void> | null = null;
  #areOut = false;

  /**
   * @param begin Notes the next group; null once there is none, or none is to be begun any more
   */
  constructor(
    private readonly begin: () => Promise<readonly T[] | null>,
    /** Called when all is given out. */
    private readonly allGiven: () => void,
    private readonly runtime: Pick<Runtime, "sleep">,
  ) {}

  /** Resolves when there is something to write, or nothing left. */
  async ready(): Promise<void> {
    while (this.#open.length === 0 && !this.#areOut) await this.#more(this.begin);
  }

  /**
   * @param limit Writes side by side: with fewer left than that, the next group is begun
   * @returns null once nothing is left. Rejects when a group cannot be begun.
   */
  async next(limit: number): Promise<T | null> {
    await this.ready();
    const [first = null] = this.#open.splice(0, 1);
    if (this.#open.length < limit && !this.#areOut) watched(this.#more(this.#behind));
    this.#look();
    return first;
  }

  /** Resolves when no group is being begun, of which nobody would know. */
  async close(): Promise<void> {
    await this.#coming?.catch(() => {});
  }

  /** One at a time; where one fails, none comes after it. */
  #more(begin: () => Promise<readonly T[] | null>): Promise<void> {
    const take = async () => {
      const group = await begin();
      if (group === null) this.#areOut = true;
      else this.#open.push(...group);
      this.#coming = null;
      this.#look();
    };
    return this.#coming ??= take();
  }

  #look(): void {
    if (this.#areOut && this.#open.length === 0) this.allGiven();
  }

  /** What was given out last is sent first: the database holds up everybody. */
  readonly #behind = async () => {
    await this.runtime.sleep(0);
    return await this.begin();
  };
}
