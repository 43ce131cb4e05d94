/** Posters and backgrounds: uploads addressed by the SHA-1 of their bytes. */
import { createHash } from "node:crypto";
import type { SimRecord } from "./model.ts";
import type { SimPlexSwitches } from "./switches.ts";

/** Larger uploads answer 500. */
export const UPLOAD_LIMIT_BYTES = 10 * 1024 * 1024;
/** Image bytes kept for reading back; the oldest go first, their names stay. */
const KEPT_BYTES = 64 * 1024 * 1024;

/** The lists of candidates, named as in the path; values are what their URLs are built with. */
export const IMAGE_LISTS = {
  posters: "posters",
  arts: "art",
  clearLogos: "clearLogo",
  squareArts: "squareArt",
  banners: "banner",
  themes: "theme",
} as const;
export type ImageList = keyof typeof IMAGE_LISTS;

const SINGULARS: Record<string, ImageList> = {
  thumb: "posters",
  poster: "posters",
  art: "arts",
  clearLogo: "clearLogos",
  squareArt: "squareArts",
  banner: "banners",
  theme: "themes",
};

/** The list meant by a plural or singular path element. */
export function imageList(element: string): ImageList | undefined {
  return Object.hasOwn(IMAGE_LISTS, element) ? element as ImageList : SINGULARS[element];
}

export interface Candidate {
  /** `upload://posters/<sha1>` or another scheme: the ratingKey of the image. */
  url: string;
  /** Set for uploads only. */
  sha1?: string | undefined;
  provider?: string | undefined;
  selected: boolean;
}

interface ImageSet {
  /** url -> epoch milliseconds from which it can be seen. */
  visibleAt: Map<string, number>;
  selected?: string | undefined;
  /** What is shown until the selection can be seen. */
  before?: string | undefined;
  /** Epoch seconds of the last selection, always growing. */
  stamp: number;
}

export class Images {
  #sets = new Map<string, ImageSet>();
  #blobs = new Map<string, Uint8Array>();
  #blobBytes = 0;
  #abort = new AbortController();
  #firstStamp: number;

  constructor(
    private readonly switches: SimPlexSwitches,
    private readonly now: () => number,
  ) {
    this.#firstStamp = Math.floor(now() / 1000);
  }

  /** Candidates that can be seen now; a fresh item has a frame of its own video as poster. */
  list(ratingKey: string, list: ImageList): Candidate[] {
    const set = this.#set(ratingKey, list);
    const selected = this.#shown(set);
    return [...set.visibleAt].filter(([, at]) => at <= this.now()).map(([url]) => ({
      url,
      sha1: uploadSha1(url),
      provider: url.startsWith("http") ? "remote" : undefined,
      selected: url === selected,
    }));
  }

  /**
   * Stores bytes and selects them if they are new.
   * @returns their SHA-1 in hex
   */
  upload(ratingKey: string, list: ImageList, bytes: Uint8Array): string {
    const sha1 = createHash("sha1").update(bytes).digest("hex");
    this.#keep(sha1, bytes);
    const set = this.#set(ratingKey, list);
    const url = `upload://${IMAGE_LISTS[list]}/${sha1}`;
    const known = set.visibleAt.has(url);
    if (!known) set.visibleAt.set(url, this.now() + this.switches.imageLagMs);
    if (!known || this.switches.repostSelects) this.#choose(set, url);
    return sha1;
  }

  /** @returns false when there is no such candidate */
  select(ratingKey: string, list: ImageList, url: string): boolean {
    const set = this.#set(ratingKey, list);
    if ((set.visibleAt.get(url) ?? Infinity) > this.now()) return false;
    this.#choose(set, url);
    return true;
  }

  /** Back to what the video itself offers. */
  reset(ratingKey: string, list: ImageList): void {
    const set = this.#set(ratingKey, list);
    const own = [...set.visibleAt.keys()].find((url) => url.startsWith("media://"));
    if (own !== undefined) this.#choose(set, own);
    else set.selected = set.before = undefined;
  }

  /** A candidate is no longer there; where it was selected, what the video itself offers is. */
  lose(ratingKey: string, list: ImageList, url: string): void {
    const set = this.#set(ratingKey, list);
    set.visibleAt.delete(url);
    if (set.before === url) set.before = undefined;
    if (set.selected === url) this.reset(ratingKey, list);
  }

