/** All parts of one simulated server, wired together. */
import { Activities } from "./activities.ts";
import { Collections } from "./collections.ts";
import { Images } from "./images.ts";
import { Library } from "./library.ts";
import type { SimRecord } from "./model.ts";
import { NotificationHub } from "./notifications.ts";
import type { SimPlexItemSeed, SimPlexOptions, SimSectionSeed } from "./options.ts";
import { Scanner } from "./scans.ts";
import { defaultSwitches, type SimPlexSwitches } from "./switches.ts";
import { TagTable } from "./tag_table.ts";
import { echoEdit } from "./timeline.ts";
import { Timers } from "./timers.ts";
import type { Row } from "./wire.ts";

/** Longest list of remembered violations; one is already too many. */
const VIOLATION_LIMIT = 1000;

export class World {
  readonly switches: SimPlexSwitches;
  readonly timers = new Timers();
  tags!: TagTable;
  library!: Library;
  collections!: Collections;
  images!: Images;
  readonly hub: NotificationHub;
  readonly activities: Activities;
  readonly scanner: Scanner;
  readonly preferences = new Map<string, string>();
  /** Rows of GET /status/sessions. */
  sessions: Row[] = [];
  machineIdentifier = "5f2a7c1e9b3d4860a1c2e3f405162738495a6b7c";
  ownerToken: string;
  readonly nonOwnerToken: string | undefined;
  readonly startedAt: number;
  #violations: string[] = [];
  #now: () => number;
  #clockOffsetMs = 0;

  constructor(options: SimPlexOptions) {
    this.#now = options.now ?? Date.now;
    this.switches = { ...defaultSwitches(), ...options.switches };
    if (options.latencyMs !== undefined) this.switches.latencyMs = options.latencyMs;
    this.ownerToken = options.token ?? "sim-plex-token";
    this.nonOwnerToken = options.nonOwnerToken;
    this.startedAt = this.seconds();
    this.hub = new NotificationHub(this.switches, this.timers);
    this.activities = new Activities(this.hub);
    this.scanner = new Scanner(this);
    this.load(options.sections, options.items ?? []);
  }

  /**
   * Takes these in the place of all sections, items, collections and images.
   * @throws {Error} a seed is bad: the library is then as if it had ended before that
   */
  load(sections: SimSectionSeed[] | undefined, items: SimPlexItemSeed[]): void {
    const seconds = () => this.seconds();
    const revision = (this.library?.revision ?? -1) + 1;
    this.images?.close();
    this.tags = new TagTable(this.switches);
    this.library = new Library(sections, this.tags, seconds, revision);
    // A lag lasts as long as it does, whatever the clock shows.
    this.images = new Images(this.switches, () => this.#now());
    this.collections = new Collections(
      this.library,
      this.tags,
      seconds,
      (ratingKey) => this.images.forget(ratingKey),
    );
    // Shows and collections are made on the way.
    this.library.reserve(items.map((seed) => seed.ratingKey));
    this.add(items);
  }

  /** @throws {Error} a seed is bad */
  add(items: SimPlexItemSeed[]): void {
    for (const seed of items) {
      const item = this.library.add(seed);
      const next = (seed.collections ?? []).map((title) => ({
        tag: this.tags.obtain("collection", title, true),
        text: null,
      }));
      this.collections.assign(item, next);
    }
  }

  /** Epoch milliseconds by its own clock. */
  now(): number {
    return this.#now() + this.#clockOffsetMs;
  }

  /** Epoch seconds, the unit of all stamps in the API. */
  seconds(): number {
    return Math.floor(this.now() / 1000);
  }

  /** The server's clock jumps: forward, or back below 0. */
  jumpClock(ms: number): void {
    this.#clockOffsetMs += ms;
  }

  record(ratingKey: string): SimRecord | undefined {
    return this.library.items.get(ratingKey) ?? this.collections.byKey.get(ratingKey);
  }

  /**
   * After any edit of a record: stamps, section counter, echo to listeners.
   * @param image The edit gave it another image
   */
  touch(record: SimRecord, image = false): void {
    const { editsBumpUpdatedAt } = this.switches;
    if (editsBumpUpdatedAt) record.updatedAt = this.seconds();
    // Two edits in one second count too: whoever compares stamps must not depend on luck.
    if (editsBumpUpdatedAt || image) {
      record.imageStamp = Math.max(this.seconds(), record.imageStamp + 1);
    }
    this.library.changed(record);
    echoEdit(this, record);
  }

  /** Remembers a request that no careful client sends. */
  violation(what: string): void {
    if (this.#violations.length < VIOLATION_LIMIT) this.#violations.push(what);
  }

  violations(): string[] {
    return [...this.#violations];
  }

  close(): void {
    this.timers.close();
    this.hub.close();
    this.images.close();
  }
}
