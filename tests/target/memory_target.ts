import { PlexsyncError } from "../../src/core/failures/errors.ts";
import {
  type FieldName,
  fieldOf,
  FIELDS,
  type ImageField,
  type ListField,
  sameValues,
  valueKey,
} from "../../src/core/sync/fields.ts";
import type { Edit, IndexedFile, Item, ItemFile, ItemRef } from "../../src/core/sync/item.ts";
import { isSameFolded } from "../../src/core/sync/names.ts";
import type { Shortfall } from "../../src/core/sync/verify.ts";
import type { Fitted } from "../../src/core/sync/ways.ts";
import type {
  Image,
  ListedImages,
  ListingPage,
  News,
  Section,
  SectionsListed,
  Target,
} from "../../src/target/target.ts";

/** Where targets differ from each other, each a habit that real ones have. */
export interface MemoryQuirks {
  /** Blanks around texts are cut off. */
  trims: boolean;
  /** Wanted names are added to those that stand there. */
  addsNames: boolean;
  /** Of several names to remove in one write only the first goes. */
  removesOne: boolean;
  /** Writes succeed and change nothing. */
  deaf: boolean;
  /** A sent image is neither known nor shown until `showSent` is called. */
  lagsWithImages: boolean;
}

export interface MemoryItemSeed {
  section: string;
  files: readonly ItemFile[];
  values?: Partial<Record<FieldName, readonly string[]>>;
  roles?: Readonly<Record<string, string>>;
  locked?: readonly FieldName[];
}

interface Images {
  /** Keys by digest. */
  known: Map<string, string>;
  shown: string | null;
  /** Digests that are not yet to be seen. */
  late: string[];
}

interface Stored {
  ref: ItemRef;
  values: Record<FieldName, readonly string[]>;
  roles: Record<string, string>;
  locked: Set<FieldName>;
  files: readonly ItemFile[];
  images: Record<ImageField, Images>;
  /** Of its last change. */
  cursor: number;
}

interface Listener {
  tell(news: News): void;
  wants(section: string): boolean;
}

/** Small, so that a test library has several pages. */
const PAGE_SIZE = 2;

/** A target that holds its items in memory: the least that the interface asks for. */
export class MemoryTarget implements Target {
  readonly id: string;
  readonly title = "Memory";
  readonly maxImageBytes = 1_000_000;
  readonly quirks: MemoryQuirks = {
    trims: false,
    addsNames: false,
    removesOne: false,
    deaf: false,
    lagsWithImages: false,
  };
  /** Set: every request fails for this reason. */
  fault: "down" | "unauthorized" | null = null;
  server = "memory-1";
  /** Names of collections that somebody made something of. */
  readonly edited = new Set<string>();
  /** Requests in order, such as `write 3`. */
  readonly requests: string[] = [];
  uploads = 0;
  readonly scans: { section: string; folder: string }[] = [];
  #items = new Map<string, Stored>();
  #cursor = 0;
  #listeners = new Set<Listener>();

  constructor(readonly libraries: readonly Section[], id = "memory") {
    this.id = id;
  }

