/** What is true of a scene of the corpus, and what a careful matcher does with it. */

/** What becomes of a scene, as far as matching decides it. */
export type Verdict =
  /** Exactly these items are written. */
  | { is: "found"; items: string[] }
  /**
   * Nothing is written, the scene waits for its file. With candidates it ends as ambiguous when
   * the wait is over: they have its bytes under another name.
   */
  | { is: "waits"; candidates?: string[] }
  /** Nothing is written; these and no others are named. */
  | { is: "ambiguous"; candidates: string[] }
  /** Nothing is written: the item has files of all these scenes, none with a better right. */
  | { is: "shared"; item: string; scenes: string[] };

export interface SceneTruth {
  sceneId: string;
  /** What is difficult about it: the name of its family. */
  hazard: string;
  /**
   * Items in use that have a file of the scene, by its path or by its bytes: whatever is written
   * to any other item is wrong.
   */
  items: string[];
  /** The only right outcome under strict matching with the corpus's own path map. */
  mapped: Verdict;
  /** The outcomes that are right under strict matching without any path map. */
  unmapped: Verdict[];
}

export const found = (...items: string[]): Verdict => ({ is: "found", items: [...items].sort() });
export const waits = (...candidates: string[]): Verdict =>
  candidates.length === 0 ? { is: "waits" } : { is: "waits", candidates: [...candidates].sort() };
export const ambiguous = (...candidates: string[]): Verdict => ({
  is: "ambiguous",
  candidates: [...candidates].sort(),
});
export const shared = (item: string, ...scenes: string[]): Verdict => ({
  is: "shared",
  item,
  scenes: [...scenes].sort(),
});
