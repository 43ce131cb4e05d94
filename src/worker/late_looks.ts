import { asPlexsyncError } from "../core/errors.ts";
import { noteLook } from "../core/memory.ts";
import type { UnseenImage } from "../store/written_values.ts";
import type { WorkContext } from "./context.ts";
import { SHOWN_WITHIN_MS } from "./image_plan.ts";
import { pool } from "./pool.ts";

interface Pending extends UnseenImage {
  /** Looks that did not find it shown. */
  looks: number;
  /** Epoch ms. */
  dueAt: number;
}

/** A server that takes longer than this many looks does not show the image at all. */
const MAX_LOOKS = 6;
/** Looks side by side. */
const LANES = 4;

/**
 * Sees to it that images are shown which were sent: one look for all of a batch, a second later,
 * while the work goes on. What was not looked at when the process ended is found in the memory.
 */
export class LateLooks {
  #pending: Pending[] = [];

  constructor(private readonly context: WorkContext) {}

  /** When the next look is due, epoch ms; null when there is nothing to look at. */
  get dueAt(): number | null {
    return this.#pending.length === 0 ? null : Math.min(...this.#pending.map((each) => each.dueAt));
  }

  add(images: readonly UnseenImage[]): void {
    const dueAt = this.context.runtime.now() + SHOWN_WITHIN_MS;
    for (const image of images) {
      this.#pending = this.#pending.filter((each) => !isSame(each, image));
      this.#pending.push({ ...image, looks: 0, dueAt });
    }
  }

  /** What an earlier process sent and did not look at. */
  recover(): void {
    const { store, target } = this.context;
    this.add(store.written.unseenImages(target.id));
  }

  /** Looks at what is due. Never rejects: what cannot be looked at now is looked at later. */
  async round(): Promise<void> {
    const now = this.context.runtime.now();
    const due = this.#pending.filter(({ dueAt }) => dueAt <= now);
    if (due.length === 0) return;
    await pool(due, LANES, () => false, async (image) => {
      const isOver = await this.#look(image).catch((thrown) => this.#failed(image, thrown));
      if (isOver) this.#pending = this.#pending.filter((each) => each !== image);
      else {
        image.looks++;
        image.dueAt = this.context.runtime.now() + SHOWN_WITHIN_MS;
      }
    });
  }

  /** Looks until nothing is left to look at. */
  async finish(stop: AbortSignal): Promise<void> {
    for (let dueAt = this.dueAt; dueAt !== null && !stop.aborted; dueAt = this.dueAt) {
      const { runtime } = this.context;
      await runtime.sleep(Math.max(0, dueAt - runtime.now()), stop);
      if (!stop.aborted) await this.round();
    }
  }

  /** @returns true when there is nothing more to look at */
  async #look(image: Pending): Promise<boolean> {
    const { item, field, digest, looks } = image;
    const { target } = this.context;
    const { shown, known } = await target.images({ id: item }, field);
    if (shown === digest) {
      this.#noteShown(image);
      return true;
    }
    if (looks + 1 >= MAX_LOOKS) {
      this.#giveUp(image);
      return true;
    }
    // An image that was known before is stored, but not always shown.
    const key = known.get(digest);
    const bytes = () => Promise.reject(new Error("It is there already"));
    if (key !== undefined) await target.show({ id: item }, field, { digest, key, bytes });
    return false;
  }

  #failed(image: Pending, thrown: unknown): boolean {
    const { sceneId, item, field, looks } = image;
    const { log } = this.context;
    const { type, message } = asPlexsyncError(thrown);
    log.debug(`Scene ${sceneId}: cannot see whether item ${item} shows its ${field}: ${message}`, {
      event: "image_look_failed",
      scene_id: sceneId,
      error_type: type,
    });
    // One that is never to be seen is looked at again when its scene is synced.
    return type === "PlexNotFound" || looks + 1 >= MAX_LOOKS;
  }

  /** What was never seen stays unseen in the memory: the scene's next sync sends it again. */
  #giveUp({ sceneId, item, field }: Pending): void {
    const { log, target } = this.context;
    log.warning(
      `Scene ${sceneId}: ${target.title} took the ${field} of item ${item} and does not show it; ` +
        "it is sent again with the scene's next sync",
      {
        event: "image_not_shown",
        scene_id: sceneId,
        rating_key: item,
        field,
        said: ["scene_id", "rating_key", "field"],
      },
    );
  }

  #noteShown({ sceneId, item, field, digest }: UnseenImage): void {
    const { store, target } = this.context;
    const memory = store.written.ofScene(sceneId, target.id).find((each) => each.item === item);
    const look = memory?.looks[field];
    if (memory === undefined || look === undefined || look.digest !== digest) return;
    store.written.put(noteLook(memory, field, { ...look, shown: true }), target.id);
  }
}

function isSame(a: UnseenImage, b: UnseenImage): boolean {
  return a.sceneId === b.sceneId && a.item === b.item && a.field === b.field;
}
