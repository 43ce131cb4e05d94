import { FAILURES_IN_A_ROW } from "../../core/jobs/doubt.ts";
import { asPlexsyncError } from "../../core/failures/errors.ts";
import type { Item } from "../../core/sync/item.ts";
import { isDue } from "../../core/time/clock.ts";
import { HOUR_MS, MINUTE_MS } from "../../core/time/duration.ts";
import { transaction } from "../../store/database/database.ts";
import type { MarkedImage, UnseenImage } from "../../store/library/written_values.ts";
import type { WorkContext } from "../context.ts";
import { SHOWN_WITHIN_MS } from "./image_plan.ts";
import { persist } from "../persist.ts";
import { pool } from "../pool.ts";

interface Pending extends UnseenImage {
  /** Looks that did not find it shown. */
  looks: number;
  /** Epoch ms. */
  dueAt: number;
}

/** What a look found: the key of the image that is shown; after "not yet" comes another look. */
type Seen = { key: string | null } | "not yet" | "given up";

/** A server that takes longer than this many looks does not show the image at all. */
const MAX_LOOKS = 6;
/** Looks side by side. */
const LANES = 4;
/** Looks in one round, so that jobs do not wait for more than some batches of them. */
const ROUND = 200;

/** An image that was not shown is sent again after so long, each time twice as long … */
const FIRST_AGAIN_MS = 10 * MINUTE_MS;
/** … up to this. */
const LAST_AGAIN_MS = 24 * HOUR_MS;

/** A scene whose image was taken and never shown. */
interface Unshown {
  /** How often that was found. */
  times: number;
  /** Epoch ms. */
  dueAt: number;
}

/**
 * Sees to it that images are shown which were sent: one look for all of a batch, a second later,
 * while the work goes on. What was not looked at when the process ended is found in the memory.
 */
export class LateLooks {
  readonly #pending = new Map<string, Pending>();
  /** How many in a row were sent and are not shown. */
  #notShown = 0;
  /** By scene. */
  readonly #unshown = new Map<string, Unshown>();
  /** While none is shown, the next is sent again no sooner, epoch ms. */
  #nextAgainAt = 0;

  constructor(private readonly context: WorkContext) {}

  /** When the next look is due, epoch ms; null when there is nothing to look at. */
  get dueAt(): number | null {
    let earliest: number | null = null;
    for (const { dueAt } of this.#pending.values()) {
      if (earliest === null || dueAt < earliest) earliest = dueAt;
    }
    return earliest;
  }

  add(images: readonly UnseenImage[]): void {
    const dueAt = this.context.runtime.now() + SHOWN_WITHIN_MS;
    for (const image of images) this.#pending.set(keyOf(image), { ...image, looks: 0, dueAt });
  }

  /** What an earlier process sent and did not look at. */
  recover(): void {
    const { store, target } = this.context;
    this.add(store.of(target.id).written.unseenImages());
  }

