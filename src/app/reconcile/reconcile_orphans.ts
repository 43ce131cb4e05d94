import { type ClassCount, countOrphan } from "../../core/reconcile/reconcile_report.ts";
import type { Store } from "../../store/store.ts";
import type { WrittenItem, WrittenValues } from "../../store/library/written_values.ts";
import type { WorkContext } from "../../worker/context.ts";
import { readItems, readScenes } from "../../worker/batch/shared_read.ts";

const PAGE_SIZE = 1_000;

/**
 * Finds the items in Plex that were written for scenes that Stash no longer has, beside a walk
 * over all scenes in the order of their ids. What it found means nothing before the walk is
 * through. Nothing is changed in Plex, and what is remembered of the items stays.
 */
export class OrphanSearch {
  readonly #written: WrittenValues;
  #after = 0;
  #afterGone = "";

  /** @param count Raised by what is found */
  constructor(
    private readonly context: WorkContext,
    store: Store,
    private readonly count: ClassCount,
  ) {
    this.#written = store.of(context.target.id).written;
  }

  /**
   * The walk has met these scenes, and no other since the last call.
   * @param sceneIds At least one; out of order only where Stash lists them so
   */
  async met(sceneIds: readonly string[]): Promise<void> {
    const upTo = sceneIds.reduce((most, id) => Math.max(most, Number(id)), this.#after);
    await this.#search(new Set(sceneIds), upTo);
  }

  /** The walk is through: there is no scene behind the last one. */
  async end(): Promise<void> {
    await this.#search(new Set(), null);
    const { batchSize } = this.context.settings;
    for (;;) {
      const page = this.#written.gone(this.#afterGone, batchSize);
      if (page.length === 0) return;
      const settled = await this.#confirm(page);
      this.#written.forgetGone(settled);
      this.#afterGone = page.at(-1)!.scene_id;
    }
  }

  async #search(living: ReadonlySet<string>, upTo: number | null): Promise<void> {
    const { batchSize } = this.context.settings;
    for (;;) {
      const page = this.#written.inRange(this.#after, upTo, PAGE_SIZE);
      const unmet = page.filter(({ scene_id }) => !living.has(scene_id));
      for (let at = 0; at < unmet.length; at += batchSize) {
        const batch = unmet.slice(at, at + batchSize);
        await this.#confirm(batch);
        // Step by step: one that fails and is tried again must not count the others twice.
        this.#after = Number(batch.at(-1)!.scene_id);
      }
      if (page.length < PAGE_SIZE) break;
      this.#after = Number(page.at(-1)!.scene_id);
    }
    this.#after = upTo ?? this.#after;
  }

  /**
   * Counts the orphans among these. Both servers are asked: a walk is no proof, and what is gone
   * from Plex too is no orphan.
   * @returns those that are none, for sure
   */
  async #confirm(rows: readonly WrittenItem[]): Promise<WrittenItem[]> {
    // A scene may live on as another one, after a merge or a new scan of its file.
    const owners = [...rows, ...this.#written.ofItems(rows.map(({ item }) => item))];
    const scenes = await readScenes(
      [...new Set(owners.map(({ scene_id }) => scene_id))],
      this.context,
    );
    const lives = ({ scene_id: id }: WrittenItem) => scenes.found.has(id) || scenes.failed.has(id);
    const kept = new Set(owners.filter(lives).map(({ item }) => item));
    const lost = rows.map(({ item }) => item).filter((key) => !kept.has(key));
    const items = await readItems([...new Set(lost)], this.context);
    const settled: WrittenItem[] = [];
    for (const row of rows) {
      const item = items.found.get(row.item);
      if (item !== undefined) {
        const { scene_id: sceneId, item: ratingKey } = row;
        countOrphan(this.count, { sceneId, ratingKey, title: item.values.title[0] ?? "" });
      } else if (!items.failed.has(row.item)) settled.push(row);
    }
    return settled;
  }
}
