/** What stands in every target under test, and what the conformance suite needs to do to one. */
import type { FieldName } from "../../src/core/sync/fields.ts";
import type { Item, Name } from "../../src/core/sync/item.ts";
import type { Runtime } from "../../src/core/runtime.ts";
import type { Section, Target } from "../../src/target/target.ts";

/** The libraries of every target under test. */
export const SECTIONS: readonly Section[] = [
  { id: "1", title: "Films", type: "movie", folders: ["/data/films"] },
  { id: "2", title: "Series", type: "episode", folders: ["/data/series"] },
];

/** What stands in them at the start: one item with all there is, one with a title, one episode. */
export const FILES = {
  full: { path: "/data/films/full.mp4", size: 1_000, durationMs: 60_000 },
  bare: { path: "/data/films/bare.mp4", size: 2_000, durationMs: 61_000 },
  episode: { path: "/data/series/one.mp4", size: 3_000, durationMs: 62_000 },
} as const;

/** The values of the full item, images left out. */
export const FULL = {
  title: "Full",
  studio: "Studio",
  summary: "What happens",
  tagline: "A line",
  date: "2020-01-02",
  performers: [{ name: "Ann", role: "Lead" }, { name: "Bob" }] as Name[],
  tags: ["One", "Two"],
  collection: ["Set"],
  rating: 7.5,
  locked: ["title", "tags"] as FieldName[],
} as const;

/** Habits that a target may have; a bench can switch each on. */
export type Quirk =
  /** Names that are written are added to those that stand there. */
  | "adds names"
  /** Of several names to remove in one request only the first goes. */
  | "removes one name"
  /** Writes succeed and change nothing. */
  | "deaf"
  /** Blanks around texts are cut off. */
  | "trims"
  /** A sent image shows a second later. */
  | "lags with images";

/** A target with the library above, and what a test needs to do to it from outside. */
export interface Bench extends AsyncDisposable {
  readonly target: Target;
  /** The identity of the server. */
  readonly server: string;
  /** The target's own clock, maybe a fast one. */
  readonly runtime: Runtime;
  set(quirk: Quirk): void;
  /** A file appears in a library and is scanned. */
  addFile(path: string): Promise<void>;
  /** Somebody else gives an item another title. */
  retitle(item: Item, title: string): Promise<void>;
  /** What was sent a second ago and is late comes to be seen. */
  passSecond(): void;
  /** Images whose bytes were sent. */
  uploads(): number;
  scans(): { section: string; folder: string }[];
  /** Our token is refused from now on. */
  refuseToken(): void;
  /** Nothing answers from now on. */
  stop(): Promise<void>;
}