  /**
   * Looks at what is due; what cannot be looked at now is looked at later. Meant to run beside the
   * work on a batch: the server writes one item at a time, and need not rest for a look.
   * @param busy Ids of scenes that are worked on meanwhile: their images may be others in a moment
   */
  async round(stop: AbortSignal, busy: ReadonlySet<string>): Promise<void> {
    const now = this.context.runtime.now();
    await this.#sendAgain(now, stop);
    const due = [...this.#pending.values()]
      .filter(({ dueAt, sceneId }) => isDue(dueAt, now, SHOWN_WITHIN_MS) && !busy.has(sceneId))
      .slice(0, ROUND);
    if (due.length === 0) return;
    // Before the looks: a mark that is of an image which somebody chooses meanwhile must not be
    // taken for that of ours, while an old one only means that it is looked at once more.
    const marks = await this.#marks(due);
    const shown: MarkedImage[] = [];
    await pool(due, LANES, () => stop.aborted, async (image) => {
      const seen = await this.#look(image).catch((thrown) => this.#failed(image, thrown));
      if (typeof seen === "object") {
        const mark = marks.get(image.item)?.values[image.field] ?? null;
        shown.push({ ...image, ...seen, mark });
      }
      if (seen === "not yet") {
        image.looks++;
        image.dueAt = this.context.runtime.now() + SHOWN_WITHIN_MS;
      } else if (this.#pending.get(keyOf(image)) === image) this.#pending.delete(keyOf(image));
    });
    await this.#noteShown(shown, stop);
  }

  /** Looks until nothing is left to look at. */
  async finish(stop: AbortSignal): Promise<void> {
    for (let dueAt = this.dueAt; dueAt !== null && !stop.aborted; dueAt = this.dueAt) {
      const { runtime } = this.context;
      const now = runtime.now();
      if (!isDue(dueAt, now, SHOWN_WITHIN_MS)) await runtime.sleep(dueAt - now, stop);
      if (!stop.aborted) await this.round(stop, new Set());
    }
  }

  /** One at a time as long as none is shown: the target may take images in vain. */
  async #sendAgain(now: number, stop: AbortSignal): Promise<void> {
    const { store, target, runtime, log } = this.context;
    let due = [...this.#unshown].filter(([, { dueAt }]) => isDue(dueAt, now, LAST_AGAIN_MS))
      .map(([sceneId]) => sceneId);
    if (due.length === 0) return;
    if (this.#notShown > 0) {
      if (!isDue(this.#nextAgainAt, now, FIRST_AGAIN_MS)) return;
      this.#nextAgainAt = now + FIRST_AGAIN_MS;
      due = due.slice(0, 1);
    }
    for (const sceneId of due) this.#unshown.get(sceneId)!.dueAt = now + LAST_AGAIN_MS;
    // Those that were sent again by now are looked at anyway.
    const sent = new Set([...this.#pending.values()].map(({ sceneId }) => sceneId));
    const idle = due.filter((id) => !sent.has(id) && store.jobs.get(id, target.id) === undefined);
    if (idle.length === 0) return;
    const queue = () => {
      store.jobs.enqueue(idle, "retry", now, { targets: [target.id] });
    };
    await persist("queue images to be sent again", queue, undefined, { runtime, log, stop });
  }

  /** By item; none where they cannot be read now. */
  async #marks(images: readonly UnseenImage[]): Promise<ReadonlyMap<string, Item>> {
    try {
      return await this.context.target.read([...new Set(images.map(({ item }) => item))]);
    } catch {
      return new Map();
    }
  }

  async #look(image: Pending): Promise<Seen> {
    const { item, field, digest, looks } = image;
    const { target } = this.context;
    const { shown, known, shownKey } = await target.images({ id: item }, field);
    if (shown === digest) {
      this.#unshown.delete(image.sceneId);
      // It was no single image's own that none was shown.
      if (this.#notShown >= FAILURES_IN_A_ROW) {
        for (const each of this.#unshown.values()) each.dueAt = this.context.runtime.now();
      }
      this.#notShown = 0;
      return { key: shownKey };
    }
    if (looks + 1 >= MAX_LOOKS) {
      this.#giveUp(image);
      return "given up";
    }
    // An image that was known before is stored, but not always shown.
    const key = known.get(digest);
    const bytes = () => Promise.reject(new Error("It is there already"));
    if (key !== undefined && this.#isOwner(image)) {
      await target.show({ id: item }, field, { digest, key, bytes });
    }
    return "not yet";
  }

  /**
   * An item that the scene lost meanwhile is not given the old image back, nor one from which it
   * was taken back.
   */
  #isOwner({ sceneId, item, field, digest }: Pending): boolean {
    const { store, target } = this.context;
    const memories = store.of(target.id).written.onItems([item]).get(item) ?? [];
    return memories.length > 0 &&
      memories.every((memory) =>
        memory.sceneId === sceneId && memory.fields[field]?.sent[0] === digest
      );
  }

  #failed(image: Pending, thrown: unknown): Seen {
    const { sceneId, item, field, looks } = image;
    const { log } = this.context;
    const { type, message } = asPlexsyncError(thrown);
    log.debug(`Scene ${sceneId}: cannot see whether item ${item} shows its ${field}: ${message}`, {
      event: "image_look_failed",
      scene_id: sceneId,
      error_type: type,
    });
    // One that is never to be seen is looked at again when its scene is synced.
    return type === "PlexNotFound" || looks + 1 >= MAX_LOOKS ? "given up" : "not yet";
  }

  /** What was never seen stays unseen in the memory: the scene's next sync sends it again. */
  #giveUp({ sceneId, item, field }: Pending): void {
    const now = this.context.runtime.now();
    const times = this.#unshown.get(sceneId)?.times ?? 0;
    const pause = Math.min(FIRST_AGAIN_MS * 2 ** times, LAST_AGAIN_MS);
    this.#unshown.set(sceneId, { times: times + 1, dueAt: now + pause });
    const { log, target } = this.context;
    const fields = {
      event: "image_not_shown",
      scene_id: sceneId,
      rating_key: item,
      field,
      said: ["scene_id", "rating_key", "field"],
    };
    const what = `${target.title} took the ${field} of item ${item} and does not show it`;
    this.#notShown++;
    // A server that shows none is said once, not image by image.
    if (this.#notShown > 1) log.debug(`Scene ${sceneId}: ${what}`, fields);
    else {
      log.warning(
        `Scene ${sceneId}: ${what}; it is sent again later, and so is each that follows until one ` +
          "is shown",
        fields,
      );
    }
  }

  /** In one transaction: each costs the disk a sync. One that is lost is looked at again. */
  async #noteShown(images: readonly MarkedImage[], stop: AbortSignal): Promise<void> {
    if (images.length === 0) return;
    const { store, target, runtime, log } = this.context;
    const note = () => {
      transaction(store.database, () => {
        store.of(target.id).written.shown(images);
        store.of(target.id).journal.shown(
          images.flatMap(({ key, ...image }) => key === null ? [] : [{ ...image, key }]),
        );
      });
    };
    await persist("note which images are shown", note, undefined, { runtime, log, stop });
  }
}

function keyOf({ sceneId, item, field }: UnseenImage): string {
  return JSON.stringify([sceneId, item, field]);
}
