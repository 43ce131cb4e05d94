import { PlexsyncError } from "../../core/failures/errors.ts";
import { breakerOf } from "../../core/meta_keys.ts";
import { MINUTE_MS } from "../../core/time/duration.ts";
import type { Picture } from "../../target/target.ts";
import { plexOf, stashOf } from "../connections/servers.ts";
import type { Installation } from "../installation.ts";
import { targetNamed } from "../targets.ts";

/** What a person knows an item by. */
interface Look {
  title: string;
  /** Mark of its poster; null where it has none. */
  poster: string | null;
  readAt: number;
}

const KEPT_MS = 5 * MINUTE_MS;
const MAX_KEPT = 500;
/** Browsers show no others, and a drawing could hold script. */
const SHOWN = /^image\/(jpeg|png|webp|gif|avif)$/;

type Asking = Pick<Installation, "config" | "store" | "runtime" | "targets" | "stop">;

/** Titles and posters of items and scenes, for people who compare them. */
export class ItemLooks {
  readonly #kept = new Map<string, Look>();
  #reads = 0;

  /** How often something was read so far: what is shown may be another since. */
  get reads(): number {
    return this.#reads;
  }

  /**
   * Titles of items, as far as the target tells them in time: what comes later is kept for the next
   * look. A target that is down is not asked.
   * @param waitMs How long somebody waits for it
   * @returns by item
   */
  async titles(
    target: string,
    items: readonly string[],
    waitMs: number,
    asking: Asking,
  ): Promise<Map<string, string>> {
    const now = asking.runtime.now();
    const missing = [...new Set(items)].filter((item) => this.#known(target, item, now) === null);
    if (missing.length > 0) {
      const waited = new AbortController();
      const read = this.#read(target, missing, asking).finally(() => waited.abort());
      await Promise.race([read, asking.runtime.sleep(waitMs, waited.signal)]);
    }
    return new Map(items.flatMap((item) => {
      const look = this.#known(target, item, now);
      return look === null ? [] : [[item, look.title]];
    }));
  }

  /** Titles that were read so far, however long ago: nobody is asked. */
  titlesSoFar(target: string, items: readonly string[]): Map<string, string> {
    return new Map(items.flatMap((item) => {
      const look = this.#kept.get(keyOf(target, item));
      return look === undefined ? [] : [[item, look.title]];
    }));
  }

  /** The poster of an item; null where there is none that can be shown. */
  async poster(target: string, item: string, asking: Asking): Promise<Picture | null> {
    const now = asking.runtime.now();
    if (this.#known(target, item, now) === null) await this.#read(target, [item], asking);
    const mark = this.#known(target, item, now)?.poster ?? null;
    if (mark === null) return null;
    const client = plexOf(targetNamed(asking.targets, target), asking);
    return await shown(() => client.picture(mark));
  }

  /** The cover of a scene; null where there is none that can be shown. */
  async cover(sceneId: string, { config, stop }: Asking): Promise<Picture | null> {
    if (config.stashUrl === "") return null;
    return await shown(async () => {
      const found = await stashOf(config, stop).screenshot(sceneId);
      return found.status === "image" ? found : null;
    });
  }

  /** Never rejects: a title is a help, and what is wrong with a server is said elsewhere. */
  async #read(target: string, items: string[], asking: Asking): Promise<void> {
    if (asking.store.meta.get(breakerOf(target))?.state === "open") return;
    try {
      const found = await plexOf(targetNamed(asking.targets, target), asking).read(items);
      const readAt = asking.runtime.now();
      this.#reads++;
      for (const { id, values } of found.values()) {
        const look = { title: values.title[0] ?? "", poster: values.poster[0] ?? null, readAt };
        this.#kept.set(keyOf(target, id), look);
      }
      for (const key of [...this.#kept.keys()].slice(0, -MAX_KEPT)) this.#kept.delete(key);
    } catch {
      // Nothing is kept: the next look asks again.
    }
  }

  #known(target: string, item: string, now: number): Look | null {
    const look = this.#kept.get(keyOf(target, item));
    return look === undefined || now - look.readAt > KEPT_MS ? null : look;
  }
}

function keyOf(target: string, item: string): string {
  return `${target} ${item}`;
}

/** @throws {Error} what nobody foresaw */
async function shown(ask: () => Promise<Picture | null>): Promise<Picture | null> {
  try {
    const found = await ask();
    if (found === null) return null;
    const contentType = found.contentType.split(";")[0]!.trim().toLowerCase();
    return SHOWN.test(contentType) ? { bytes: found.bytes, contentType } : null;
  } catch (thrown) {
    if (thrown instanceof PlexsyncError) return null;
    throw thrown;
  }
}
