import type { BegunWrite } from "../core/journal/journal.ts";
import type { Memory } from "../core/sync/memory.ts";
import { learnedOf, machineOf } from "../core/meta_keys.ts";
import { type Database, transaction } from "./database/database.ts";
import { HoldStore } from "./journal/holds.ts";
import { ItemIndex } from "./library/item_index.ts";
import { Journal, type ShownImage } from "./journal/journal.ts";
import { JournalPruning } from "./journal/journal_pruning.ts";
import { Meta } from "./meta.ts";
import { Pins } from "./library/pins.ts";
import { UndoRequests } from "./journal/undo_requests.ts";
import { WrittenValues } from "./library/written_values.ts";

/** What is known for one target alone: item ids of one mean nothing on another. */
export class TargetStore {
  readonly index: ItemIndex;
  readonly written: WrittenValues;
  readonly journal: Journal;
  readonly pruning: JournalPruning;
  readonly holds: HoldStore;
  readonly undos: UndoRequests;
  readonly pins: Pins;

  /** @param target Its key */
  constructor(private readonly database: Database, readonly target: string) {
    this.index = new ItemIndex(database, target);
    this.written = new WrittenValues(database, target);
    this.journal = new Journal(database, target);
    this.pruning = new JournalPruning(database, target);
    this.holds = new HoldStore(database, target, this.index);
    this.undos = new UndoRequests(database, target);
    this.pins = new Pins(database, target);
  }

  /**
   * Notes what is about to be written, for the decisions to come and for an undo, in one
   * transaction; `WrittenValues.put` for an item forgets it.
   * @param shown Images that are shown before: which write brought one is not known later
   * @param now Epoch ms
   * @returns the ids of the writes, in the same order
   */
  beginWrites(
    memories: readonly Memory[],
    writes: readonly BegunWrite[],
    now: number,
    shown: readonly ShownImage[] = [],
  ): number[] {
    return transaction(this.database, () => {
      this.journal.shown(shown);
      for (const memory of memories) this.written.put(memory);
      return this.journal.begin(writes, now);
    });
  }

  /** Forgets all of it: the server behind the address is another one. */
  forget(): void {
    transaction(this.database, () => {
      this.index.clear();
      this.written.clear();
      this.journal.clear();
      this.holds.clear();
      this.undos.clear();
      this.pins.clear();
      const meta = new Meta(this.database);
      for (const key of [machineOf, learnedOf]) meta.remove(key(this.target));
    });
  }
}
