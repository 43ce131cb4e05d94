import type { CorpusBuilder } from "./builder.ts";

/** Scenes that are difficult in the same way. */
export interface Family {
  hazard: string;
  /** How often, relative to the others; 0 for once. */
  weight: number;
  /** How many `make` makes. */
  scenes: number;
  make(builder: CorpusBuilder, hazard: string): void;
}
