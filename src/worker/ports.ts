import type { ItemEdit } from "../core/edit.ts";
import type { ImageKind, IndexedFile, ItemType, PlexItem, TagKind } from "../core/item.ts";
import type { Attempt, Job, SettleResult } from "../core/job.ts";
import type { MetaKey } from "../core/meta_keys.ts";
import type { Scene, SceneFile } from "../core/scene.ts";
import type { StatsJson } from "../core/sync_stats.ts";
import type { Begun, Written } from "../core/written.ts";

/** An image as Stash answers it. */
export type Screenshot =
  | { status: "same" }
  | { status: "none" }
  | { status: "image"; bytes: Uint8Array; contentType: string; etag: string | null };

/** What the worker asks of Stash. All reject with a `PlexsyncError`. */
export interface StashPort {
  /** Scenes that are gone are absent from the map. */
  scenes(ids: string[]): Promise<Map<string, Scene>>;
  screenshot(sceneId: string, etag?: string): Promise<Screenshot>;
  version(): Promise<unknown>;
  sceneCount(): Promise<number>;
}

export interface PlexSection {
  key: string;
  title: string;
  /** `movie`, `show`, `artist`, `photo`. */
  type: string;
}

/** One page of a section listing. */
export interface IndexPage {
  files: IndexedFile[];
  /** Newest `updatedAt` or `addedAt` on it, in Plex's seconds. */
  maxStamp: number;
  totalSize: number;
  /** True on the last page of a walk that saw every item: only then is an unseen item gone. */
  complete: boolean;
}

export type ItemRef = Pick<PlexItem, "ratingKey" | "sectionId" | "typeNumber">;

/** What the worker asks of Plex. All reject with a `PlexsyncError`. */
export interface PlexPort {
  identity(): Promise<{ machineIdentifier: string; version: string }>;
  sections(): Promise<PlexSection[]>;
  sweep(sectionId: string, typeNumber: number, pageSize: number): AsyncIterable<IndexPage>;
  delta(sectionId: string, typeNumber: number, sinceSeconds: number): AsyncIterable<IndexPage>;
  items(ratingKeys: string[]): Promise<Map<string, PlexItem>>;
  edit(
    item: ItemRef,
    edit: ItemEdit,
    options?: { removalEncoding?: "double" | "single" },
  ): Promise<void>;
  removeTags(
    item: ItemRef,
    kind: TagKind,
    names: string[],
    encoding: "double" | "single",
  ): Promise<void>;
  setRating(ratingKey: string, rating: number | null): Promise<void>;
  posters(ratingKey: string, kind: ImageKind): Promise<{ ratingKey: string; selected: boolean }[]>;
  uploadImage(
    ratingKey: string,
    kind: ImageKind,
    bytes: Uint8Array,
    contentType: string,
  ): Promise<void>;
  selectImage(ratingKey: string, kind: ImageKind, uploadKey: string): Promise<void>;
}

/** What the worker asks of the index. */
export interface IndexPort {
  put(files: readonly IndexedFile[], seenAt: number): void;
  dropUnseen(sectionId: string, sweptAt: number): number;
  dropItem(ratingKey: string): void;
  keepSections(sectionIds: readonly string[]): void;
  clear(): void;
  sections(): IndexedSectionRow[];
  putSection(section: IndexedSectionRow): void;
  find(files: readonly SceneFile[]): IndexedFile[];
  ofItem(ratingKey: string): IndexedFile[];
  count(): { items: number; files: number };
}

export interface IndexedSectionRow {
  section: string;
  title: string;
  item_type: ItemType;
  cursor: number;
  refreshed_at: number;
  swept_at: number;
}

/** What the worker asks of the store. */
export interface StorePort {
  jobs: {
    claim(owner: string, now: number, limit: number, leaseMs: number): Job[];
    renew(owner: string, until: number): number;
    nextDueAt(): number | null;
    nextWaitingAt(): number | null;
    wake(now: number, seenSince: number): { found: number; spent: number };
    count(): number;
  };
  settlement: { settle(attempts: readonly Attempt[], now: number): SettleResult };
  totals: { read(): StatsJson };
  deadLetters: { byType(): Record<string, number> };
  written: {
    /** The newest first. */
    ofScenes(sceneIds: readonly string[]): Map<string, Written[]>;
    begin(writes: readonly { sceneId: string; begun: Begun }[]): void;
  };
  scenes: { note(scenes: readonly Scene[], now: number): void };
  index: IndexPort;
  meta: {
    get<T>(key: MetaKey<T>): T | undefined;
    set<T>(key: MetaKey<T>, value: NoInfer<T>): void;
    remove(key: MetaKey<unknown>): void;
  };
  outages: {
    begin(server: "plex" | "stash", at: number, cause: string): void;
    end(server: "plex" | "stash", at: number): void;
  };
}

/** What the worker says; the log behind it decides on form and level. */
export interface LogPort {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warning(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}