  /** Path of the selected image with its changing stamp, or undefined. */
  path({ ratingKey, imageStamp }: SimRecord, list: ImageList): string | undefined {
    // Listings ask for every item: nothing may be made for those without uploads.
    const set = this.#sets.get(`${ratingKey}/${list}`);
    if (set === undefined ? list !== "posters" : this.#shown(set) === undefined) return undefined;
    const name = list === "posters" ? "thumb" : IMAGE_LISTS[list];
    const stamp = this.switches.imageStamp === "edit" ? imageStamp : set?.stamp ?? this.#firstStamp;
    return `/library/metadata/${ratingKey}/${name}/${stamp}`;
  }

  /** SHA-1 of the selected image when it is an upload, else null. */
  selectedUpload(ratingKey: string, list: ImageList): string | null {
    const set = this.#sets.get(`${ratingKey}/${list}`);
    return (set && uploadSha1(this.#shown(set) ?? "")) ?? null;
  }

  /** SHA-1 of the upload that was chosen last, shown by now or not; null when it is none. */
  chosenUpload(ratingKey: string, list: ImageList): string | null {
    return uploadSha1(this.#sets.get(`${ratingKey}/${list}`)?.selected ?? "") ?? null;
  }

  /** Bytes of a candidate, or of the selected one; undefined when there are none. */
  bytes(ratingKey: string, list: ImageList, url?: string): Uint8Array | undefined {
    const wanted = url ?? this.#shown(this.#set(ratingKey, list)) ?? "";
    if (wanted.startsWith("media://")) return FRAME;
    return this.#blobs.get(uploadSha1(wanted) ?? "");
  }

  /** Downloads an image as PMS does for `?url=`. @returns undefined when that fails */
  async download(url: string): Promise<Uint8Array | undefined> {
    try {
      const response = await fetch(url, { signal: this.#abort.signal });
      const bytes = new Uint8Array(await response.arrayBuffer());
      return response.ok ? bytes : undefined;
    } catch {
      return undefined;
    }
  }

  /** Drops what belongs to an item that is gone. */
  forget(ratingKey: string): void {
    for (const list of Object.keys(IMAGE_LISTS)) this.#sets.delete(`${ratingKey}/${list}`);
  }

  close(): void {
    this.#abort.abort();
  }

  #set(ratingKey: string, list: ImageList): ImageSet {
    const key = `${ratingKey}/${list}`;
    const known = this.#sets.get(key);
    if (known !== undefined) return known;
    const set: ImageSet = { visibleAt: new Map(), stamp: this.#firstStamp };
    if (list === "posters") {
      set.selected = `media://${ratingKey}/frame.jpg`;
      set.visibleAt.set(set.selected, 0);
    }
    this.#sets.set(key, set);
    return set;
  }

  #choose(set: ImageSet, url: string): void {
    if (set.selected === url) return;
    set.before = this.#shown(set);
    set.selected = url;
    set.stamp = Math.max(Math.floor(this.now() / 1000), set.stamp + 1);
  }

  #shown(set: ImageSet): string | undefined {
    if (set.selected === undefined) return undefined;
    const visible = (set.visibleAt.get(set.selected) ?? 0) <= this.now();
    return visible ? set.selected : set.before;
  }

  #keep(sha1: string, bytes: Uint8Array): void {
    if (this.#blobs.has(sha1)) return;
    this.#blobs.set(sha1, bytes);
    this.#blobBytes += bytes.length;
    for (const [name, old] of this.#blobs) {
      if (this.#blobBytes <= KEPT_BYTES) break;
      this.#blobs.delete(name);
      this.#blobBytes -= old.length;
    }
  }
}

function uploadSha1(url: string): string | undefined {
  return /^upload:\/\/\w+\/([0-9a-f]{40})$/.exec(url)?.[1];
}

/** Guessed from the first bytes. */
export function imageType(bytes: Uint8Array): string {
  if (bytes[0] === 0x89 && bytes[1] === 0x50) return "image/png";
  if (bytes[0] === 0x52 && bytes[1] === 0x49) return "image/webp";
  return "image/jpeg";
}

/** Stands for a frame of the video: a PNG of one grey pixel. */
const FRAME = Uint8Array.from(
  atob(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==",
  ),
  (char) => char.charCodeAt(0),
);