  /** Adds an item, as a scan that found its files does. @returns its id */
  add(seed: MemoryItemSeed): string {
    const { type } = this.libraries.find(({ id }) => id === seed.section)!;
    const id = String(this.#items.size + 1);
    const none = Object.fromEntries(FIELDS.map(({ name }) => [name, []]));
    this.#items.set(id, {
      ref: { id, section: seed.section, type },
      values: { ...none, ...seed.values } as Stored["values"],
      roles: { ...seed.roles },
      locked: new Set(seed.locked),
      files: seed.files,
      images: { poster: noImages(), background: noImages() },
      cursor: ++this.#cursor,
    });
    this.#tellOf(seed.section);
    return id;
  }

  /** Somebody else changes an item. */
  edit(id: string, values: Partial<Record<FieldName, readonly string[]>>): void {
    const item = this.#get(id);
    Object.assign(item.values, values);
    item.cursor = ++this.#cursor;
    this.#tellOf(item.ref.section);
  }

  /** Of all items, in the order in which they came. */
  ids(): string[] {
    return [...this.#items.keys()];
  }

  remove(id: string): void {
    this.#items.delete(id);
  }

  /** An image that an item could show is lost; nothing is shown in its place. */
  loseImage(id: string, field: ImageField, key: string): void {
    const { images, values } = this.#get(id);
    const set = images[field];
    const digest = [...set.known].find(([, each]) => each === key)?.[0];
    if (digest === undefined) return;
    set.known.delete(digest);
    if (set.shown !== digest) return;
    set.shown = null;
    values[field] = [];
  }

  /** Images that were late come to be seen. */
  showSent(): void {
    for (const { ref: { id }, images, values } of this.#items.values()) {
      for (const [field, set] of Object.entries(images) as [ImageField, Images][]) {
        for (const digest of set.late.splice(0)) {
          set.known.set(digest, keyOf(digest));
          set.shown = digest;
          values[field] = [mark(id, digest)];
        }
      }
    }
  }

  async identity() {
    await this.#request("identity", false);
    return { server: this.server, version: "1.0", now: null };
  }

  async checkAccess() {
    await this.#request("checkAccess");
    return { name: "In memory", version: "1.0" };
  }

  async sections(): Promise<SectionsListed> {
    await this.#request("sections");
    return { sections: [...this.libraries], isWhole: this.libraries.length > 0 };
  }

  async *listing(
    { id }: Pick<Section, "id" | "type">,
    since: number | null,
  ): AsyncGenerator<ListingPage> {
    const found = [...this.#items.values()]
      .filter(({ ref, cursor }) => ref.section === id && cursor >= (since ?? 0));
    for (let at = 0; at === 0 || at < found.length; at += PAGE_SIZE) {
      await this.#request(`listing ${id}`);
      const page = found.slice(at, at + PAGE_SIZE);
      yield {
        files: page.flatMap(filesOf),
        cursor: Math.max(0, ...page.map(({ cursor }) => cursor)),
        ahead: [],
        sinceAhead: false,
        missing: 0,
        unread: "",
        total: found.length,
        complete: since === null && at + PAGE_SIZE >= found.length,
      };
    }
  }

  async read(ids: readonly string[]): Promise<Map<string, Item>> {
    await this.#request(`read ${ids.join(",")}`);
    const items = ids.map((id) => this.#items.get(id)).filter((item) => item !== undefined);
    return new Map(items.map((item) => [item.ref.id, snapshot(item)]));
  }

  isFormOf(field: FieldName, sent: string, stands: string): boolean {
    const { kind } = fieldOf(field);
    return kind === "names" ? isSameFolded(sent, stands) : sameValues(kind, [sent], [stands]);
  }

  fit(_item: Item, edit: Edit): Fitted {
    return { edit, omitted: [] };
  }

  async write({ id }: Item, edit: Edit): Promise<Fitted> {
    await this.#request(`write ${id}`);
    this.#apply(this.#get(id), edit);
    return { edit, omitted: [] };
  }

  /** One round: removals one by one, then the rest. */
  async repair({ id }: Item, { edit, surplus }: Shortfall, round: number): Promise<boolean> {
    if (round > 0) return false;
    await this.#request(`repair ${id}`);
    const item = this.#get(id);
    if (this.quirks.deaf) return true;
    for (const [name, names] of Object.entries(surplus) as [ListField, string[]][]) {
      for (const each of names) item.values[name] = without(item.values[name], [each]);
    }
    this.#apply(item, edit);
    return true;
  }

  repaired(): void {}

  async picture(mark: string): Promise<null> {
    await this.#request(`picture ${mark}`);
    return null;
  }

  async cherished(
    section: string,
    leaving: ReadonlyMap<string, number>,
  ): Promise<Map<string, number>> {
    await this.#request(`cherished ${section}`);
    const members = (name: string) =>
      [...this.#items.values()].filter(({ ref, values }) =>
        ref.section === section && values.collection.includes(name)
      ).length;
    return new Map(
      [...leaving].filter(([name, count]) => this.edited.has(name) && members(name) <= count)
        .map(([name]) => [name, members(name)]),
    );
  }

  async images({ id }: Pick<ItemRef, "id">, field: ImageField): Promise<ListedImages> {
    await this.#request(`images ${id} ${field}`);
    const { known, shown } = this.#get(id).images[field];
    return {
      shown,
      known: new Map(known),
      shownKey: shown === null ? null : keyOf(shown),
      keys: new Set(known.values()),
    };
  }

  async show({ id }: Pick<ItemRef, "id">, field: ImageField, image: Image): Promise<void> {
    if (image.key === undefined) await this.#receive(image);
    await this.#request(`show ${id} ${field}`);
    const item = this.#get(id);
    const set = item.images[field];
    const digest = image.key === undefined
      ? image.digest
      : [...set.known].find(([, key]) => key === image.key)?.[0];
    if (digest === undefined) throw new PlexsyncError("PlexNotFound", "No such image");
    if (image.key === undefined && this.quirks.lagsWithImages) {
      set.late.push(digest);
      return;
    }
    set.known.set(digest, keyOf(digest));
    set.shown = digest;
    item.values[field] = [mark(id, digest)];
    item.cursor = ++this.#cursor;
  }

  async scan(section: string, folder: string): Promise<void> {
    await this.#request(`scan ${section}`);
    this.scans.push({ section, folder });
  }

  listen(
    tell: (news: News) => void,
    signal: AbortSignal,
    wants: (section: string) => boolean,
  ): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    const listener = { tell, wants };
    this.#listeners.add(listener);
    tell({ kind: "connected", by: "memory" });
    tell({ kind: "files" });
    return new Promise((resolve) => {
      signal.addEventListener("abort", () => {
        this.#listeners.delete(listener);
        resolve();
      }, { once: true });
    });
  }

  #tellOf(section: string): void {
    for (const { tell, wants } of this.#listeners) if (wants(section)) tell({ kind: "files" });
  }

  #request(what: string, needsToken = true): Promise<void> {
    this.requests.push(what);
    if (this.fault === "down") {
      return Promise.reject(new PlexsyncError("PlexServerDown", `Cannot ${what}: it is down`));
    }
    if (this.fault === "unauthorized" && needsToken) {
      return Promise.reject(new PlexsyncError("PlexUnauthorized", `Cannot ${what}: not allowed`));
    }
    return Promise.resolve();
  }

  #get(id: string): Stored {
    const item = this.#items.get(id);
    if (item === undefined) throw new PlexsyncError("PlexNotFound", `There is no item ${id}`);
    return item;
  }

  async #receive(image: Image): Promise<void> {
    const { bytes } = await image.bytes();
    if (bytes.length > this.maxImageBytes) {
      throw new PlexsyncError(
        "PlexPermanentError",
        `An image of ${bytes.length} bytes is too large`,
      );
    }
    this.uploads++;
  }

  #apply(item: Stored, edit: Edit): void {
    if (this.quirks.deaf) return;
    for (const [name, value] of Object.entries(edit.text) as [FieldName, string][]) {
      const kept = this.quirks.trims ? value.trim() : value;
      item.values[name] = kept === "" ? [] : [kept];
    }
    for (const [name, { want, remove }] of Object.entries(edit.names)) {
      const gone = this.quirks.removesOne ? remove.slice(0, 1) : remove;
      const wanted = want.map((each) => each.name);
      const before = item.values[name as ListField];
      const kept = this.quirks.addsNames || this.quirks.removesOne
        ? without(without(before, gone), wanted)
        : [];
      item.values[name as ListField] = [...wanted, ...kept];
      if (name === "performers") {
        item.roles = Object.fromEntries(
          want.filter(({ role }) => role !== undefined).map((each) => [each.name, each.role!]),
        );
      }
    }
    if (edit.rating !== undefined) {
      item.values.rating = edit.rating === null ? [] : [String(edit.rating)];
    }
    for (const name of edit.lock) item.locked.add(name);
    for (const name of edit.unlock ?? []) item.locked.delete(name);
    item.cursor = ++this.#cursor;
  }
}

function noImages(): Images {
  return { known: new Map(), shown: null, late: [] };
}

/** Not the digest itself, so that nobody can make one up. */
function keyOf(digest: string): string {
  return `image:${digest.slice(0, 8)}`;
}

function mark(id: string, digest: string): string {
  return `/images/${id}/${digest.slice(0, 8)}`;
}

function without(names: readonly string[], gone: readonly string[]): string[] {
  const keys = new Set(gone.map((name) => valueKey("names", name)));
  return names.filter((name) => !keys.has(valueKey("names", name)));
}

function filesOf({ ref, files }: Stored): IndexedFile[] {
  return files.map((file) => ({ ...file, item: ref.id, section: ref.section }));
}

function snapshot({ ref, values, roles, locked, files }: Stored): Item {
  return {
    ...ref,
    values: { ...values },
    roles: { ...roles },
    locked: [...locked],
    along: {},
    files: [...files],
  };
}
