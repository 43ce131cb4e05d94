/** Collection objects: made by a tag, gone with their last member. */
import type { Library } from "./library.ts";
import { type SimCollection, type SimItem, type SimTag, type Tagging, tagsOf } from "./model.ts";
import type { TagTable } from "./tag_table.ts";

export class Collections {
  readonly byKey = new Map<string, SimCollection>();
  #byTag = new Map<string, SimCollection>();

  constructor(
    private readonly library: Library,
    private readonly tags: TagTable,
    private readonly seconds: () => number,
    /** Told when a collection vanishes, with its ratingKey. */
    private readonly onGone: (ratingKey: string) => void,
  ) {}

  ofSection(sectionKey: string): SimCollection[] {
    return [...this.byKey.values()].filter((c) => c.sectionKey === sectionKey);
  }

  /** Finds by title, in the spelling that the tag table gives it. */
  find(sectionKey: string, title: string): SimCollection | undefined {
    const tag = this.tags.find("collection", title);
    return (tag && this.#byTag.get(`${sectionKey}:${tag.id}`)) ??
      this.ofSection(sectionKey).find((c) => c.content !== undefined && c.values.title === title);
  }

  /** Puts an item into exactly these collections, making and removing objects as needed. */
  assign(item: SimItem, next: Tagging[]): void {
    const before = tagsOf(item, "collection").map((tagging) => tagging.tag);
    const after = new Set(next.map((tagging) => tagging.tag));
    this.tags.assign(item, "collection", next);
    for (const tag of after) {
      const collection = this.#byTag.get(`${item.sectionKey}:${tag.id}`) ??
        this.create(item.sectionKey, tag);
      collection.members.add(item);
    }
    for (const tag of before) {
      if (!after.has(tag)) this.#lose(this.#byTag.get(`${item.sectionKey}:${tag.id}`), item);
    }
  }

  add(collection: SimCollection, item: SimItem): void {
    const tag = collection.tag;
    const current = tagsOf(item, "collection");
    if (tag === undefined || current.some((tagging) => tagging.tag === tag)) return;
    this.assign(item, [...current, { tag, text: null }]);
  }

  /** @returns false when the item was no member */
  drop(collection: SimCollection, item: SimItem): boolean {
    if (!collection.members.has(item)) return false;
    this.assign(item, tagsOf(item, "collection").filter(({ tag }) => tag !== collection.tag));
    return true;
  }

  /** @param source The tag of an ordinary collection, or title and filter URI of a smart one */
  create(sectionKey: string, source: SimTag | { title: string; content: string }): SimCollection {
    const id = this.library.takeRatingKey();
    const at = this.seconds();
    const smart = "content" in source;
    const collection: SimCollection = {
      ratingKey: String(id),
      id,
      type: "collection",
      sectionKey,
      values: { title: smart ? source.title : source.tag, addedAt: at },
      tags: {},
      locked: new Set(),
      updatedAt: at,
      imageStamp: at,
      tag: smart ? undefined : source,
      content: smart ? source.content : undefined,
      members: new Set(),
      mode: -1,
      sort: 0,
    };
    this.byKey.set(collection.ratingKey, collection);
    if (!smart) this.#byTag.set(`${sectionKey}:${source.id}`, collection);
    this.library.changed(collection);
    return collection;
  }

  /** False when another collection of the section has that title. */
  canRename(collection: SimCollection, title: string): boolean {
    const holder = this.find(collection.sectionKey, title);
    return holder === undefined || holder === collection;
  }

  /** Renames the object and with it the tag on all members. */
  rename(collection: SimCollection, title: string): void {
    const old = collection.tag;
    if (old === undefined) {
      collection.values.title = title;
      return;
    }
    const tag = this.tags.obtain("collection", title);
    this.#byTag.delete(`${collection.sectionKey}:${old.id}`);
    this.#byTag.set(`${collection.sectionKey}:${tag.id}`, collection);
    collection.tag = tag;
    collection.values.title = tag.tag;
    for (const item of collection.members) {
      const next = tagsOf(item, "collection").map((t) => t.tag === old ? { tag, text: null } : t);
      this.tags.assign(item, "collection", next);
    }
  }

  remove(collection: SimCollection): void {
    for (const item of collection.members) {
      const next = tagsOf(item, "collection").filter(({ tag }) => tag !== collection.tag);
      this.tags.assign(item, "collection", next);
    }
    this.tags.assign(collection, "label", []);
    this.byKey.delete(collection.ratingKey);
    if (collection.tag) this.#byTag.delete(`${collection.sectionKey}:${collection.tag.id}`);
    this.library.changed(collection);
    this.onGone(collection.ratingKey);
  }

  #lose(collection: SimCollection | undefined, item: SimItem): void {
    collection?.members.delete(item);
    if (collection?.members.size === 0) this.remove(collection);
  }
}
