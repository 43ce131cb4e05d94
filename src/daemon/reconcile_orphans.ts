import { type ClassCount, countOrphan, emptyReport } from "../core/reconcile_report.ts";
import type { Store } from "../store/store.ts";
import { type WrittenItem, WrittenItems } from "../store/written_items.ts";
import type { WorkContext } from "../worker/context.ts";
import { readItems, readScenes } from "../worker/reads.ts";

const PAGE_SIZE = 1_000;

/**
 * Finds the items in Plex that were written for scenes that Stash no longer has, beside a walk
 * over all scenes in the order of their ids. What it found means nothing before the walk is
 * through. Nothing is changed: neither in Plex, nor what is remembered of the item.
 */
export class OrphanSearch {
  readonly count: ClassCount = emptyReport().classes.orphaned;
  readonly #written: WrittenItems;
  #after = 0;

  constructor(private readonly context: WorkContext, store: Store) {
    this.#written = new WrittenItems(store.database);
  }

  /**
   * The walk has met these scenes, and no other since the last call.
   * @param sceneIds In the order of their ids, at least one
   */
  async met(sceneIds: readonly string[]): Promise<void> {
    await this.#search(new Set(sceneIds), Number(sceneIds.at(-1)));
  }

  /** The walk is through: there is no scene behind the last one. */
  async end(): Promise<void> {
    await this.#search(new Set(), null);
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

  /** Both servers are asked: a walk is no proof, and what is gone from Plex too is no orphan. */
  async #confirm(rows: readonly WrittenItem[]): Promise<void> {
    const { stash, plex } = this.context;
    // A scene may live on as another one, after a merge or a new scan of its file.
    const owners = this.#written.ofItems(rows.map(({ rating_key }) => rating_key));
    const { found: living, failed } = await readScenes(
      owners.map(({ scene_id }) => scene_id),
      this.context,
    );
    const lives = ({ scene_id: id }: WrittenItem) => living.has(id) || failed.has(id);
    const kept = new Set(owners.filter(lives).map(({ rating_key }) => rating_key));
    const gone = rows.filter(({ rating_key }) => !kept.has(rating_key));
    if (gone.length === 0) return;
    const { found: items } = await readItems(
      [...new Set(gone.map(({ rating_key }) => rating_key))],
      this.context,
    );
    for (const { scene_id: sceneId, rating_key: ratingKey } of gone) {
      const item = items.get(ratingKey);
      if (item !== undefined) countOrphan(this.count, { sceneId, ratingKey, title: item.title });
    }
  }
}
